// Takes the screenshots of the README into docs/screenshots.
import { join } from "node:path";
import { ROOT } from "../support/stack.mjs";
import { expectStatus, hydrated, logIn, openWorkflow, runButton, runTextSummary, test, textField } from "../support/test.mjs";

const TEXT = `Lisbon's tram 28 has climbed the same seven hills since 1914. Its yellow cars are too short for modern \
crowds and too loved to replace. Last year the city measured every trip for six months. Most riders were visitors, \
and most of them rode from end to end. Residents had given up and walked. The city now reserves one car in three \
for people with a local pass, and waiting times for them fell from 41 minutes to 9.`;

for (const colorScheme of ["light", "dark"]) {
  test.describe(colorScheme, () => {
    test.use({ colorScheme, viewport: { width: 1280, height: 800 }, deviceScaleFactor: 2, contextOptions: { reducedMotion: "reduce" } });

    test("screenshots", async ({ page }) => {
      const shoot = async (name) => {
        // The log-in has no script.
        if (name !== "log-in") await hydrated(page);
        await page.evaluate(() => document.fonts.ready);
        await page.mouse.move(0, 0);
        await page.screenshot({ path: join(ROOT, "docs", "screenshots", `${name}-${colorScheme}.png`), animations: "disabled" });
      };
      await page.goto("/login");
      await shoot("log-in");
      await logIn(page);
      // Something to see on Home.
      for (const text of ["The first of a few runs. It is short.", "Another run. It is short too."]) {
        await runTextSummary(page, text);
        await expectStatus(page, "Success");
      }
      await openWorkflow(page, "text-summary");
      await textField(page).fill(TEXT);
      await shoot("workflow");
      await runButton(page).click();
      await page.waitForURL(/\/runs\/[^/?]+$/);
      await expectStatus(page, "Success");
      await shoot("run");
      const run = page.url();
      await page.goto("/dev");
      await shoot("home");
      await page.goto("/runs");
      await shoot("runs");
      await page.goto("/settings/people");
      await shoot("people");
      await page.goto("/audit");
      await shoot("audit");
      await page.setViewportSize({ width: 390, height: 760 });
      await page.goto(run);
      await shoot("phone");
    });
  });
}
