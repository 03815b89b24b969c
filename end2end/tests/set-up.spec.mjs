// The first administrator, made by whoever reads the server's console.
import { expect, hydrated, logIn, test } from "../support/test.mjs";

test.use({ stackOptions: { admin: false } });

const PERSON = { name: "Ada Byron", email: "ada@example.com", password: "an engine of analysis" };

async function setUp(page, link, { name, email, password } = PERSON) {
  await page.goto(link);
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Create administrator" }).click();
}

test("the link of the console makes the first administrator, who can log in again", async ({ page, stack }) => {
  await setUp(page, stack.setUpLink());
  await page.waitForURL(/\/dev$/);
  await hydrated(page);
  const account = page.getByRole("button", { name: "account of Ada Byron" });
  await account.click();
  await expect(page.getByText(PERSON.email)).toBeVisible();
  await page.getByRole("button", { name: "Log out" }).click();
  await page.waitForURL(/\/login/);
  await logIn(page, PERSON);
  await expect(account).toBeVisible();
});

test("used a second time the link says that it is not valid any more", async ({ page, stack, problems }) => {
  problems.allowStatus(403, /\/setup/);
  const link = stack.setUpLink();
  await setUp(page, link);
  await page.waitForURL(/\/dev$/);
  // Its event stream would be refused once the cookie is gone.
  await page.goto("about:blank");
  await page.context().clearCookies();
  const other = { name: "Eve", email: "eve@example.com", password: "let me in please" };
  await setUp(page, link, other);
  await expect(page.getByRole("alert")).toContainText(/not valid/i);
  await expect(page.getByLabel("Email")).toHaveValue(other.email);
  problems.allowStatus(401, /\/login/);
  problems.allowStatus(422, /\/login/);
  await logIn(page, { next: "/login", ...other });
  await expect(page.getByText(/email or (the )?password/i)).toBeVisible();
});

test("a guessed token makes nobody", async ({ page, stack, problems }) => {
  problems.allowStatus(403, /\/setup/);
  await setUp(page, "/setup?token=guess");
  await expect(page.getByRole("alert")).toBeVisible();
  await setUp(page, stack.setUpLink());
  await page.waitForURL(/\/dev$/);
});
