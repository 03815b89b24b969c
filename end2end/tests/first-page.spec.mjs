// What the first page of a visit brings along, and what it still has to ask for.
import { expect, expectAccessible, hydrated, logIn, openWorkflow, runTextSummary, test, textField } from "../support/test.mjs";

test("the style sheet comes with the document, under its nonce", async ({ page }) => {
  const asked = [];
  page.on("request", (request) => asked.push(request.resourceType()));
  await logIn(page);
  await hydrated(page);
  for (const answer of [await page.reload(), await page.goto("/login")]) {
    const policy = answer.headers()["content-security-policy"];
    expect(policy).toMatch(/style-src 'self' 'nonce-[^']{16,}';/);
    expect(policy).not.toContain("unsafe-inline");
  }
  expect(asked).toContain("document");
  expect(asked).not.toContain("stylesheet");
  const [grid, radius] = await page
    .getByRole("button", { name: "Log in" })
    .evaluate((button) => [getComputedStyle(button.closest("main")).display, getComputedStyle(button).borderTopLeftRadius]);
  expect([grid, radius], "styled").toEqual([expect.stringMatching(/grid|flex/), "6px"]);
});

test("the bundle is asked for by the document's header, and once", async ({ page }) => {
  await logIn(page);
  await hydrated(page);
  const asked = [];
  page.on("request", (request) => asked.push(new URL(request.url()).pathname));
  const answer = await page.reload();
  await hydrated(page);
  const bundle = asked.filter((path) => path.endsWith(".wasm"));
  expect(bundle).toHaveLength(1);
  expect(answer.headers().link).toContain(`<${bundle[0]}>; rel=preload`);
});

test("who is logged in is there without a request", async ({ page, problems }) => {
  problems.allowStatus(404, /not\/there/);
  await logIn(page);
  await hydrated(page);
  const calls = [];
  page.on("request", (request) => request.url().includes("/rpc/") && request.headers().referer?.includes("/not/there") && calls.push(request.url()));
  const events = page.waitForRequest(/\/events\?after=/);
  await page.goto("/a/page/that/is/not/there");
  await hydrated(page);
  await events;
  await expect(page.getByRole("button", { name: /account of/ })).toBeVisible();
  expect(calls).toEqual([]);
});

test("a form that came with the document is not asked for again", async ({ page }) => {
  await logIn(page);
  const calls = [];
  page.on("request", (request) => request.url().includes("/rpc/workflow_page") && calls.push(request.url()));
  await openWorkflow(page, "text-summary");
  await textField(page).fill("What is typed stays.");
  await expect(page.locator(".live")).toHaveAttribute("data-state", "live");
  await page.evaluate(() => fetch("/healthz"));
  expect(calls).toEqual([]);
  await expect(textField(page)).toHaveValue("What is typed stays.");
});

test("an upstream that answers in no spelling is called unverified", async ({ page, stack }) => {
  await stack.stopDashboard();
  await stack.switches({ path_styles: [] });
  await stack.startDashboard();
  await logIn(page);
  await hydrated(page);
  await expect(page.getByRole("heading", { name: "The connection to Codika is unverified" })).toBeVisible();
  await expect(page.locator("main")).toContainText("CODIKA_PATH_STYLE");
  await expectAccessible(page);
});

test.describe("in New York", () => {
  test.use({ timezoneId: "America/New_York" });

  test("an exact time is printed in the reader's own zone, where no mouse is needed", async ({ page }) => {
    await logIn(page);
    await runTextSummary(page, "Now. Then.");
    const submitted = page.locator(".facts time").first();
    const local = await submitted.evaluate(({ dateTime }) => {
      const at = new Date(dateTime);
      const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
      const two = (n) => String(n).padStart(2, "0");
      return `${at.getDate()} ${months[at.getMonth()]} ${at.getFullYear()}, ${two(at.getHours())}:${two(at.getMinutes())}`;
    });
    await expect(submitted).toHaveText(`just now (${local})`);
    await page.goto("/runs");
    await hydrated(page);
    const row = page.getByRole("row", { name: /Text summary/ });
    await expect(row).toContainText("Now. Then.");
    await row.getByRole("link").focus();
    const shown = await row.locator("time").evaluate((time) => getComputedStyle(time, "::after").content);
    expect(shown, "a row with the focus tells its exact time").toContain(local);
  });
});
