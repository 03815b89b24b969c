// Every kind of field, from the keyboard to Codika and back; and the same input as JSON.
import { expect, expectStatus, logIn, openWorkflow, runButton, test, textField } from "../support/test.mjs";

const LEAD = {
  email: "ann@acme.example",
  full_name: "Ann Peeters",
  met_on: "2026-01-15",
  segment: "mid_market",
  employees: 120,
  budget: 12000.5,
  source: "referral",
  interests: ["automation", "training"],
  decision_maker: true,
};

/** The controls of `lead-score`, by the names that people hear. */
const lead = (page) => {
  const form = page.locator("main form").filter({ has: runButton(page) });
  const text = (name) => form.getByRole("textbox", { name, exact: true });
  return {
    email: text("E-mail"),
    name: text("Name"),
    metOn: form.getByLabel("Met on"),
    segment: form.getByRole("combobox", { name: "Segment" }),
    employees: text("Employees"),
    budget: text("Budget (EUR)"),
    source: (name) => form.getByRole("radio", { name, exact: true }),
    interest: (name) => form.getByRole("checkbox", { name, exact: true }),
    decides: form.getByRole("switch", { name: "Decides alone" }),
  };
};

async function fillLead(page) {
  const form = lead(page);
  await form.email.fill(LEAD.email);
  await form.name.fill(LEAD.full_name);
  await form.metOn.fill(LEAD.met_on);
  await form.segment.selectOption({ label: "Mid-market" });
  await form.employees.fill("120");
  await form.budget.fill("12000.50");
  await form.source("Referral").check();
  await form.interest("Automation").check();
  await form.interest("Training").check();
  await form.decides.check();
}

async function expectLead(page) {
  const form = lead(page);
  await expect(form.email).toHaveValue(LEAD.email);
  await expect(form.name).toHaveValue(LEAD.full_name);
  await expect(form.metOn).toHaveValue(LEAD.met_on);
  await expect(form.segment).toHaveValue(LEAD.segment);
  await expect(form.employees).toHaveValue("120");
  await expect(form.budget).toHaveValue("12000.5");
  for (const name of ["Website", "Event", "Referral", "Cold call"]) {
    await expect(form.source(name)).toBeChecked({ checked: name === "Referral" });
  }
  for (const name of ["Automation", "Reporting", "Integrations", "Support", "Training"]) {
    await expect(form.interest(name)).toBeChecked({ checked: ["Automation", "Training"].includes(name) });
  }
  await expect(form.decides).toBeChecked();
}

async function run(page) {
  await runButton(page).click();
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expectStatus(page, "Success");
}

const modes = (page) => page.getByRole("group", { name: "How to enter the input" });
const editor = (page) => page.getByRole("textbox", { name: "Input as JSON" });
const toJson = (page) => modes(page).getByRole("link", { name: "JSON", exact: true }).click();
const toForm = (page) => modes(page).getByRole("link", { name: "Form", exact: true }).click();

test.beforeEach(async ({ page }) => logIn(page));

test("what is typed into every kind of field is what Codika gets", async ({ page, stack }) => {
  await openWorkflow(page, "lead-score");
  for (const section of ["Contact", "Company"]) await expect(page.getByRole("heading", { name: section, exact: true })).toBeVisible();
  await fillLead(page);
  await run(page);
  const { triggers } = await stack.ledger();
  expect(triggers).toHaveLength(1);
  expect(triggers[0].payload).toEqual(LEAD);
  await expect(page.locator(".result")).toContainText("Ann Peeters");
});

test("what is left alone is not sent, but for the author's defaults", async ({ page, stack }) => {
  await openWorkflow(page, "lead-score");
  await lead(page).email.fill(LEAD.email);
  await lead(page).segment.selectOption(LEAD.segment);
  await run(page);
  const { triggers } = await stack.ledger();
  expect(triggers[0].payload).toEqual({ email: LEAD.email, segment: LEAD.segment, source: "website", decision_maker: false });
});

test("Run again shows the form filled with the earlier input, and sends it as a run of its own", async ({ page, stack }) => {
  await openWorkflow(page, "lead-score");
  await fillLead(page);
  await run(page);
  const first = page.url();
  await page.getByRole("link", { name: "Run again", exact: true }).click();
  await page.waitForURL(/\/dev\/workflows\/lead-score\?/);
  await expectLead(page);
  await run(page);
  expect(page.url()).not.toBe(first);
  expect((await stack.ledger()).triggers.map(({ payload }) => payload)).toEqual([LEAD, LEAD]);
});

test("from the form to JSON no value is lost", async ({ page, stack }) => {
  await openWorkflow(page, "lead-score");
  await fillLead(page);
  await toJson(page);
  expect(JSON.parse(await editor(page).inputValue())).toEqual(LEAD);
  await run(page);
  expect((await stack.ledger()).triggers[0].payload).toEqual(LEAD);
});

test("from JSON to the form no value is lost", async ({ page, stack }) => {
  await openWorkflow(page, "lead-score");
  await toJson(page);
  await editor(page).fill(JSON.stringify(LEAD));
  await toForm(page);
  await expectLead(page);
  await run(page);
  expect((await stack.ledger()).triggers[0].payload).toEqual(LEAD);
});

for (const [name, go] of [["the form is asked for", toForm], ["it is sent", (page) => runButton(page).click()]]) {
  test(`a mistake in the JSON is told beside it when ${name}, and the text stays`, async ({ page, stack }) => {
    await openWorkflow(page, "lead-score");
    await toJson(page);
    const broken = '{\n  "email": "ann@acme.example",\n  segment: "smb"\n}';
    await editor(page).fill(broken);
    await go(page);
    await expect(editor(page)).toHaveAttribute("aria-invalid", "true");
    await expect(editor(page)).toHaveAccessibleDescription(/not valid JSON\. Line 3, column \d+: names need double quotes/);
    await expect(editor(page)).toHaveValue(broken);
    expect((await stack.ledger()).counts.triggers).toBe(0);
  });
}

test("what the form cannot show stays in the JSON", async ({ page }) => {
  await openWorkflow(page, "lead-score");
  await toJson(page);
  const more = JSON.stringify({ ...LEAD, campaign: "spring" });
  await editor(page).fill(more);
  await toForm(page);
  await expect(editor(page)).toHaveAccessibleDescription(/form cannot show all of this input/);
  await expect(editor(page)).toHaveValue(more);
});

test("a list of like objects is shown as a table", async ({ page }) => {
  await openWorkflow(page, "table-profile");
  await page.locator("main form").getByRole("textbox").first().fill("name,age,city\nAnn,34,Ghent\nBob,41,Ghent");
  await run(page);
  const table = page.locator(".result").getByRole("table");
  for (const name of ["Column", "Type", "Most common"]) await expect(table.getByRole("columnheader", { name, exact: true })).toBeVisible();
  await expect(table.getByRole("row")).toHaveCount(4);
  await expect(table.getByRole("row").filter({ hasText: "age" })).toContainText("37.5");
});

test("Markdown is shown as what it means", async ({ page }) => {
  await openWorkflow(page, "text-summary");
  await textField(page).fill("Three invoices are late. The oldest invoice is from March. Nobody called the customer yet.");
  await page.getByRole("combobox", { name: "Style" }).selectOption({ label: "Bullet points" });
  await run(page);
  const summary = page.locator(".result section").filter({ has: page.getByRole("heading", { name: "Summary" }) });
  await expect(summary.getByRole("listitem").filter({ hasText: "The oldest invoice is from March." })).toHaveCount(1);
  await expect(summary.locator("strong")).toContainText("Topics");
  await expect(summary).not.toContainText(/\*\*|^- /m);
});

test("a result too deep for lists is shown as a tree, and can be downloaded whole", async ({ page }) => {
  await openWorkflow(page, "sized-result");
  await page.getByRole("textbox", { name: "Kilobytes" }).fill("1");
  await page.getByRole("combobox", { name: "Shape" }).selectOption({ label: "Objects in objects" });
  await run(page);
  const tree = page.locator(".result .json");
  await expect(tree).toContainText("level: 40");
  const parts = tree.locator("summary").filter({ hasText: "inner" });
  await expect(parts.nth(1), "the inner parts are folded away").toBeVisible();
  await expect(parts.nth(2)).toBeHidden();
  await parts.nth(1).click();
  await expect(parts.nth(2)).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download JSON" }).click();
  const stream = await (await download).createReadStream();
  const bytes = Buffer.concat(await stream.toArray());
  let value = JSON.parse(bytes.toString("utf8"));
  for (let level = 1; level <= 40; level += 1, value = value.inner) expect(value.level).toBe(level);
});
