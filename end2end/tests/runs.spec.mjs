// The list of runs: its filters live in the address.
import { expect, hydrated, logIn, test } from "../support/test.mjs";

const chip = (page, name) => page.locator(".filters").getByRole("link", { name, exact: true });
const rows = (page) => page.getByRole("table", { name: "Runs" }).getByRole("row").filter({ has: page.locator("td") });

async function settledRuns(stack, count) {
  await expect
    .poll(async () => (await stack.rest("runs?limit=100")).items.filter(({ status }) => ["success", "failed"].includes(status)).length)
    .toBe(count);
}

test.describe("filters", () => {
  test.beforeEach(async ({ page, stack }) => {
    await stack.startRun("text-summary", { text: "One." });
    await stack.startRun("always-fails", {});
    await stack.startRun("always-fails", {}, { environment: "prod" });
    await settledRuns(stack, 3);
    await logIn(page);
    await page.goto("/runs");
    await hydrated(page);
    await expect(rows(page)).toHaveCount(3);
  });

  test("by status and by environment, one after the other, and back again", async ({ page }) => {
    await chip(page, "Failed").click();
    await expect(page).toHaveURL(/\/runs\?status=failed$/);
    await expect(rows(page)).toHaveCount(2);
    await expect(chip(page, "Failed")).toHaveAttribute("aria-current", "true");

    await chip(page, "prod").click();
    await expect(page).toHaveURL(/\/runs\?status=failed&environment=prod$/);
    await expect(rows(page)).toHaveCount(1);
    await expect(rows(page).first()).toContainText("prod");

    await chip(page, "Success").click();
    await expect(page).toHaveURL(/\/runs\?status=success&environment=prod$/);
    await expect(page.getByText("No runs match")).toBeVisible();

    await page.goBack();
    await expect(page).toHaveURL(/\/runs\?status=failed&environment=prod$/);
    await expect(rows(page)).toHaveCount(1);
    await expect(chip(page, "Failed")).toHaveAttribute("aria-current", "true");
    await page.goBack();
    await expect(rows(page)).toHaveCount(2);
    await expect(chip(page, "prod")).not.toHaveAttribute("aria-current");
    await page.goBack();
    await expect(page).toHaveURL(/\/runs$/);
    await expect(rows(page)).toHaveCount(3);
    await expect(chip(page, "All")).toHaveAttribute("aria-current", "true");
  });

  test("are all in the address: a reload and a bookmark show the same", async ({ page, context }) => {
    await chip(page, "Failed").click();
    await chip(page, "dev").click();
    await expect(page).toHaveURL(/\/runs\?status=failed&environment=dev$/);
    await page.reload();
    const bookmark = await context.newPage();
    await bookmark.goto(page.url());
    for (const tab of [page, bookmark]) {
      await hydrated(tab);
      await expect(rows(tab)).toHaveCount(1);
      await expect(chip(tab, "Failed")).toHaveAttribute("aria-current", "true");
      await expect(chip(tab, "dev")).toHaveAttribute("aria-current", "true");
    }
  });

  test("a chosen environment is let go by choosing it again", async ({ page }) => {
    await chip(page, "dev").click();
    await expect(rows(page)).toHaveCount(2);
    await chip(page, "dev").click();
    await expect(page).toHaveURL(/\/runs$/);
    await expect(rows(page)).toHaveCount(3);
  });

  test("by workflow, from its own page", async ({ page }) => {
    await page.goto("/dev/workflows/always-fails");
    await hydrated(page);
    await page.getByRole("link", { name: "Past runs" }).click();
    await expect(page).toHaveURL(/\/runs\?environment=dev&workflow=always-fails$/);
    await expect(rows(page)).toHaveCount(1);
    await chip(page, "always-fails").click();
    await expect(page).toHaveURL(/\/runs\?environment=dev$/);
    await expect(rows(page)).toHaveCount(2);
  });
});

test("more runs than a page has room for: every one is on exactly one page", async ({ page, stack }) => {
  const started = [];
  for (let n = 0; n < 53; n += 1) started.push((await stack.startRun("always-fails", {})).id);
  await settledRuns(stack, 53);
  await logIn(page);
  await page.goto("/runs");
  await hydrated(page);
  const addresses = () => rows(page).getByRole("link").evaluateAll((links) => links.map((link) => link.pathname));
  await expect(rows(page)).toHaveCount(50);
  const first = await addresses();
  const pager = page.getByRole("navigation", { name: "Pages" });
  await expect(pager.getByRole("link", { name: "Newest" })).toHaveCount(0);
  await pager.getByRole("link", { name: "Older" }).click();
  await expect(page).toHaveURL(/\/runs\?after=/);
  await expect(rows(page)).toHaveCount(3);
  await expect(pager.getByRole("link", { name: "Older" })).toHaveCount(0);
  expect([...first, ...(await addresses())]).toEqual(started.toReversed().map((id) => `/runs/${id}`));

  await page.goBack();
  await expect(rows(page)).toHaveCount(50);
  await page.goForward();
  await expect(rows(page)).toHaveCount(3);
  await pager.getByRole("link", { name: "Newest" }).click();
  await expect(page).toHaveURL(/\/runs$/);
  await expect(rows(page)).toHaveCount(50);
});
