import { expect, expectStatus, hydrated, logIn, openWorkflow, runButton, runTextSummary, test } from "../support/test.mjs";

test("with /events blocked the result arrives by asking, and the page says so", async ({ page, problems }) => {
  problems.allow(/\/events/);
  await page.route(/\/events\?/, (route) => route.abort());
  await logIn(page);
  await runTextSummary(page, "Nobody tells this page anything. It has to ask.");
  await expect(page.getByText("Live updates paused")).toBeVisible({ timeout: 30_000 });
  await expectStatus(page, "Success", { timeout: 20_000 });
});

test.describe("with /events blocked", () => {
  test.beforeEach(async ({ page, problems }) => {
    problems.allow(/\/events/);
    await page.route(/\/events\?/, (route) => route.abort());
    await logIn(page);
  });

  // Neither page reads anything again by itself; only a page of a run does.
  for (const [name, path] of [["Home", "/dev"], ["the list of runs", "/runs"]]) {
    test(`${name} asks by itself and shows a run that somebody else started`, async ({ page, stack }) => {
      await page.goto(path);
      await hydrated(page);
      await expect(page.getByText("Live updates paused")).toBeVisible({ timeout: 30_000 });
      const { id } = await stack.startRun("text-summary", { text: "Started elsewhere. Seen here." });
      const row = page.getByRole("row").filter({ has: page.locator(`a[href="/runs/${id}"]`) });
      await expect(row).toContainText("Success", { timeout: 20_000 });
      await expect(page.getByText("Live updates paused")).toBeVisible();
    });
  }
});

test.describe("the icon and the title of the tab", () => {
  test.use({ stackOptions: { speed: 1 } });

  const icon = (page) => page.locator("link#favicon");

  test("say that a run is under way, that it went well, and nothing on the next page", async ({ page }) => {
    await logIn(page);
    await runTextSummary(page, "The icon of the tab tells the state. One need not look.");
    await expectStatus(page, "Running");
    await expect(icon(page)).toHaveAttribute("href", "/favicon-pending.svg");
    await expect(page).toHaveTitle(/^… Text summary/);
    await expectStatus(page, "Success", { timeout: 30_000 });
    await expect(icon(page)).toHaveAttribute("href", "/favicon-done.svg");
    await expect(page).toHaveTitle(/^✓ Text summary/);
    await page.getByRole("link", { name: "Runs", exact: true }).first().click();
    await page.waitForURL(/\/runs$/);
    await expect(icon(page)).toHaveAttribute("href", "/favicon.svg");
    await expect(page).toHaveTitle(/^Runs/);
  });

  test("say that a run failed", async ({ page }) => {
    await logIn(page);
    await openWorkflow(page, "always-fails");
    await runButton(page).click();
    await page.waitForURL(/\/runs\/[^/?]+$/);
    await expectStatus(page, "Failed", { timeout: 30_000 });
    await expect(icon(page)).toHaveAttribute("href", "/favicon-failed.svg");
    await expect(page).toHaveTitle(/^✗ Always fails/);
  });
});

test.describe("a slow run", () => {
  test.use({ stackOptions: { speed: 1 } });

  test("is followed live in two tabs", async ({ page, context }) => {
    await logIn(page);
    await runTextSummary(page, "Two people look at one run. Both see it end.");
    const other = await context.newPage();
    await other.goto(page.url());
    await Promise.all([page, other].map((tab) => expectStatus(tab, "Success", { timeout: 30_000 })));
    await expect(page.locator(".result")).toBeVisible();
    await expect(other.locator(".result")).toBeVisible();
  });

  test("shows in the tab's title how it stands", async ({ page }) => {
    await logIn(page);
    await runTextSummary(page, "The title of the tab tells the state. One need not look.");
    const pending = await page.title();
    await expectStatus(page, "Success", { timeout: 30_000 });
    await expect.poll(() => page.title()).not.toBe(pending);
  });

  test("can be left alone", async ({ page, stack }) => {
    await logIn(page);
    await openWorkflow(page, "slow-report");
    await runButton(page).click();
    await page.waitForURL(/\/runs\/[^/?]+$/);
    await expectStatus(page, "Running");
    await expect(page.getByText("Codika cannot stop a run")).toBeVisible();
    await page.getByRole("button", { name: "Stop waiting" }).click();
    await expectStatus(page, "No answer yet");
    expect((await stack.ledger()).counts.triggers).toBe(1);
  });
});

test("focus and selection survive ten updates of a running page, and its end", async ({ page, stack }) => {
  const pending = { success: true, execution: { executionId: "{{executionId}}", status: "pending", createdAt: "2026-01-01T00:00:00.000Z" } };
  await stack.faults({ endpoint: "status", always: true, body: pending });
  await page.clock.install();
  await logIn(page);
  await runTextSummary(page, "Somebody reads this page. It stays as it is.");
  await expectStatus(page, "Running");
  await hydrated(page);
  const stop = page.getByRole("button", { name: "Stop waiting" });
  const bar = page.getByRole("progressbar");
  await expect(bar, "without history nobody knows a share").not.toHaveAttribute("value");

  const select = (text) =>
    page.getByText(text).evaluate((element) => {
      getSelection().selectAllChildren(element);
      // What is replaced, be it by the same again, is not connected any more.
      window.held = [element, element.firstChild, document.activeElement];
    });
  const stillThere = () => page.evaluate(() => window.held.every((node) => node.isConnected));
  const selected = () => page.evaluate(() => String(getSelection()));
  const update = () => Promise.all([page.waitForResponse(/\/rpc\/get_run/), page.clock.runFor(5_000)]);

  const note = "You can leave this page; the run goes on and its result will be here.";
  await stop.focus();
  await select(note);
  for (let n = 0; n < 5; n += 1) await update();
  await expect(stop).toBeFocused();
  expect(await selected()).toBe(note);
  expect(await stillThere()).toBe(true);

  const again = page.getByRole("link", { name: /^Run again/ });
  await again.focus();
  await select(/^Submitted .* by /);
  const before = await selected();
  for (let n = 0; n < 5; n += 1) await update();
  await fetch(`${stack.emulator}/_emulator/faults`, { method: "DELETE" });
  await page.clock.runFor(30_000);
  await expectStatus(page, "Success", { timeout: 45_000 });
  await expect(again).toBeFocused();
  expect((await selected()).slice(-12)).toBe(before.slice(-12));
  expect(await stillThere()).toBe(true);
});

test("when the button that has the focus goes, the focus stays at its place", async ({ page, stack }) => {
  await stack.faults({ endpoint: "status", always: true, status: 503, body: "", content_type: "text/plain" });
  await logIn(page);
  await runTextSummary(page, "Nobody answers. Somebody stops waiting.");
  await expectStatus(page, "Running");
  await hydrated(page);
  await page.getByRole("button", { name: "Stop waiting" }).focus();
  await page.keyboard.press("Enter");
  await expectStatus(page, "No answer yet");
  await expect(page.locator(".run-panel")).toBeFocused();
});
