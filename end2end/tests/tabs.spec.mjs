// Live updates over many tabs, over sleep, and over streams that break.
import { expect, expectStatus, hydrated, logIn, openWorkflow, runButton, runTextSummary, test } from "../support/test.mjs";

const count = (page) => page.locator(".rail-count");
const indicator = (page) => page.locator(".live");

async function expectLive(page, options) {
  await expect(indicator(page)).toHaveText("Live", options);
}

/** Counts the streams that the pages of a context have open, by what they ask the server for. */
function streams(context) {
  const open = new Set();
  const asked = [];
  context.on("request", (request) => {
    if (!new URL(request.url()).pathname.endsWith("/events")) return;
    open.add(request);
    asked.push({ page: request.frame().page(), address: request.url(), request });
  });
  for (const over of ["requestfailed", "requestfinished"]) context.on(over, (request) => open.delete(request));
  return { open: () => asked.filter(({ page, request }) => open.has(request) && !page.isClosed()).length, asked };
}

test("a number of running runs that went wrong is put right", async ({ page, context, stack }) => {
  await logIn(page);
  await expectLive(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await expectLive(other);
  // The other tab is told once more that a run began, as if it had been counted already.
  const name = await other.evaluate(async () => {
    const [{ name }] = (await navigator.locks.query()).held;
    window.channel = new BroadcastChannel(name);
    window.channel.onmessage = ({ data }) => data.startsWith("run\n") && data.includes('"submitted"') && (window.submitted = data);
    return name;
  });
  await fetch(`${stack.url}/api/v1/runs`, {
    method: "POST",
    headers: { authorization: `Bearer ${stack.token()}`, "content-type": "application/json" },
    body: JSON.stringify({ environment: "dev", workflow: "text-summary", input: { text: "Once. Not twice." } }),
  });
  const said = await (await other.waitForFunction(() => window.submitted)).jsonValue();
  await expect(count(other)).toHaveCount(0);
  await page.evaluate(([name, said]) => new BroadcastChannel(name).postMessage(said), [name, said]);
  await expect(count(other)).toContainText("1");
  await expect(count(other)).toHaveCount(0, { timeout: 10_000 });
});

test.describe("with a slow workflow", () => {
  test.use({ stackOptions: { speed: 1 } });

  test("behaviour 28: ten tabs share one stream and all can be used", async ({ page, context }) => {
    const seen = streams(context);
    await logIn(page);
    await expectLive(page);
    await runTextSummary(page, "Ten tabs look at one run. One of them listens for all.");
    const tabs = [page];
    while (tabs.length < 10) {
      const tab = await context.newPage();
      await tab.goto(page.url());
      tabs.push(tab);
    }
    for (const tab of tabs) await expectLive(tab);
    expect(seen.open(), "streams").toBe(1);

    // The last tab loads pages and submits a form, which six streams of HTTP/1.1 would not leave room for.
    const last = tabs.at(-1);
    await openWorkflow(last, "slow-report");
    await runButton(last).click();
    await last.waitForURL(/\/runs\/[^/?]+$/);
    await expectStatus(last, "Running");
    for (const tab of tabs.slice(0, -1)) await expectStatus(tab, "Success", { timeout: 30_000 });
    expect(seen.open(), "streams").toBe(1);
  });

  test("when the tab with the stream is closed, another one goes on where it was", async ({ page, context }) => {
    const seen = streams(context);
    await logIn(page);
    await runTextSummary(page, "The first tab goes. The second one is told all the same.");
    await expectLive(page);
    const heir = await context.newPage();
    await heir.goto(page.url());
    await expectLive(heir);
    expect(seen.asked.every((one) => one.page === page)).toBe(true);
    await page.close();
    await expect.poll(() => seen.asked.some((one) => one.page === heir)).toBe(true);
    const { address } = seen.asked.find((one) => one.page === heir);
    expect(new URL(address).searchParams.get("after")).toMatch(/^[0-9a-f]+-\d+$/);
    await expectLive(heir);
    await expectStatus(heir, "Success", { timeout: 30_000 });
    expect(seen.open(), "streams").toBe(1);
  });
});

test("a page asks for nothing twice when its stream opens, and misses nothing in between", async ({ page, stack }) => {
  await logIn(page);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\/events\?/, async (route) => {
    await held;
    await route.continue();
  });
  const asked = [];
  page.on("request", (request) => request.url().includes("/rpc/") && asked.push(request.url()));
  await page.goto("/runs");
  await hydrated(page);
  // Between the page and its stream a program starts a run.
  const body = JSON.stringify({ environment: "dev", workflow: "never-answers", input: {} });
  const headers = { authorization: `Bearer ${stack.token()}`, "content-type": "application/json" };
  const started = await fetch(`${stack.url}/api/v1/runs`, { method: "POST", headers, body });
  expect(started.status).toBe(202);
  expect(asked).toEqual([]);
  release();
  await expectLive(page);
  await expect(page.getByRole("link", { name: "1 new run" })).toBeVisible();
  expect(asked, "the event alone tells").toEqual([]);
});

test("behaviour 27: after eight hours of sleep the page says that it may be old, then catches up", async ({ page, stack, problems }) => {
  problems.allow(/\/events|ERR_INTERNET_DISCONNECTED/);
  await page.clock.install();
  await logIn(page);
  await openWorkflow(page, "never-answers");
  await runButton(page).click();
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expectStatus(page, "Running");
  await expectLive(page);

  // Asleep: nothing reaches the page, and none of its timers fires.
  await page.context().setOffline(true);
  const headers = { authorization: `Bearer ${stack.token()}`, "content-type": "application/json" };
  const run = page.url().split("/").at(-1);
  const execution = (await (await fetch(`${stack.emulator}/_emulator/executions?limit=1`)).json()).executions[0];
  const answer = await fetch(`${stack.emulator}/submitworkflowresult`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ executionId: execution.execution_id, executionSecret: execution.execution_secret, resultData: { summary: "Done at night." } }),
  });
  expect(answer.ok, await answer.text()).toBe(true);
  await expect
    .poll(async () => (await (await fetch(`${stack.url}/api/v1/runs/${run}`, { headers })).json()).status, { timeout: 30_000 })
    .toBe("success");
  await expectStatus(page, "Running");

  await page.clock.fastForward("08:00:00");
  await expect(indicator(page)).toHaveText(/May be out of date|Reconnecting|Live updates paused/);
  await page.context().setOffline(false);
  await expectStatus(page, "Success", { timeout: 40_000 });
  await expectLive(page, { timeout: 40_000 });
});

test("a stream that falls silent is replaced after 45 s, and what was missed is told", async ({ page, stack, problems }) => {
  problems.allow(/\/events/);
  const asked = [];
  // The first stream opens and then says nothing any more, as behind a proxy that has lost its other side.
  await page.addInitScript(() => {
    const Real = globalThis.EventSource;
    let first = true;
    globalThis.EventSource = class extends Real {
      constructor(address) {
        super(address);
        this.mute = first;
        first = false;
      }
      addEventListener(name, listener, ...rest) {
        super.addEventListener(name, (event) => (this.mute && name !== "open" ? undefined : listener(event)), ...rest);
      }
    };
  });
  page.on("request", (request) => request.url().includes("/events?") && asked.push(request.url()));
  await page.clock.install();
  await logIn(page);
  await page.goto("/runs");
  await expectLive(page);
  const before = asked.length;
  const headers = { authorization: `Bearer ${stack.token()}`, "content-type": "application/json" };
  const body = JSON.stringify({ environment: "dev", workflow: "never-answers", input: {} });
  await fetch(`${stack.url}/api/v1/runs`, { method: "POST", headers, body });
  await page.clock.runFor(40_000);
  expect(asked.length, "not before 45 s").toBe(before);
  await expectLive(page);
  await page.clock.runFor(7_000);
  await expect.poll(() => asked.length).toBeGreaterThan(before);
  await expectLive(page, { timeout: 20_000 });
  await expect(page.getByRole("link", { name: "1 new run" })).toBeVisible();
});

test("a hidden tab asks once a minute while live updates are paused, a visible one every 5 s", async ({ page, problems }) => {
  problems.allow(/\/events/);
  await page.route(/\/events\?/, (route) => route.fulfill({ status: 503, body: "" }));
  await page.addInitScript(() => {
    Object.defineProperty(Document.prototype, "hidden", { configurable: true, get: () => globalThis.pretendHidden === true });
  });
  await page.clock.install();
  await logIn(page);
  await page.goto("/runs");
  await hydrated(page);
  let asked = 0;
  // The page's own question; the number of running runs is asked for together with it.
  page.on("request", (request) => (asked += request.url().includes("/rpc/list_runs") ? 1 : 0));
  await expect(async () => {
    await page.clock.runFor(5_000);
    await expect(indicator(page)).toHaveText("Live updates paused", { timeout: 500 });
  }).toPass({ timeout: 30_000 });

  const during = async (seconds) => {
    const before = asked;
    for (let passed = 0; passed < seconds; passed += 5) {
      await page.clock.runFor(5_000);
      await page.waitForTimeout(50);
    }
    return asked - before;
  };
  expect(await during(60)).toBeGreaterThanOrEqual(10);
  await page.evaluate(() => (globalThis.pretendHidden = true));
  expect(await during(180)).toBeLessThanOrEqual(4);
  await page.evaluate(() => (globalThis.pretendHidden = false));
  expect(await during(30)).toBeGreaterThanOrEqual(4);
});
