// After the first page the document is never loaded again.
import { expect, expectStatus, hydrated, logIn, runTextSummary, test } from "../support/test.mjs";

test("a walk over every page keeps the document and the event stream", async ({ page }) => {
  let streams = 0;
  let documents = 0;
  page.on("request", (request) => {
    if (new URL(request.url()).pathname === "/events") streams += 1;
    if (request.isNavigationRequest()) documents += 1;
  });
  await logIn(page);
  await runTextSummary(page, "A walk needs somewhere to walk to. This run is the place.");
  await expectStatus(page, "Success");
  const run = new URL(page.url()).pathname;

  await page.goto("/dev");
  await hydrated(page);
  await expect(page.locator('.live[data-state="live"]')).toBeVisible();
  await page.evaluate(() => (window.stillHere = true));
  streams = 0;
  documents = 0;

  const heading = page.getByRole("heading", { level: 1 });
  const arrive = async (path) => {
    await expect.poll(() => new URL(page.url()).pathname).toBe(path);
    await expect(heading).toBeVisible();
    await expect(page.locator('main [aria-busy="true"]')).toHaveCount(0);
    expect(await page.evaluate(() => window.stillHere), `the same document on ${path}`).toBe(true);
  };

  const walk = [
    ["/runs", () => page.locator('nav a[href="/runs"]').first().click()],
    [run, () => page.locator(`main a[href="${run}"]`).first().click()],
    ["/dev", () => page.locator('nav a[href="/dev"]').first().click()],
    ["/dev/workflows/text-summary", () => page.locator('main a[href^="/dev/workflows/text-summary"]').first().click()],
    ["/dev", () => page.locator('a[href="/dev"]').first().click()],
    ["/dev/add-workflow", () => page.locator('a[href="/dev/add-workflow"]').first().click()],
    ["/settings/profile", () => page.locator('nav a[href="/settings"]').first().click()],
    ["/prod", async () => {
      await page.locator(".envswitch").click();
      await page.locator('a[href="/prod"]').first().click();
    }],
  ];
  for (const [path, go] of walk) {
    await go();
    await arrive(path);
  }
  for (const [path] of walk.slice(0, -1).reverse()) {
    await page.goBack();
    await arrive(path);
  }
  for (const [path] of walk.slice(1)) {
    await page.goForward();
    await arrive(path);
  }
  expect(documents, "documents loaded").toBe(0);
  expect(streams, "event streams opened").toBe(0);
  await expect(page.locator('.live[data-state="live"]')).toBeVisible();
});

test("after a change of page focus is on its heading", async ({ page }) => {
  await logIn(page);
  await hydrated(page);
  await page.locator('nav a[href="/runs"]').first().click();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

test("after back and forward a link still changes the address", async ({ page }) => {
  await logIn(page);
  await page.goto("/dev");
  await hydrated(page);
  const heading = (name) => page.getByRole("heading", { level: 1, name });
  const workflow = page.locator('main a[href^="/dev/workflows/text-summary"]').first();
  const runs = page.locator('nav[aria-label="Main"] a[href="/runs"]');
  const here = () => new URL(page.url()).pathname;
  await runs.click();
  await expect(heading("Runs")).toBeVisible();
  await page.locator('nav[aria-label="Main"] a[href="/dev"]').click();
  await workflow.click();
  await expect(heading("Text summary")).toBeVisible();
  await page.goBack();
  await expect(workflow).toBeVisible();
  await page.goForward();
  await expect(heading("Text summary")).toBeVisible();
  await page.locator('nav[aria-label="Main"] a[href="/dev"]').click();
  await expect(workflow).toBeVisible();
  expect(here()).toBe("/dev");
  await page.reload();
  await expect(workflow).toBeVisible();
  await page.goBack();
  await expect(heading("Text summary")).toBeVisible();
  expect(here()).toBe("/dev/workflows/text-summary");
});
