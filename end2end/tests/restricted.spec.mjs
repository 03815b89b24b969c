// With an instance key that opens only trigger and status, as a real one may.
import { addWorkflow, expect, expectAccessible, expectStatus, hydrated, logIn, openWorkflow, runButton, test, triggersWith } from "../support/test.mjs";

test.use({ stackOptions: { restricted: true, environments: ["dev"] } });

const text = "Added by hand. It runs like any other.";

test("Home says what could not be discovered; a workflow added by its id runs", async ({ page, stack }) => {
  await logIn(page);
  await expect(page.locator("main")).toContainText(/could not|cannot|not available/i);
  await expect(page.locator("main")).toContainText(/key/i);
  await expectAccessible(page);

  await expect(page.getByRole("link", { name: "Add workflow" }).first()).toBeVisible();

  await addWorkflow(page, "text-summary", "Summarise by hand");
  await page.goto("/dev");
  await hydrated(page);
  await page.getByRole("link", { name: "Summarise by hand", exact: true }).click();
  await page.waitForURL(/draft=/);

  // Without a schema the input is one JSON object.
  await page.locator("main form textarea").first().fill(JSON.stringify({ text }));
  await expectAccessible(page);
  await runButton(page).click();
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expectStatus(page, "Success");
  expect(await triggersWith(stack, text)).toHaveLength(1);
  expect((await stack.ledger()).triggers[0].payload).toEqual({ text });
});

test("JSON that is not an object is explained and not sent", async ({ page, stack }) => {
  await logIn(page);
  await addWorkflow(page, "text-summary", "Summarise by hand");
  await openWorkflow(page, "text-summary");
  for (const bad of ["[1, 2]", '"text"', "{", "12"]) {
    await page.locator("main form textarea").first().fill(bad);
    await runButton(page).click();
    await expect(page.locator(".field-error").first()).toBeVisible();
    await expect(page.locator("main form textarea").first()).toHaveValue(bad);
  }
  expect((await stack.ledger()).counts.triggers).toBe(0);
});
