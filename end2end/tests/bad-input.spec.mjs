// A clear message each time, what was typed stays, and nothing is sent to Codika.
import { expect, hydrated, logIn, openWorkflow, runButton, test, textField } from "../support/test.mjs";

const field = textField;

test.afterEach(async ({ stack }) => {
  expect((await stack.ledger()).counts.triggers, "triggers sent").toBe(0);
});

/** What the form would post, and where to. */
const formOf = (page) =>
  page
    .locator("main form")
    .filter({ has: runButton(page) })
    .evaluate((form) => ({ action: form.action, fields: Object.fromEntries(new FormData(form)) }));

/** Posts a form as a browser of this site would, without the browser's own checks. */
const post = (page, stack, action, options) =>
  page.request.post(action, { headers: { origin: stack.url, "sec-fetch-site": "same-origin" }, maxRedirects: 0, ...options });

test.describe("in the form", () => {
  test.beforeEach(async ({ page }) => {
    await logIn(page);
    await openWorkflow(page, "text-summary");
  });

  test("a required field left empty", async ({ page }) => {
    await runButton(page).click();
    await expect(field(page)).toHaveAttribute("aria-invalid", "true");
    await expect(page.locator(".field-error").first()).toBeVisible();
    await expect(page.locator('.error-summary:focus, [aria-invalid="true"]:focus'), "focus is where the mistake is told").toHaveCount(1);
    await expect(page).toHaveURL(/draft=/);
  });

  test("a text that is too long", async ({ page }) => {
    const long = "word ".repeat(60_000);
    await field(page).evaluate((input) => input.removeAttribute("maxlength"));
    await field(page).fill(long);
    await runButton(page).click();
    await expect(page.locator(".field-error").first()).toContainText(/long|at most|characters/i);
    await expect(field(page)).toHaveValue(long);
  });

  test("2 MB of it, typed into the page", async ({ page }) => {
    const long = "x".repeat(2_000_000);
    await field(page).fill(long);
    await runButton(page).click();
    await expect(field(page)).toHaveAttribute("aria-invalid", "true");
    await expect(field(page)).toHaveAccessibleDescription(/at most 5,?000 characters \(you have 2,000,000\)/);
    expect((await field(page).inputValue()) === long, "what was typed is still there").toBe(true);
    await expect(page).toHaveURL(/draft=/);
  });

  test("2 MB of it, posted past the page", async ({ page, stack }) => {
    const { action, fields } = await formOf(page);
    const name = await field(page).getAttribute("name");
    const answer = await post(page, stack, action, { form: { ...fields, [name]: "x".repeat(2_000_000) } });
    expect([413, 422]).toContain(answer.status());
    expect(await answer.text()).toMatch(/too (long|large|big)|at most/i);
  });

  test("the wrong content type", async ({ page, stack }) => {
    const { action } = await formOf(page);
    const answer = await post(page, stack, action, { data: "{}", headers: { "content-type": "text/plain", origin: stack.url, "sec-fetch-site": "same-origin" } });
    expect(answer.status()).toBe(415);
  });

  test("another site's form", async ({ page }) => {
    const { action, fields } = await formOf(page);
    const name = await field(page).getAttribute("name");
    const answer = await page.request.post(action, {
      form: { ...fields, [name]: "from elsewhere" },
      headers: { origin: "https://elsewhere.example", "sec-fetch-site": "cross-site" },
      maxRedirects: 0,
    });
    expect(answer.status()).toBe(403);
  });

  test("the session ends while the form is filled in", async ({ page, context, problems }) => {
    problems.allowStatus(401);
    const typed = "Typed for a long time. It would be a pity to lose it.";
    await field(page).fill(typed);
    await context.clearCookies();
    await runButton(page).click();
    await expect(page.getByText(/log in/i).first()).toBeVisible();

    if (await field(page).isVisible()) {
      await expect(field(page)).toHaveValue(typed);
    } else {
      await page.getByLabel("Email").fill("ann@example.com");
      await page.getByLabel("Password").fill("correct horse battery staple");
      await page.getByRole("button", { name: "Log in" }).click();
      await expect(field(page)).toHaveValue(typed);
    }
  });
});

test.describe("in lead-score", () => {
  test.beforeEach(async ({ page }) => {
    await logIn(page);
    await openWorkflow(page, "lead-score");
  });

  test("letters where a number is wanted", async ({ page, stack }) => {
    const { action, fields } = await formOf(page);
    const number = page.locator('main form input[type="number"], main form input[inputmode="decimal"], main form input[inputmode="numeric"]').first();
    const name = await number.getAttribute("name");
    const answer = await post(page, stack, action, { form: { ...fields, [name]: "twelve" } });
    expect(answer.status()).toBe(422);
    const html = await answer.text();
    expect(html).toContain("twelve");
    expect(html).toMatch(/number/i);
  });

  test("a text where a number is wanted, typed into the page", async ({ page }) => {
    await page.getByRole("textbox", { name: "E-mail" }).fill("ann@acme.example");
    await page.getByRole("combobox", { name: "Segment" }).selectOption("smb");
    const employees = page.getByRole("textbox", { name: "Employees" });
    await employees.fill("twelve");
    await runButton(page).click();
    await expect(employees).toHaveAttribute("aria-invalid", "true");
    await expect(employees).toHaveAccessibleDescription(/number/i);
    await expect(employees).toHaveValue("twelve");
    await expect(employees).toBeFocused();
    await expect(page.locator('[aria-invalid="true"]'), "no other field is blamed").toHaveCount(1);
  });

  test("a text where a number is wanted, over REST", async ({ request, stack }) => {
    const answer = await request.post("/api/v1/runs", {
      data: { environment: "dev", workflow: "lead-score", input: { email: "ann@acme.example", segment: "smb", employees: "twelve" } },
      headers: { authorization: `Bearer ${stack.token()}` },
    });
    expect(answer.status()).toBe(422);
    expect((await answer.json()).errors).toEqual([expect.objectContaining({ path: "employees", message: expect.stringMatching(/number/i) })]);
  });

  test("a link in the list of mistakes puts the focus into its field", async ({ page }) => {
    await page.getByRole("textbox", { name: "Employees" }).fill("twelve");
    await runButton(page).click();
    const links = page.locator(".error-summary").getByRole("link");
    await expect(links).toHaveCount(3);
    const here = new URL(page.url());
    for (const [name, control] of [
      ["Employees", page.getByRole("textbox", { name: "Employees" })],
      ["Segment", page.getByRole("combobox", { name: "Segment" })],
      ["E-mail", page.getByRole("textbox", { name: "E-mail" })],
    ]) {
      await links.filter({ hasText: name }).click();
      await expect(control).toBeFocused();
      await expect(control).toBeInViewport();
    }
    expect(new URL(page.url()).search, "the draft stays").toBe(here.search);
  });

  test("every missing field is named in one list", async ({ page }) => {
    await runButton(page).click();
    const summary = page.locator(".error-summary");
    await expect(summary).toBeVisible();
    await expect(summary.getByRole("link").first()).toBeVisible();
  });
});

test("a workflow that Codika does not have", async ({ page, problems }) => {
  problems.allowStatus(404, /\/dev\/workflows\/no-such-workflow/);
  await logIn(page);
  const answer = await page.goto("/dev/workflows/no-such-workflow");
  expect(answer.status()).toBe(404);
  await expect(page.locator("main")).toContainText(/not found|no workflow|unknown/i);
});

test("an address that is none", async ({ page, problems }) => {
  problems.allowStatus(404);
  await logIn(page);
  const answer = await page.goto("/runs/no-such-run");
  expect(answer.status()).toBe(404);
  await hydrated(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
});

test.describe("over REST", () => {
  const run = (input, more = {}) => ({ environment: "dev", workflow: "text-summary", input, ...more });
  const cases = [
    ["input that is a list", { data: run([]) }, 422],
    ["input that is a text", { data: run("x") }, 422],
    ["a missing required field", { data: run({}) }, 422],
    ["a number as text", { data: run({ text: 12 }) }, 422],
    ["an unknown workflow", { data: run({ text: "x" }, { workflow: "no-such-workflow" }) }, 404],
    ["an unknown environment", { data: run({ text: "x" }, { environment: "nowhere" }) }, 404],
    ["a body that is no JSON", { data: "{", headers: { "content-type": "application/json" } }, 400],
    ["the wrong content type", { data: "text=x", headers: { "content-type": "text/plain" } }, 415],
    ["2 MB", { data: run({ text: "x".repeat(2_000_000) }) }, 413],
  ];
  for (const [name, { data, headers = {} }, status] of cases) {
    test(name, async ({ request, stack }) => {
      const answer = await request.post("/api/v1/runs", {
        data,
        headers: { authorization: `Bearer ${stack.token()}`, "idempotency-key": "k1", ...headers },
      });
      expect(answer.status()).toBe(status);
      expect(answer.headers()["content-type"]).toContain("application/problem+json");
      expect((await answer.json()).title).toBeTruthy();
    });
  }

  test("no token, and a cookie instead of one", async ({ page, stack }) => {
    await logIn(page);
    const answer = await page.request.post("/api/v1/runs", { data: run({ text: "x" }), headers: { origin: stack.url } });
    expect(answer.status()).toBe(401);
  });
});
