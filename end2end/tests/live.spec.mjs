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
