// Every page carries its content, and log-in and submit work, before or without any script.
import { ADMIN, expect, logIn, openWorkflow, runButton, runStatus, test, textField, triggersWith } from "../support/test.mjs";

const text = "Written without a script. It arrives all the same.";

async function wholeWay(page, stack) {
  await logIn(page);
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page.locator('a[href^="/dev/workflows/text-summary"]').first()).toBeVisible();

  await openWorkflow(page, "text-summary", { live: false });
  await textField(page).fill(text);
  await runButton(page).click();
  await page.waitForURL(/\/runs\/[^/?]+$/);
  const run = page.url();
  await expect(async () => {
    await page.reload();
    await expect(runStatus(page)).toContainText("Success", { timeout: 500 });
  }).toPass();
  await expect(page.locator(".result")).not.toBeEmpty();

  await page.goto("/runs");
  await expect(page.getByRole("row").filter({ has: page.locator(`a[href="${new URL(run).pathname}"]`) })).toContainText("Success");
  expect(await triggersWith(stack, text)).toHaveLength(1);
}

test.describe("JavaScript off", () => {
  test.use({ javaScriptEnabled: false });
  // The hint to load the script early stands in every page; without JavaScript the browser refuses it.
  test.beforeEach(({ problems }) => problems.allow(/^request: csp .*\.js$/));

  test("the whole way", async ({ page, stack }) => wholeWay(page, stack));

  for (const path of ["/dev", "/prod", "/runs", "/dev/workflows/lead-score", "/dev/add-workflow", "/settings/profile", "/settings/tokens", "/settings/people", "/settings/groups", "/settings/environments", "/audit", "/settings/about"]) {
    test(`${path} shows its content`, async ({ page }) => {
      await logIn(page);
      const answer = await page.goto(path);
      expect(answer.status()).toBe(200);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
      await expect(page.locator("main")).not.toContainText(/Loading/);
      expect((await page.locator("main").innerText()).trim().length).toBeGreaterThan(40);
    });
  }

  test("a wrong password says so and keeps the address", async ({ page, problems }) => {
    problems.allowStatus(422, /\/login/);
    problems.allowStatus(401, /\/login/);
    await logIn(page, { next: "/login", password: "wrong" });
    await expect(page.getByText(/email or (the )?password/i)).toBeVisible();
    await expect(page.getByLabel("Email")).toHaveValue("ann@example.com");
  });

  test("the session ends while somebody types: after log-in the text is there again", async ({ page, context, stack }) => {
    await logIn(page);
    await openWorkflow(page, "text-summary", { live: false });
    await textField(page).fill(text);
    // The session ends on the server; this browser still has its cookie.
    const cookies = await context.cookies();
    await page.request.post("/logout", { headers: { origin: stack.url, "sec-fetch-site": "same-origin" }, form: {} });
    await context.addCookies(cookies);

    await runButton(page).click();
    await page.waitForURL(/\/login/);
    expect((await stack.ledger()).counts.triggers).toBe(0);
    await page.getByLabel("Email").fill(ADMIN.email);
    await page.getByLabel("Password").fill(ADMIN.password);
    await page.getByRole("button", { name: "Log in" }).click();
    await expect(textField(page)).toHaveValue(text);
    await runButton(page).click();
    await page.waitForURL(/\/runs\/[^/?]+$/);
    await expect.poll(async () => (await triggersWith(stack, text)).length).toBe(1);
  });

  test("a link in the list of mistakes puts the focus into its field", async ({ page, problems }) => {
    problems.allowStatus(422, /\/dev\/workflows\/lead-score/);
    await logIn(page);
    await openWorkflow(page, "lead-score", { live: false });
    await runButton(page).click();
    const links = page.locator(".error-summary").getByRole("link");
    for (const [name, control] of [
      ["Segment", page.getByRole("combobox", { name: "Segment" })],
      ["E-mail", page.getByRole("textbox", { name: "E-mail" })],
    ]) {
      await links.filter({ hasText: name }).click();
      await expect(control).toBeFocused();
    }
  });

  test("errors stand beside the field and what was typed stays", async ({ page, stack, problems }) => {
    problems.allowStatus(422, /\/dev\/workflows\/lead-score/);
    await logIn(page);
    await openWorkflow(page, "lead-score", { live: false });
    const form = page.locator("main form").filter({ has: runButton(page) });
    const typed = form.locator("input[type=text]:visible").first();
    await typed.fill("x");
    const label = await typed.getAttribute("id");
    await runButton(page).click();
    await expect(page.locator(".field-error").first()).toBeVisible();
    await expect(page.locator(`[id="${label}"]`)).toHaveValue("x");
    expect((await stack.ledger()).counts.triggers).toBe(0);
  });
});

test("wasm blocked: the whole way", async ({ page, stack, problems }) => {
  problems.allow(/codika_bg\.wasm|Failed to fetch|ERR_FAILED|was preloaded/);
  await page.route(/\.wasm/, (route) => route.abort());
  await wholeWay(page, stack);
});

test("scripts blocked: the whole way", async ({ page, stack, problems }) => {
  problems.allow(/\.js|\.wasm|ERR_FAILED|dynamically imported module/);
  await page.route(/\.(js|wasm)/, (route) => route.abort());
  await wholeWay(page, stack);
});
