import { expect, expectStatus, logIn, openWorkflow, runButton, runTextSummary, test } from "../support/test.mjs";

test("with /events blocked the result arrives by asking, and the page says so", async ({ page, problems }) => {
  problems.allow(/\/events/);
  await page.route(/\/events\?/, (route) => route.abort());
  await logIn(page);
  await runTextSummary(page, "Nobody tells this page anything. It has to ask.");
  await expect(page.getByText("Live updates paused")).toBeVisible({ timeout: 30_000 });
  await expectStatus(page, "Success", { timeout: 20_000 });
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
