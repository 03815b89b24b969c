import { expect, expectAccessible, expectStatus, hydrated, logIn, runButton, runStatus, test, textField } from "../support/test.mjs";

const TEXT =
  "The harbour opened in spring. Ships brought grain and salt. By autumn the harbour was the busiest place of the whole coast.";

test.use({ stackOptions: { speed: 0.5 } });

test("log in, run a workflow, watch the result arrive, find it again", async ({ page, stack }) => {
  await logIn(page);
  await expect(page.getByText("Emulator", { exact: true }).first()).toBeVisible();
  await page.locator('a[href^="/dev/workflows/text-summary"]').first().click();
  await page.waitForURL(/\/dev\/workflows\/text-summary\?draft=/);
  await hydrated(page);
  await textField(page).fill(TEXT);

  // A marker on the document shows later that nothing was reloaded.
  await page.evaluate(() => (window.stillHere = true));
  await runButton(page).click();
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expect(runStatus(page)).toContainText(/Submitting|Running|Success/);
  await expectStatus(page, "Success");
  expect(await page.evaluate(() => window.stillHere), "the same document").toBe(true);
  const result = page.locator(".result");
  await expect(result).toContainText(/harbour/);
  const shown = await result.innerText();

  const { triggers } = await stack.ledger();
  expect(triggers).toHaveLength(1);
  expect(triggers[0]).toMatchObject({ workflow: "text-summary", payload: { text: TEXT } });
  expect(triggers[0].finished_at).not.toBeNull();

  const address = page.url();
  await page.reload();
  await hydrated(page);
  await expectStatus(page, "Success");
  await expect(page.locator(".result")).toHaveText(shown, { useInnerText: true });
  await expectAccessible(page);

  await page.getByRole("link", { name: "Runs", exact: false }).first().click();
  await page.waitForURL(/\/runs$/);
  const row = page.getByRole("row").filter({ has: page.locator(`a[href="${new URL(address).pathname}"]`) });
  await expect(row).toContainText("Success");
});
