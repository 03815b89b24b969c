// axe on every page, light and dark, wide and narrow; and nothing moves when wasm takes over.
import { expect, expectAccessible, expectStatus, hydrated, logIn, runTextSummary, test } from "../support/test.mjs";

const PAGES = ["/dev", "/prod", "/runs", "/dev/workflows/text-summary", "/dev/workflows/lead-score", "/dev/add-workflow"];
const PHONE = { width: 390, height: 844 };

for (const colorScheme of ["light", "dark"]) {
  for (const viewport of [{ width: 1280, height: 860 }, PHONE]) {
    test.describe(`${colorScheme}, ${viewport.width} px`, () => {
      test.use({ colorScheme, viewport });

      test("axe finds nothing", async ({ page }) => {
        test.setTimeout(120_000);
        await page.goto("/login");
        await hydrated(page);
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
}

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
