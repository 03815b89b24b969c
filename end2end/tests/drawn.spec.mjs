// Pages that the server draws: visited and sent without a new document where there is a script, and with one where not.
import { ADMIN, expect, hydrated, logIn, test } from "../support/test.mjs";

const ABOUT = "/settings/about";
/** Where the settings begin. */
const FIRST = "/settings/profile";
const ADD = "/dev/add-workflow";

const heading = (page, name) => page.getByRole("heading", { level: 1, name, exact: true });
const rail = (page, name) => page.getByRole("navigation", { name: "Main" }).getByRole("link", { name });
const add = (page) => page.getByRole("button", { name: "Add workflow" });
const field = (page, name) => page.getByLabel(name, { exact: false });
const path = (page) => new URL(page.url()).pathname;

/** Tells whether this is still the document it was. */
const mark = (page) => page.evaluate(() => (window.marker = true));
const isMarked = (page) => page.evaluate(() => window.marker === true);

/** The POSTs to an address. */
function posts(page, address) {
  const seen = [];
  page.on("request", (request) => request.method() === "POST" && new URL(request.url()).pathname === address && seen.push(request));
  return seen;
}

test("the first visit is a whole document, and the script leaves it as it is", async ({ page }) => {
  await logIn(page);
  const answer = await page.goto(ABOUT);
  const html = await answer.text();
  expect(html.match(/DASHBOARD_LIMIT_RUNS_PER_MINUTE/g), "the page is in it once").toHaveLength(1);
  await expect(page).toHaveTitle("About · Codika Dashboard");
  await hydrated(page);
  await expect(page).toHaveTitle("About · Codika Dashboard");
  await expect(page.getByRole("heading", { level: 1 })).toHaveCount(1);
  await expect(page.locator("main")).toContainText("SQLite");
  await expect(rail(page, "Settings")).toHaveAttribute("aria-current", "true");
});

test("what was typed before the script came is sent", async ({ page }) => {
  await logIn(page);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(/\.wasm/, async (route) => {
    await held;
    await route.continue();
  });
  await page.goto(ADD);
  await field(page, "Workflow id").fill("typed-early");
  release();
  await hydrated(page);
  await expect(field(page, "Workflow id")).toHaveValue("typed-early");
  await add(page).click();
  await page.waitForURL(/\/dev\/workflows\/typed-early/);
});

test("between live and drawn pages the document, the title, the focus and the way back are kept", async ({ page }) => {
  let streams = 0;
  await logIn(page);
  await page.goto("/runs");
  await hydrated(page);
  await expect(page.locator('.live[data-state="live"]')).toBeVisible();
  await mark(page);
  page.on("request", (request) => new URL(request.url()).pathname === "/events" && (streams += 1));

  await rail(page, "Settings").click();
  await expect(heading(page, "Profile")).toBeFocused();
  expect(path(page)).toBe(FIRST);
  await expect(page).toHaveTitle("Profile · Codika Dashboard");

  await page.setViewportSize({ width: 1000, height: 300 });
  await page.evaluate(() => scrollTo({ top: 500, behavior: "instant" }));
  await page.evaluate(() => document.querySelector("main h1").insertAdjacentHTML("afterend", '<a href="/dev/add-workflow">to the form</a>'));
  await page.getByRole("link", { name: "to the form" }).click();
  await expect(heading(page, "Add workflow")).toBeFocused();
  expect(await page.evaluate(() => scrollY), "a new page begins at its top").toBe(0);

  await rail(page, "Runs").click();
  await expect(heading(page, "Runs")).toBeFocused();
  for (const [step, name, address] of [
    ["goBack", "Add workflow", ADD],
    ["goBack", "Profile", FIRST],
    ["goBack", "Runs", "/runs"],
    ["goForward", "Profile", FIRST],
    ["goForward", "Add workflow", ADD],
  ]) {
    await page[step]();
    await expect(heading(page, name)).toBeVisible();
    await expect(page).toHaveTitle(`${name} · Codika Dashboard`);
    expect(path(page)).toBe(address);
  }
  expect(await isMarked(page), "the same document").toBe(true);
  expect(streams, "event streams opened").toBe(0);
});

test("mistakes keep what was typed, and the focus goes to the first", async ({ page, problems }) => {
  problems.allowStatus(422, /add-workflow/);
  await logIn(page);
  await page.goto(ADD);
  await hydrated(page);
  await mark(page);
  const sent = posts(page, ADD);
  await field(page, "Workflow id").fill("by-hand");
  await field(page, "Name").fill("kept name");
  await field(page, "Form schema").fill("{ not\njson");
  await add(page).click();
  await expect(field(page, "Form schema")).toBeFocused();
  await expect(field(page, "Form schema")).toHaveValue("{ not\njson");
  await expect(field(page, "Form schema")).toHaveAccessibleDescription(/not valid JSON/);
  await expect(field(page, "Name")).toHaveValue("kept name");
  expect(sent).toHaveLength(1);
  expect(path(page)).toBe(ADD);

  await field(page, "Form schema").fill("");
  await add(page).click();
  await page.waitForURL(/\/dev\/workflows\/by-hand/);
  await expect(page.getByRole("heading", { level: 1, name: "kept name" })).toBeFocused();
  expect(sent).toHaveLength(2);
  expect(await isMarked(page), "also to a live page").toBe(true);
  await page.goBack();
  await expect(heading(page, "Add workflow")).toBeVisible();
});

test("a doubled submit is one", async ({ page }) => {
  await logIn(page);
  await page.goto(ADD);
  await hydrated(page);
  const sent = posts(page, ADD);
  let release;
  const held = new Promise((resolve) => (release = resolve));
  await page.route(`**${ADD}`, async (route) => {
    if (route.request().method() === "POST") await held;
    await route.continue();
  });
  await field(page, "Workflow id").fill("once");
  await add(page).click();
  await expect(add(page)).toHaveAttribute("aria-busy", "true");
  await add(page).click();
  await field(page, "Workflow id").press("Enter");
  release();
  await page.waitForURL(/\/dev\/workflows\/once/);
  expect(sent).toHaveLength(1);
});

test("a session that is over keeps what was typed; after log-in the same form goes through", async ({ page, context, problems }) => {
  problems.allowStatus(401, /add-workflow|settings|events/);
  problems.allow(/\/events/);
  await logIn(page);
  await page.goto(ADD);
  await hydrated(page);
  await mark(page);
  await context.clearCookies();
  await field(page, "Workflow id").fill("kept-id");
  await add(page).click();
  const notice = page.getByRole("alert");
  await expect(notice).toContainText("You are logged out");
  await expect(notice).toBeFocused();
  await expect(field(page, "Workflow id")).toHaveValue("kept-id");

  const [other] = await Promise.all([page.waitForEvent("popup"), notice.getByRole("link", { name: "Log in again" }).click()]);
  await other.getByLabel("Email").fill(ADMIN.email);
  await other.getByLabel("Password").fill(ADMIN.password);
  await other.getByRole("button", { name: "Log in" }).click();
  await other.waitForURL(/add-workflow/);
  await other.close();
  await add(page).click();
  await page.waitForURL(/\/dev\/workflows\/kept-id/);
  expect(await isMarked(page)).toBe(true);

  await context.clearCookies();
  await rail(page, "Settings").click();
  await expect(heading(page, "You are logged out")).toBeVisible();
  await expect(page.getByRole("link", { name: "Log in again" })).toBeVisible();
});

test("a page of another build loads a new document; what was typed is worth more", async ({ page, problems }) => {
  problems.allowStatus(422, /add-workflow/);
  await logIn(page);
  await page.goto(ADD);
  await hydrated(page);
  await mark(page);
  await page.evaluate(() => (document.documentElement.dataset.build = "another"));
  await field(page, "Workflow id").fill("a/b");
  await add(page).click();
  await expect(field(page, "Workflow id")).toBeFocused();
  await expect(field(page, "Workflow id")).toHaveValue("a/b");
  expect(await isMarked(page)).toBe(true);
  await rail(page, "Settings").click();
  await expect(heading(page, "Profile")).toBeVisible();
  await hydrated(page);
  expect(await isMarked(page), "a new document").toBe(false);
  await page.goBack();
  await expect(heading(page, "Add workflow")).toBeVisible();
});

test("an address without a page is said in the same document, and by a document of its own", async ({ page, problems }) => {
  problems.allowStatus(404, /settings\/nowhere/);
  await logIn(page);
  await page.goto(ABOUT);
  await hydrated(page);
  await mark(page);
  await page.evaluate(() => document.querySelector("main h1").insertAdjacentHTML("afterend", '<a href="/settings/nowhere">nowhere</a>'));
  await page.getByRole("link", { name: "nowhere" }).click();
  await expect(heading(page, "Not found")).toBeFocused();
  await expect(page).toHaveTitle("Not found · Codika Dashboard");
  await page.goBack();
  await expect(heading(page, "About")).toBeVisible();
  await expect(page).toHaveTitle("About · Codika Dashboard");
  expect(await isMarked(page)).toBe(true);
  await page.goto("/settings/nowhere");
  await hydrated(page);
  await expect(heading(page, "Not found")).toBeVisible();
});

test("the server is away: what was typed stays", async ({ page, stack, problems }) => {
  problems.allow(/ERR_|Failed to fetch|events/);
  await logIn(page);
  await page.goto(ADD);
  await hydrated(page);
  await field(page, "Workflow id").fill("kept-id");
  await stack.stopDashboard();
  await add(page).click();
  await expect(page.getByRole("alert")).toContainText("could not be reached");
  await expect(field(page, "Workflow id")).toHaveValue("kept-id");
});

test("log-in and set-up are plain documents", async ({ page }) => {
  const scripts = [];
  page.on("request", (request) => request.resourceType() === "script" && scripts.push(request.url()));
  for (const address of ["/login", "/setup?token=guess"]) {
    await page.goto(address);
    await expect(page.getByRole("textbox").first()).toBeFocused();
    expect(await page.evaluate(() => document.scripts.length)).toBe(0);
  }
});

test.describe("JavaScript off", () => {
  test.use({ javaScriptEnabled: false });
  test.beforeEach(({ problems }) => problems.allow(/^request: csp .*\.js$/));

  test("a drawn page shows itself, refuses with what was typed, and leads on", async ({ page, problems }) => {
    problems.allowStatus(422, /add-workflow/);
    await logIn(page);
    await rail(page, "Settings").click();
    await expect(heading(page, "Profile")).toBeVisible();
    await page.goto(ADD);
    await field(page, "Workflow id").fill("a/b");
    await field(page, "Name").fill("kept name");
    await add(page).click();
    await expect(field(page, "Workflow id")).toHaveAttribute("aria-invalid", "true");
    await expect(field(page, "Name")).toHaveValue("kept name");
    await field(page, "Workflow id").fill("plain");
    await add(page).click();
    await page.waitForURL(/\/dev\/workflows\/plain/);
  });
});
