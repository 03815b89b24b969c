import { expect, expectStatus, logIn, runTextSummary, test, triggersWith } from "../support/test.mjs";

test.use({ stackOptions: { speed: 1.5 } });

const text = "The server falls over while this runs. Nobody minds.";

test("the result of a run is there after the server was killed while it ran", async ({ page, stack, problems }) => {
  problems.allow(/\/events|\/rpc\/|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  await logIn(page);
  await runTextSummary(page, text);
  await expectStatus(page, "Running");
  await stack.restartDashboard({ signal: "SIGKILL" });

  await expectStatus(page, "Success", { timeout: 30_000 });
  await page.reload();
  await expectStatus(page, "Success");
  expect(await triggersWith(stack, text)).toHaveLength(1);
});

test("a result that came while the server was away is found", async ({ page, stack, problems }) => {
  problems.allow(/\/events|\/rpc\/|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  await logIn(page);
  await runTextSummary(page, text);
  await expectStatus(page, "Running");
  await stack.stopDashboard({ signal: "SIGKILL" });
  await expect
    .poll(async () => (await triggersWith(stack, text))[0].finished_at, { timeout: 30_000 })
    .not.toBeNull();
  await stack.startDashboard();
  await page.goto(page.url());
  await expectStatus(page, "Success", { timeout: 20_000 });
});

test("killed in the middle of sending, a run is never sent again by itself", async ({ page, stack, problems }) => {
  problems.allow(/\/events|\/rpc\/|ERR_CONNECTION_REFUSED|ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
  await stack.faults({ endpoint: "trigger", delay_ms: 5000 });
  await logIn(page);
  await runTextSummary(page, text);
  await expectStatus(page, "Submitting");
  await expect.poll(async () => (await stack.ledger()).counts.triggers).toBe(1);
  await stack.restartDashboard({ signal: "SIGKILL" });
  await page.goto(page.url());
  await expectStatus(page, "May have started");
  expect((await stack.ledger()).counts.triggers).toBe(1);
});
