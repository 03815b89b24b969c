// What a person reads while Codika is asked for the end of a run, and when it cannot be.
import { expect, expectAccessible, expectStatus, logIn, runTextSummary, test } from "../support/test.mjs";

const text = "Codika takes its time. The dashboard says so.";

test.beforeEach(async ({ page }) => logIn(page));

test("behaviour 13: an execution that Codika does not list yet is registering, and then goes on", async ({ page, stack }) => {
  await stack.switches({ registration_delay_ms: 12_000 });
  await runTextSummary(page, text);
  await expect(page.getByRole("heading", { name: "Registering" })).toBeVisible({ timeout: 15_000 });
  await expectAccessible(page);
  await expectStatus(page, "Success", { timeout: 30_000 });
  await expect(page.getByRole("heading", { name: "Registering" })).toHaveCount(0);
});

test("behaviour 12: a status that cannot be had says when it is asked for again", async ({ page, stack }) => {
  await stack.faults({ endpoint: "status", status: 503, next: 3 });
  await runTextSummary(page, text);
  await expect(page.getByText(/The run itself goes on; we (ask again in \d+ s|are asking again)\./)).toBeVisible({ timeout: 15_000 });
  await expectStatus(page, "Success", { timeout: 40_000 });
});

test("behaviour 22: while Codika is away Home and the run say so, and the result comes when it is back", async ({ page, stack }) => {
  await stack.switches({ speed: 5 });
  await runTextSummary(page, text);
  await expectStatus(page, "Running");
  const run = page.url();
  await stack.faults({ endpoint: "status", reset: "before_headers", next: 6 });
  const away = page.getByRole("heading", { name: "Codika is not answering" });
  await expect(away).toBeVisible({ timeout: 60_000 });
  await expect(page.getByText(/For \d+ s now; we (ask again in \d+ s|are asking again)\./)).toBeVisible();
  await expectAccessible(page);
  await page.goto("/dev");
  await expect(away).toBeVisible();
  await expectAccessible(page);
  await page.goto(run);
  await expectStatus(page, "Success", { timeout: 60_000 });
  await expect(away).toHaveCount(0);
});

test("a run that may have started is recognised among Codika's executions and watched on", async ({ page, stack }) => {
  await stack.faults({ endpoint: "trigger", drop_reply: true });
  await runTextSummary(page, text);
  await expectStatus(page, "May have started");
  await expectAccessible(page);
  await page.getByRole("button", { name: "This is it" }).click();
  await expectStatus(page, "Success", { timeout: 20_000 });
  expect((await stack.ledger()).counts.triggers, "nothing was sent again").toBe(1);
});
