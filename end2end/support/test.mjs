// `test` with a dashboard and an emulator of the test's own, and a page that must behave.
import AxeBuilder from "@axe-core/playwright";
import { test as base, expect } from "@playwright/test";
import { ADMIN, Stack } from "./stack.mjs";
import { Problems } from "./watch.mjs";

export { ADMIN, expect };

export const test = base.extend({
  /** See `Stack.start`; set with `test.use({ stackOptions: { … } })`. */
  stackOptions: [{}, { option: true }],

  stack: async ({ stackOptions }, use, testInfo) => {
    const stack = await Stack.start(stackOptions);
    await use(stack);
    if (testInfo.status !== testInfo.expectedStatus)
      await testInfo.attach("programs", { body: stack.log(), contentType: "text/plain" });
    await stack.end();
  },

  baseURL: async ({ stack }, use) => use(stack.url),

  problems: async ({}, use) => use(new Problems()),

  // Checked before the stack ends, so that ending it is not taken for a problem of the page.
  context: async ({ context, javaScriptEnabled, problems, stack }, use, testInfo) => {
    await problems.watch(context);
    await use(context);
    // Whatever a test was about, where it ends everybody must be able to read and to use.
    if (testInfo.status === testInfo.expectedStatus) {
      for (const page of context.pages().filter((page) => page.url().startsWith(stack.url))) {
        if (!javaScriptEnabled) await allowScripts(page);
        await expectAccessible(page);
      }
    }
    expect(problems.found(), "problems the pages reported").toEqual([]);
  },
});

/** For axe, which is a script. Those of the page itself were passed over when it was read, and stay so. */
async function allowScripts(page) {
  const browser = await page.context().newCDPSession(page);
  // To this session they were never forbidden, so it would leave out the second call alone.
  for (const value of [true, false]) await browser.send("Emulation.setScriptExecutionDisabled", { value });
}

/** Waits until the page answers by itself. */
export async function hydrated(page) {
  await expect(page.locator("html[data-hydrated]")).toBeAttached();
}

export async function logIn(page, { next, email = ADMIN.email, password = ADMIN.password } = {}) {
  await page.goto(next ?? "/login");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Log in" }).click();
  if (!next) await page.waitForURL(/\/(dev|prod)$/);
}

/** Opens the form of a workflow; its address then carries the draft key. */
export async function openWorkflow(page, id, { live = true } = {}) {
  await page.goto(`/dev/workflows/${id}`);
  await page.waitForURL(/[?&]draft=/);
  if (live) await hydrated(page);
}

export const runButton = (page) => page.getByRole("button", { name: /^Run workflow/ });

/** The one required field of `text-summary`. */
export const textField = (page) => page.locator("main form").getByLabel(/^Text\b/);

/** Adds a workflow by its id, as an operator does where Codika lists none. */
export async function addWorkflow(page, id, name, { schema = "" } = {}) {
  await page.goto("/dev/add-workflow");
  await hydrated(page);
  await page.getByLabel("Workflow id").fill(id);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Form schema").fill(schema);
  await page.getByRole("button", { name: "Add workflow" }).click();
  await page.waitForURL(new RegExp(`/dev/workflows/${id}`));
}

/** Fills in `text-summary` and submits; ends on the page of the run. */
export async function runTextSummary(page, text) {
  await openWorkflow(page, "text-summary");
  await textField(page).fill(text);
  await runButton(page).click();
  await page.waitForURL(/\/runs\/[^/?]+$/);
}

/** The chip that says how the run stands. */
export const runStatus = (page) => page.locator("main [data-status]").first();

export async function expectStatus(page, word, options) {
  await expect(runStatus(page)).toContainText(word, options);
}

/** Lets movements that end come to their end: halfway, colours are not those of the design. */
const settled = (page) =>
  page.evaluate(() => {
    const finite = document.getAnimations().filter((animation) => animation.effect.getComputedTiming().endTime !== Infinity);
    return Promise.allSettled(finite.map((animation) => animation.finished)).then(() => {});
  });

/** What axe finds: all its rules for WCAG 2.2 A and AA and its good practices, the size of targets among them. */
export async function violations(page) {
  await settled(page);
  // What is half under the bar at the top has no size of its own.
  await page.evaluate(() => scrollTo({ top: 0, behavior: "instant" }));
  // "Legacy": all in the page itself. The other way needs a page of its own, where scripts may be forbidden.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ rules: { "target-size": { enabled: true } } });
  const { violations, passes, incomplete, inapplicable } = await axe.analyze();
  const asked = [violations, passes, incomplete, inapplicable].flat().map(({ id }) => id);
  expect(asked, "rules of axe").toEqual(expect.arrayContaining(["target-size", "color-contrast", "label"]));
  return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.target.join(" ")).join(", ")}`);
}

/** Asserts that axe finds nothing. */
export async function expectAccessible(page) {
  expect(await violations(page), `axe violations on ${page.url()}`).toEqual([]);
}

/** The triggers whose payload carries `text`. */
export async function triggersWith(stack, text) {
  const { triggers } = await stack.ledger();
  return triggers.filter(({ payload }) => JSON.stringify(payload ?? null).includes(JSON.stringify(text).slice(1, -1)));
}
