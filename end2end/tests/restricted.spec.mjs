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

test("a workflow added by hand can be removed; its runs stay, and it can be added again", async ({ page }) => {
  await logIn(page);
  await addWorkflow(page, "text-summary", "Summarise by hand");
  await openWorkflow(page, "text-summary");
  await page.locator("main form textarea").first().fill(JSON.stringify({ text }));
  await runButton(page).click();
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expectStatus(page, "Success");
  const run = page.url();

  await openWorkflow(page, "text-summary");
  await page.getByRole("button", { name: "Remove", exact: true }).click();
  await expect(page.locator("#remove-menu")).toContainText("Its runs stay");
  await expectAccessible(page);
  await page.getByRole("button", { name: "Remove workflow" }).click();
  await page.waitForURL(/\/dev$/);
  await expect(page.getByRole("heading", { name: "Home" })).toBeVisible();
  await expect(page.locator(".wf-name")).toHaveCount(0);

  await page.goto(run);
  await expectStatus(page, "Success");
  await addWorkflow(page, "text-summary", "Summarise once more");
  await page.goto("/dev");
  await expect(page.locator(".wf-name")).toHaveText("Summarise once more");
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

test.describe("added with a schema", () => {
  const schema = JSON.stringify([
    { key: "text", type: "text", label: "What to shorten", required: true, maxLength: 60, rows: 4 },
    { type: "section", title: "How", inputSchema: [{ key: "sentences", type: "number", numberType: "integer", label: "Sentences", min: 1, max: 10 }] },
  ]);
  const typed = (page) => page.getByRole("textbox", { name: "What to shorten" });
  const sentences = (page) => page.getByRole("textbox", { name: "Sentences" });

  test("a workflow has the form that the schema says", async ({ page, stack }) => {
    await logIn(page);
    await addWorkflow(page, "text-summary", "Shorten by hand", { schema });
    await hydrated(page);
    await expect(page.getByRole("heading", { name: "Shorten by hand" })).toBeVisible();
    await expect(page.getByRole("heading", { name: "How", exact: true })).toBeVisible();
    await typed(page).fill(text);
    await sentences(page).fill("1");
    await runButton(page).click();
    await page.waitForURL(/\/runs\/[^/?]+$/);
    await expectStatus(page, "Success");
    expect((await stack.ledger()).triggers[0].payload).toEqual({ text, sentences: 1 });
  });

  test("its form checks what the schema says, and sends nothing before", async ({ page, stack }) => {
    await logIn(page);
    await addWorkflow(page, "text-summary", "Shorten by hand", { schema });
    await hydrated(page);
    await sentences(page).fill("11");
    await runButton(page).click();
    await expect(typed(page)).toHaveAttribute("aria-invalid", "true");
    await expect(typed(page)).toHaveAccessibleDescription(/Enter the|Fill this in/);
    await expect(sentences(page)).toHaveAccessibleDescription(/10/);
    await typed(page).fill("word ".repeat(20));
    await sentences(page).fill("2");
    await runButton(page).click();
    await expect(typed(page)).toHaveAccessibleDescription(/at most 60 characters/);
    await expect(sentences(page)).not.toHaveAttribute("aria-invalid", "true");
    expect((await stack.ledger()).counts.triggers).toBe(0);
  });

  for (const [name, bad, says] of [
    ["that is no JSON", '[{ "key": ', /not valid JSON/],
    ["that is no schema", '{ "key": "text" }', /list/],
  ]) {
    test(`one ${name} is explained beside it and stays`, async ({ page, problems }) => {
      problems.allowStatus(422, /\/dev\/add-workflow/);
      await logIn(page);
      await page.goto("/dev/add-workflow");
      await hydrated(page);
      await page.getByLabel("Workflow id").fill("text-summary");
      await page.getByLabel("Form schema").fill(bad);
      await page.getByRole("button", { name: "Add workflow" }).click();
      await expect(page.getByLabel("Form schema")).toHaveAttribute("aria-invalid", "true");
      await expect(page.getByLabel("Form schema")).toHaveAccessibleDescription(says);
      await expect(page.getByLabel("Form schema")).toHaveValue(bad);
      await expect(page.getByLabel("Workflow id")).toHaveValue("text-summary");
    });
  }
});

for (const megabytes of [2, 5]) {
  test(`${megabytes} MB typed as JSON are refused in words, and stay`, async ({ page, stack, problems }) => {
    problems.allowStatus(413, /\/rpc\/start_run/);
    await logIn(page);
    await addWorkflow(page, "text-summary", "Summarise by hand");
    await hydrated(page);
    const editor = page.getByRole("textbox", { name: "Input as JSON" });
    const long = JSON.stringify({ text: "x".repeat(megabytes * 1_000_000) });
    await editor.fill(long);
    await runButton(page).click();
    await expect(page.getByRole("alert")).toContainText(/too (large|much)/i);
    expect((await editor.inputValue()) === long, "what was typed is still there").toBe(true);
    expect((await stack.ledger()).counts.triggers).toBe(0);
  });
}

// Keys that may only trigger and ask for the status are refused in other ways too.
for (const { status, code, why } of [
  { status: 401, code: "UNAUTHORIZED", why: "Codika does not accept this environment's key for it (401)." },
  { status: 404, code: "INSTANCE_NOT_FOUND", why: "Codika says that it does not exist (404)." },
]) {
  test.describe(`refused with ${status}`, () => {
    const fault = { status, always: true, body: { success: false, error: { code, message: "No." }, requestId: "r" } };
    const faults = ["instance", "skills", "details", "lists", "verify", "manage"].map((endpoint) => ({ endpoint, ...fault }));
    test.use({ stackOptions: { restricted: true, environments: ["dev"], faults } });

    test("Home says why nothing is listed; a workflow known by its id runs", async ({ page, stack }) => {
      await logIn(page);
      await expect(page.locator("main")).toContainText(why);
      await addWorkflow(page, "text-summary", "Summarise by hand");
      await hydrated(page);
      await page.getByRole("textbox", { name: "Input as JSON" }).fill(JSON.stringify({ text }));
      await runButton(page).click();
      await page.waitForURL(/\/runs\/[^/?]+$/);
      await expectStatus(page, "Success");
      expect(await triggersWith(stack, text)).toHaveLength(1);
      await page.goto("/dev");
      await hydrated(page);
      await expect(page.locator("main")).toContainText(why);
      await expect(page.getByRole("listitem").getByRole("link", { name: "Summarise by hand", exact: true })).toBeVisible();
    });
  });
}
