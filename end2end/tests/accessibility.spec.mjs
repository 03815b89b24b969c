// axe on every page, light and dark, wide and narrow; and nothing moves when wasm takes over.
import { expect, expectAccessible, expectStatus, hydrated, logIn, runTextSummary, test, violations } from "../support/test.mjs";

const PAGES = ["/dev", "/prod", "/runs", "/dev/workflows/text-summary", "/dev/workflows/lead-score", "/dev/add-workflow", "/settings/profile", "/settings/tokens", "/settings/people", "/settings/groups", "/settings/environments", "/audit", "/settings/about"];
const PHONE = { width: 390, height: 844 };
const LOOKS = ["light", "dark"].flatMap((colorScheme) => [{ width: 1280, height: 860 }, PHONE].map((viewport) => ({ colorScheme, viewport })));

/** Looks at what is open in light and dark, wide and narrow. */
async function expectAccessibleInAllLooks(page) {
  for (const { colorScheme, viewport } of LOOKS) {
    await test.step(`${colorScheme}, ${viewport.width} px`, async () => {
      await page.emulateMedia({ colorScheme });
      await page.setViewportSize(viewport);
      await expectAccessible(page);
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `pixels ${page.url()} is wider than the screen`).toBeLessThanOrEqual(0);
    });
  }
}

for (const { colorScheme, viewport } of LOOKS) {
  test.describe(`${colorScheme}, ${viewport.width} px`, () => {
    test.use({ colorScheme, viewport });

    test("axe finds nothing", async ({ page }) => {
      test.setTimeout(120_000);
      await page.goto("/login");
      await expectAccessible(page);
      await logIn(page);
      await runTextSummary(page, "Contrast matters. So do labels.");
      await expectStatus(page, "Success");
      await expectAccessible(page);
      for (const path of PAGES) {
        await test.step(path, async () => {
          await page.goto(path);
          await hydrated(page);
          await expectAccessible(page);
          const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
          expect(overflow, `pixels ${path} is wider than the screen`).toBeLessThanOrEqual(0);
        });
      }
    });
  });
}

test("the check itself notices what it should", async ({ page }) => {
  await page.setContent(`<!doctype html><html lang="en"><title>Bad</title><main><h1>Bad</h1>
    <p style="color: #ccc; background: #fff">Pale</p>
    <style>button { width: 10px; height: 10px; padding: 0; border: 0 }</style>
    <button aria-label="One"></button><button aria-label="Two"></button><input></main>`);
  expect((await violations(page)).map((text) => text.split(":")[0]).sort()).toEqual(["color-contrast", "label", "target-size"]);
});

test.describe("before there is an account", () => {
  test.use({ stackOptions: { admin: false } });

  test("axe finds nothing on the page that makes the administrator", async ({ page, stack }) => {
    await page.goto(stack.setUpLink());
    await expect(page.getByRole("heading", { name: "Create the administrator" })).toBeVisible();
    await expectAccessibleInAllLooks(page);
  });
});

test("axe finds nothing on an address that is none", async ({ page, problems }) => {
  problems.allowStatus(404);
  await logIn(page);
  await page.goto("/a/page/that/is/not/there");
  await hydrated(page);
  await expect(page.getByRole("heading", { name: "Not found" })).toBeVisible();
  await expectAccessibleInAllLooks(page);
});

test("axe finds nothing in the palette", async ({ page }) => {
  await logIn(page);
  await hydrated(page);
  await page.keyboard.press("Control+k");
  const palette = page.getByRole("dialog", { name: "Search or jump" });
  await expect(palette.getByRole("option", { name: "Text summary" })).toBeVisible();
  await expectAccessibleInAllLooks(page);
  await page.keyboard.type("nothing has this name");
  await expect(palette.getByRole("status")).toContainText("Nothing here is called");
  await expectAccessibleInAllLooks(page);
});

test("axe finds nothing in the list of keys", async ({ page }) => {
  await logIn(page);
  await hydrated(page);
  await page.keyboard.press("?");
  await expect(page.getByRole("dialog", { name: "Keyboard shortcuts" })).toBeVisible();
  await expectAccessibleInAllLooks(page);
});

test("axe finds nothing in the menus of the bar", async ({ page }) => {
  await logIn(page);
  await hydrated(page);
  await page.getByRole("button", { name: /^Environment/ }).click();
  await expect(page.getByRole("link", { name: /^prod/ })).toBeVisible();
  await expectAccessibleInAllLooks(page);
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: /account of/ }).click();
  await expect(page.getByRole("button", { name: "Log out" })).toBeVisible();
  await expectAccessibleInAllLooks(page);
});

test("axe finds nothing on any tab of a run", async ({ page }) => {
  test.setTimeout(120_000);
  await logIn(page);
  await runTextSummary(page, "Every tab can be read. Not only the first one.");
  await expectStatus(page, "Success");
  const run = page.url();
  for (const [tab, name] of [["input", "Input"], ["events", "Events"], ["details", "Details"]]) {
    await page.goto(`${run}?tab=${tab}`);
    await hydrated(page);
    await expect(page.getByRole("link", { name, exact: true })).toHaveAttribute("aria-current", "page");
    await expectAccessibleInAllLooks(page);
  }
});

test("axe finds nothing on a filtered list of runs", async ({ page, stack }) => {
  await stack.startRun("always-fails", {});
  await logIn(page);
  await page.goto("/runs?environment=dev&workflow=always-fails");
  await hydrated(page);
  await expect(page.getByRole("row", { name: /Failed/ })).toBeVisible();
  await expectAccessibleInAllLooks(page);
  await page.goto("/runs?status=rejected&environment=prod");
  await hydrated(page);
  await expect(page.getByText("No runs match")).toBeVisible();
  await expectAccessibleInAllLooks(page);
});

test("nothing moves when wasm takes over", async ({ page }) => {
  await page.addInitScript(() => {
    window.shifts = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) window.shifts += entry.value;
    }).observe({ type: "layout-shift", buffered: true });
  });
  await logIn(page);
  for (const path of PAGES) {
    await page.goto(path);
    await hydrated(page);
    expect(await page.evaluate(() => window.shifts), `layout shift on ${path}`).toBeLessThan(0.01);
  }
});
