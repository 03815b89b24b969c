// What can be done without a mouse.
import { expect, expectStatus, hydrated, logIn, openWorkflow, test, textField } from "../support/test.mjs";

const palette = (page) => page.getByRole("dialog", { name: "Search or jump" });
const keys = (page) => page.getByRole("dialog", { name: "Keyboard shortcuts" });
const chosen = (page) => palette(page).getByRole("option", { selected: true });

test.beforeEach(async ({ page }) => {
  await logIn(page);
  await hydrated(page);
});

test("Ctrl+K, a few letters, an arrow and Enter lead to a page", async ({ page }) => {
  await page.keyboard.press("Control+k");
  await expect(palette(page).getByRole("combobox")).toBeFocused();
  await page.keyboard.type("home");
  await expect(palette(page).getByRole("option")).toHaveText([/Home of dev/, /Home of prod/]);
  await expect(chosen(page)).toHaveText(/Home of dev/);
  await page.keyboard.press("ArrowDown");
  await expect(chosen(page)).toHaveText(/Home of prod/);
  await expect(palette(page).getByRole("combobox")).toHaveAttribute("aria-activedescendant", await chosen(page).getAttribute("id"));
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/prod$/);
  await expect(palette(page)).toBeHidden();
  await expect(page.getByRole("heading", { level: 1 })).toBeFocused();
});

test("Ctrl+K finds a workflow by words of its name, in any order", async ({ page }) => {
  await page.keyboard.press("Control+k");
  await page.keyboard.type("score lead");
  await expect(chosen(page)).toHaveText(/Lead score/);
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/dev\/workflows\/lead-score/);
  await expect(page.getByRole("heading", { level: 1, name: "Lead score" })).toBeVisible();
});

test("Ctrl+K finds a run that ended lately", async ({ page, stack }) => {
  const { id } = await stack.startRun("always-fails", {});
  await expect.poll(async () => (await stack.rest(`runs/${id}`)).status).toBe("failed");
  await page.keyboard.press("Control+k");
  await page.keyboard.type("always failed");
  await expect(chosen(page)).toHaveText(/Always fails.*Failed/);
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/runs/${id}$`));
});

test("Escape closes the palette and the focus is where it was", async ({ page }) => {
  const runs = page.getByRole("link", { name: "Runs", exact: true }).first();
  await runs.focus();
  await page.keyboard.press("Control+k");
  await expect(palette(page)).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(palette(page)).toBeHidden();
  await expect(runs).toBeFocused();
});

test("g r leads to the runs, g h to Home", async ({ page }) => {
  await page.goto("/prod");
  await hydrated(page);
  await page.keyboard.press("g");
  await page.keyboard.press("r");
  await page.waitForURL(/\/runs$/);
  await expect(page.getByRole("heading", { level: 1, name: "Runs" })).toBeVisible();
  await page.keyboard.press("g");
  await page.keyboard.press("h");
  await page.waitForURL(/\/prod$/);
  await expect(page.getByRole("heading", { level: 1, name: "Home" })).toBeVisible();
});

test("? shows the keys, Escape closes them", async ({ page }) => {
  await page.keyboard.press("?");
  await expect(keys(page)).toBeVisible();
  await expect(keys(page)).toContainText("Go to Runs");
  await page.keyboard.press("Escape");
  await expect(keys(page)).toBeHidden();
});

test("letters typed into a field are text and no shortcuts", async ({ page }) => {
  await openWorkflow(page, "text-summary");
  const here = page.url();
  await textField(page).focus();
  await page.keyboard.type("g r? g h/");
  await expect(textField(page)).toHaveValue("g r? g h/");
  await expect(keys(page)).toBeHidden();
  await expect(palette(page)).toBeHidden();
  expect(page.url()).toBe(here);
});

test("Ctrl+Enter in a field runs the workflow, once", async ({ page, stack }) => {
  await openWorkflow(page, "text-summary");
  await textField(page).fill("Written and sent without a mouse.");
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expectStatus(page, "Success");
  // The page comes as soon as the run is stored, and the run is sent after that.
  await expect.poll(async () => (await stack.ledger()).counts.triggers).toBe(1);
});

test("the arrows go from row to row in a table of runs, Enter opens one", async ({ page, stack }) => {
  const older = await stack.startRun("always-fails", {});
  const newer = await stack.startRun("always-fails", {});
  await page.goto("/runs");
  await hydrated(page);
  const link = ({ id }) => page.getByRole("table", { name: "Runs" }).locator(`a[href="/runs/${id}"]`);
  await link(newer).focus();
  await page.keyboard.press("ArrowDown");
  await expect(link(older)).toBeFocused();
  await page.keyboard.press("ArrowUp");
  await expect(link(newer)).toBeFocused();
  await page.keyboard.press("Enter");
  await page.waitForURL(new RegExp(`/runs/${newer.id}$`));
});

test("keys of a word that is being put together are not for the page", async ({ page, context, stack }) => {
  const browser = await context.newCDPSession(page);
  const compose = (text) => browser.send("Input.imeSetComposition", { text, selectionStart: text.length, selectionEnd: text.length });
  // As browsers send them in the middle of a composition.
  const press = (locator, key, more = {}) =>
    locator.evaluate(
      (element, init) => element.dispatchEvent(new KeyboardEvent("keydown", init)),
      { key, bubbles: true, cancelable: true, isComposing: true, ...more },
    );
  const here = page.url();
  await page.keyboard.press("Control+k");
  const search = palette(page).getByRole("combobox");
  await expect(search).toBeFocused();
  await compose("home");
  const first = await chosen(page).textContent();
  for (const key of ["ArrowDown", "Enter"]) expect(await press(search, key), `${key} is the composition's`).toBe(true);
  expect(await press(search, "Enter", { isComposing: false, keyCode: 229 }), "Safari's last key").toBe(true);
  await expect(palette(page)).toBeVisible();
  await expect(chosen(page)).toHaveText(first);
  expect(page.url()).toBe(here);

  await openWorkflow(page, "text-summary");
  await textField(page).focus();
  await compose("にほん");
  await press(textField(page), "Enter", { ctrlKey: true });
  expect((await stack.ledger()).counts.triggers).toBe(0);
  await browser.send("Input.insertText", { text: "日本。" });
  await page.keyboard.press("Control+Enter");
  await page.waitForURL(/\/runs\/[^/?]+$/);
  // The page comes as soon as the run is stored, and the run is sent after that.
  await expect.poll(async () => (await stack.ledger()).counts.triggers).toBe(1);
});
