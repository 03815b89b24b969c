// What Codika may answer, and what a person must then read. The faults are the emulator's, not the browser's.
import { expect, expectAccessible, expectStatus, hydrated, logIn, openWorkflow, runButton, runTextSummary, test, textField } from "../support/test.mjs";

const text = "Codika is having a bad day. The dashboard explains it.";

const refusals = [
  { name: "401", fault: { status: 401, body: { success: false, error: "Invalid API key" } }, word: "Rejected", says: /key/i },
  { name: "403", fault: { status: 403, body: { success: false, error: "Access denied" } }, word: "Rejected", says: /key|access|permission/i },
  {
    name: "404",
    fault: { status: 404, body: { success: false, error: "Workflow not found" } },
    word: "Rejected",
    says: /does not know|unknown|not found|no longer/i,
  },
  {
    name: "412",
    fault: { status: 412, body: { success: false, error: "Process instance is not active" } },
    word: "Rejected",
    says: /not active|inactive|paused|switched off/i,
  },
  {
    name: "500",
    fault: { status: 500, body: { success: false, error: "Internal error" } },
    word: "May have started",
    says: /may have started/i,
  },
  {
    name: "an answer that is not JSON",
    fault: { status: 200, body: "<h1>Welcome</h1>", content_type: "text/html" },
    word: "May have started",
    says: /may have started/i,
  },
  {
    name: "a connection cut before the answer",
    fault: { reset: "before_headers" },
    word: "May have started",
    says: /may have started/i,
  },
];

test.beforeEach(async ({ page }) => logIn(page));

for (const { name, fault, word, says } of refusals) {
  test(`trigger meets ${name}`, async ({ page, stack }) => {
    await stack.faults({ endpoint: "trigger", ...fault });
    await runTextSummary(page, text);
    await expectStatus(page, word);
    await expect(page.locator("main")).toContainText(says);
    await expect(page.getByText(/\[object|undefined|null/)).toHaveCount(0);
    expect((await stack.ledger()).counts.triggers, "sent once and never again").toBe(1);
    await page.reload();
    await expectStatus(page, word);
    await expectAccessible(page);
  });
}

test("a run in doubt is run again, after a warning, and both pages know of each other", async ({ page, stack }) => {
  await stack.faults({ endpoint: "trigger", next: 1, drop_reply: true });
  await runTextSummary(page, text);
  await expectStatus(page, "May have started");
  const first = page.url();
  const again = page.getByRole("button", { name: "Run again anyway" });
  await expect(again, "not without the warning").toBeHidden();
  await page.getByText("Run it again anyway").click();
  await expect(page.locator("main")).toContainText("runs twice");
  await expectAccessible(page);
  await again.click();
  await expectStatus(page, "Success");
  expect(page.url()).not.toBe(first);
  expect((await stack.ledger()).counts.triggers).toBe(2);
  await expectAccessible(page);
  await page.getByRole("link", { name: /Run again instead of/ }).click();
  await expectStatus(page, "May have started");
  expect(page.url()).toBe(first);
  await expect(page.locator("main")).toContainText("Run again anyway by");
  await expect(again).toHaveCount(0);
  await expect(page.getByRole("button", { name: "It did not start" })).toHaveCount(0);
});

test("the input of a run in doubt is offered again with a warning, and sent only once that is confirmed", async ({ page, stack, problems }) => {
  problems.allowStatus(422, /\/rpc\/start_run/);
  await stack.faults({ endpoint: "trigger", next: 1, drop_reply: true });
  await runTextSummary(page, text);
  await expectStatus(page, "May have started");
  const first = page.url();
  await page.getByRole("link", { name: /^Run again\b/ }).click();
  await expect(textField(page)).toHaveValue(text);
  const title = page.getByRole("heading", { name: /^Run .{4} may have started$/ });
  const box = page.getByRole("checkbox", { name: /^Run it although .{4} may have started$/ });
  await expect(title).toBeVisible();
  await expectAccessible(page);
  await runButton(page).click();
  await expect(page.getByText("Tick the box to run it all the same.")).toBeVisible();
  await expect(box).toBeFocused();
  await expectAccessible(page);
  expect((await stack.ledger()).counts.triggers).toBe(1);

  await page.reload();
  await hydrated(page);
  await expect(textField(page), "the address knows the run").toHaveValue(text);
  await expect(title).toBeVisible();
  await page.getByRole("link", { name: "JSON", exact: true }).click();
  await box.check();
  await runButton(page).click();
  await page.waitForURL((url) => /^\/runs\//.test(url.pathname) && url.href !== first);
  await expectStatus(page, "Success");
  expect((await stack.ledger()).counts.triggers).toBe(2);
});

test("nobody answers the phone: not sent, and sending again is safe", async ({ page, stack }) => {
  await stack.stopEmulator();
  await runTextSummary(page, text);
  await expectStatus(page, "Not sent");
  await expectAccessible(page);

  await stack.startEmulator();
  await page.getByRole("button", { name: "Send it now" }).click();
  await expectStatus(page, "Success", { timeout: 20_000 });
  expect((await stack.ledger()).counts.triggers).toBe(1);
});

test.describe("with a patience of 5 s", () => {
  test.use({ stackOptions: { variables: { CODIKA_TIMEOUT_SECONDS: "5" } } });

  test("an answer that never comes does not hold the page, and ends as may have started", async ({ page, stack }) => {
    await stack.faults({ endpoint: "trigger", hang: true });
    await openWorkflow(page, "text-summary");
    await textField(page).fill(text);
    const clicked = Date.now();
    await runButton(page).click();
    await page.waitForURL(/\/runs\/[^/?]+$/);
    expect(Date.now() - clicked, "milliseconds until the page of the run").toBeLessThan(2_000);
    await expectStatus(page, "Submitting");
    await expectStatus(page, "May have started", { timeout: 30_000 });
    expect((await stack.ledger()).counts.triggers).toBe(1);
  });
});

test("errors while asking for the status never fail the run", async ({ page, stack }) => {
  await stack.faults(
    { endpoint: "status", next: 2, status: 404, body: { success: false, error: "Execution not found" } },
    { endpoint: "status", next: 2, status: 503, body: "unavailable", content_type: "text/plain" },
  );
  await runTextSummary(page, text);
  await expectStatus(page, "Success", { timeout: 45_000 });
});

test("what a workflow answers is text, not markup", async ({ page, stack }) => {
  const hostile = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';
  await stack.faults({
    endpoint: "status",
    always: true,
    body: {
      success: true,
      execution: {
        executionId: "{{executionId}}",
        status: "success",
        resultData: { summary: hostile },
        createdAt: "2026-01-01T00:00:00.000Z",
        duration: 1000,
      },
    },
  });
  await runTextSummary(page, text);
  await expectStatus(page, "Success");
  await expect(page.locator(".result")).toContainText("onerror");
  expect(await page.evaluate(() => window.owned)).toBeUndefined();
});

// What the workflow says went wrong decides what a person is told to do.
for (const { type, choice, message, where, hint, code } of [
  {
    type: "node_failure",
    choice: "A node fails",
    message: "Cannot read properties of undefined (reading 'map')",
    where: "Transform rows",
    hint: "A step of the workflow failed. Ask the workflow's author if it happens again with the same input.",
  },
  {
    type: "validation_error",
    choice: "The input is refused",
    message: "Field 'customer' is not known",
    where: "Check input",
    hint: "The workflow did not accept the input. Correct it and run again.",
  },
  {
    type: "external_api_error",
    choice: "Another service answers with an error",
    message: "CRM answered 429: too many requests",
    where: "Fetch contacts",
    hint: "A service that the workflow calls did not play along. It may work later: run again, or ask the workflow's author.",
    code: "429",
  },
  {
    type: "timeout",
    choice: "Another service does not answer",
    message: "The service did not answer within 60 s",
    where: "Ask the model",
    hint: "A step took too long. Try a smaller input, or run again later.",
    code: "ETIMEDOUT",
  },
  {
    type: "unknown",
    choice: "Nobody knows",
    message: "Something went wrong",
    where: "Finish",
    hint: "A step of the workflow failed. Ask the workflow's author if it happens again with the same input.",
  },
]) {
  test(`a run that failed with ${type} says what failed, where, and what to do about it`, async ({ page, stack }) => {
    await openWorkflow(page, "always-fails");
    await page.getByRole("combobox", { name: "How it fails" }).selectOption({ label: choice });
    await runButton(page).click();
    await page.waitForURL(/\/runs\/[^/?]+$/);
    await expectStatus(page, "Failed");
    expect((await stack.ledger()).triggers[0].payload.error_type).toBe(type);
    const explained = page.locator(".explain");
    await expect(explained.getByRole("heading", { name: "The workflow failed" })).toBeVisible();
    await expect(explained).toContainText(message);
    const fact = (term) => explained.locator("dl > div").filter({ has: page.locator("dt", { hasText: term }) }).locator("dd");
    await expect(fact("Where")).toHaveText(`Step “${where}”`);
    await expect(fact("What to do")).toHaveText(hint);
    const said = explained.getByText("What Codika said");
    await expect(said).toHaveCount(code ? 1 : 0);
    if (code) {
      await said.click();
      await expect(explained).toContainText(`Code ${code}`);
    }
  });
}

test("an error of many lines keeps them, says how many there are, and can be copied", async ({ page }) => {
  const lines = Array.from({ length: 20 }, (_, n) => `${n % 2 ? "  at step" : "Error in row"} ${n + 1}`).join("\n");
  await openWorkflow(page, "always-fails");
  await page.getByRole("link", { name: "JSON", exact: true }).click();
  await page.getByLabel("Input as JSON").fill(JSON.stringify({ message: lines }));
  await runButton(page).click();
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expectStatus(page, "Failed");
  const explained = page.locator(".explain-head");
  await expect(explained.getByText("Error, 20 lines")).toBeVisible();
  expect(await explained.locator("pre").innerText()).toBe(lines);
  await page.evaluate(() => (navigator.clipboard.writeText = async (text) => void (window.copied = text)));
  await explained.getByRole("button", { name: /^Copy/ }).click();
  expect(await page.evaluate(() => window.copied)).toBe(lines);
  await expectAccessible(page);
});

test("a failed run whose workflow has words of its own shows them", async ({ page }) => {
  await openWorkflow(page, "always-fails");
  await page.getByRole("textbox", { name: "Message" }).fill("The harbour is closed on Sundays.");
  await runButton(page).click();
  await page.waitForURL(/\/runs\/[^/?]+$/);
  await expectStatus(page, "Failed");
  await expect(page.locator(".explain")).toContainText("The harbour is closed on Sundays.");
  await expect(page.locator(".explain")).toContainText("What to do");
  await expectAccessible(page);
});
