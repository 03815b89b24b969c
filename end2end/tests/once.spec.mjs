// However often a form is submitted, its draft key makes it one execution.
import {
  expect,
  expectStatus,
  hydrated,
  logIn,
  openWorkflow,
  runButton,
  runTextSummary,
  test,
  textField,
  triggersWith,
} from "../support/test.mjs";
import { Relay } from "../support/relay.mjs";

const text = "One sentence, once. Another sentence, once.";

async function expectOneExecution(stack) {
  await expect.poll(async () => (await triggersWith(stack, text)).length).toBe(1);
  expect((await stack.ledger()).counts.triggers).toBe(1);
}

test.beforeEach(async ({ page }) => logIn(page));

test("behaviour 24: three clicks at once are one execution", async ({ page, stack }) => {
  await openWorkflow(page, "text-summary");
  await textField(page).fill(text);
  await runButton(page).click({ clickCount: 3 });
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expectStatus(page, "Success");
  await expectOneExecution(stack);
});

test("behaviour 24: Enter held on the button is one execution", async ({ page, stack }) => {
  await openWorkflow(page, "text-summary");
  await textField(page).fill(text);
  await runButton(page).focus();
  // Without awaiting in between: the keys arrive while the first submit is under way.
  await Promise.all([1, 2, 3].map(() => page.keyboard.press("Enter")));
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expectStatus(page, "Success");
  await expectOneExecution(stack);
});

test("behaviour 26: Back shows that the form was used and submits nothing", async ({ page, stack }) => {
  await runTextSummary(page, text);
  const run = page.url();
  await expectStatus(page, "Success");
  await page.goBack();
  await page.waitForURL(/draft=/);
  await expect(page.getByRole("heading", { name: "Already run" })).toBeVisible();
  await page.getByRole("link", { name: "Open the run" }).click();
  await page.waitForURL(run);
  await expectOneExecution(stack);
});

test("behaviour 26: Back and a reload still show that the form was used", async ({ page, stack }) => {
  await runTextSummary(page, text);
  await expectStatus(page, "Success");
  await page.goBack();
  await page.waitForURL(/draft=/);
  await page.reload();
  await hydrated(page);
  await expect(page.getByRole("heading", { name: "Already run" })).toBeVisible();
  const used = new URL(page.url()).searchParams.get("draft");
  await page.getByRole("link", { name: "Start another" }).click();
  await expect(textField(page)).toBeVisible();
  await expect.poll(() => new URL(page.url()).searchParams.get("draft")).not.toBe(used);
  await expectOneExecution(stack);
});

test("behaviour 26: a duplicated tab submits the same run", async ({ page, context, stack }) => {
  await openWorkflow(page, "text-summary");
  const twin = await context.newPage();
  await twin.goto(page.url());
  await hydrated(twin);
  for (const tab of [page, twin]) await textField(tab).fill(text);
  await Promise.all([runButton(page).click(), runButton(twin).click()]);
  await Promise.all([page, twin].map((tab) => tab.waitForURL(/\/runs\/[^/?]+$/)));
  expect(twin.url()).toBe(page.url());
  await expectStatus(page, "Success");
  await expectStatus(twin, "Success");
  await expectOneExecution(stack);
});

test("behaviour 25: a tab closed right after the click loses nothing", async ({ page, context, stack }) => {
  await stack.faults({ endpoint: "trigger", delay_ms: 2000 });
  const headers = { authorization: `Bearer ${stack.token()}` };
  const stored = async () => (await (await fetch(`${stack.url}/api/v1/runs`, { headers })).json()).items.length;
  await openWorkflow(page, "text-summary");
  await textField(page).fill(text);
  await runButton(page).click();
  // A browser may drop what a tab was about to send when it closes; from the first byte that arrived on it is ours.
  await expect.poll(stored, { intervals: [5] }).toBe(1);
  await page.close();

  const later = await context.newPage();
  await expect(async () => {
    await later.goto("/runs");
    await expect(later.getByRole("row").filter({ hasText: "Success" })).toHaveCount(1, { timeout: 500 });
  }).toPass({ timeout: 20_000 });
  await expectOneExecution(stack);
});

// Nobody waits for anything between the click and the end of the browser. Whether the form still leaves it is the
// browser's affair; when it did, it is a run, and one only.
for (const javaScriptEnabled of [false, true]) {
  test(`behaviour 25: the browser is closed with the click, ${javaScriptEnabled ? "with" : "without"} JavaScript: what was sent is one run`, async ({
    browser,
    stack,
  }, testInfo) => {
    const relay = await Relay.start(stack.url);
    const sent = () => relay.posts(/^\/rpc\/start_run|^\/dev\/workflows\/text-summary/).length;
    const tries = 3;
    for (let n = 1; n <= tries; n += 1) {
      const context = await browser.newContext({ javaScriptEnabled, baseURL: relay.url });
      const page = await context.newPage();
      await logIn(page);
      await openWorkflow(page, "text-summary", { live: javaScriptEnabled });
      await textField(page).fill(`${text} ${n}`);
      await runButton(page).click({ noWaitAfter: true });
      await context.close();
      await expect.poll(() => relay.open, "connections of the closed browser").toBe(0);
      await expect.poll(async () => (await stack.rest("runs")).items.length, "runs").toBe(sent());
      await expect.poll(async () => (await stack.ledger()).counts.triggers, "triggers").toBe(sent());
    }
    testInfo.annotations.push({ type: "sent", description: `${sent()} of ${tries}` });
    expect(sent(), "forms that left the browser").toBeGreaterThan(0);
    const { items } = await stack.rest("runs");
    for (const { id } of items) await expect.poll(async () => (await stack.rest(`runs/${id}`)).status).toBe("success");
    for (let n = 1; n <= tries; n += 1) expect((await triggersWith(stack, `${text} ${n}`)).length).toBeLessThanOrEqual(1);
    await relay.end();
  });
}
