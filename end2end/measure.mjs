// Prints the numbers of docs/performance.md, measured on the release programs; `make measure`.
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { chromium } from "playwright-core";
import config from "./playwright.config.mjs";
import { ADMIN, ROOT, Stack } from "./support/stack.mjs";

const rows = [];
const row = (what, value) => rows.push(`| ${what} | ${value} |`);
const ms = (value) => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const quantile = (sorted, q) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))];

async function start(stack) {
  const times = [];
  for (let i = 0; i < 7; i += 1) {
    await stack.stopDashboard();
    const from = performance.now();
    await stack.startDashboard();
    times.push(performance.now() - from);
  }
  times.sort((a, b) => a - b);
  row("ready after exec, median of 7", ms(quantile(times, 0.5)));
}

function memory(stack, when) {
  const status = readFileSync(`/proc/${stack.pid}/status`, "utf8");
  row(`resident memory, ${when}`, `${(Number(/VmRSS:\s+(\d+)/.exec(status)[1]) / 1024).toFixed(1)} MB`);
}

async function submits(stack) {
  const token = stack.token();
  const submit = async () => {
    const from = performance.now();
    const answer = await fetch(`${stack.url}/api/v1/runs`, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ environment: "dev", workflow: "text-summary", input: { text: "One. Two. Three." } }),
    });
    await answer.arrayBuffer();
    if (answer.status !== 202) throw new Error(`submit answered ${answer.status}`);
    return performance.now() - from;
  };
  for (let i = 0; i < 20; i += 1) await submit();
  const alone = [];
  for (let i = 0; i < 300; i += 1) alone.push(await submit());
  alone.sort((a, b) => a - b);
  row("submit over REST, one at a time: p50, p99 of 300", `${ms(quantile(alone, 0.5))}, ${ms(quantile(alone, 0.99))}`);
  memory(stack, "after 320 runs");
}

/** Runs in the page: when it answers by itself. */
function noteHydration() {
  new MutationObserver((_, observer) => {
    window.hydratedAt = performance.now();
    observer.disconnect();
  }).observe(document, { subtree: true, attributeFilter: ["data-hydrated"] });
}

async function browser(stack) {
  const started = await chromium.launch(config.use.launchOptions);
  const context = await started.newContext({ viewport: config.use.viewport });
  await context.addInitScript(noteHydration);
  const page = await context.newPage();
  await page.goto(`${stack.url}/login`);
  await page.getByLabel("Email").fill(ADMIN.email);
  await page.getByLabel("Password").fill(ADMIN.password);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.waitForURL("**/dev");

  const lags = [];
  for (let i = 0; i < 10; i += 1) {
    await page.goto(`${stack.url}/dev/workflows/text-summary`);
    await page.waitForSelector("[data-hydrated]", { state: "attached" });
    await page.getByLabel("Text", { exact: false }).first().fill(`Run ${i}. It is short.`);
    await page.getByRole("button", { name: "Run workflow" }).click();
    await page.waitForURL("**/runs/*");
    const seen = await page.evaluate(
      () =>
        new Promise((resolve) => {
          const look = () => document.querySelector('main [data-status="success"]') && resolve(Date.now());
          look();
          new MutationObserver(look).observe(document, { subtree: true, childList: true, attributes: true });
        }),
    );
    const answer = await fetch(`${stack.url}/api/v1/runs/${page.url().split("/").pop()}`, {
      headers: { authorization: `Bearer ${stack.token()}` },
    });
    lags.push(seen - Date.parse((await answer.json()).finished_at));
  }
  lags.sort((a, b) => a - b);
  row("answer stored → result on screen: median, worst of 10", `${ms(quantile(lags, 0.5))}, ${ms(lags.at(-1))}`);

  await firstVisits(started, `${stack.url}/dev`, await context.storageState());
  await started.close();
}

/** Of Home, and of a page with nothing on it: the least that this machine, its browser and the line allow. */
async function firstVisits(started, home, state) {
  const empty = createServer((_, answer) => answer.writeHead(200, { "content-type": "text/html" }).end("<!doctype html><title>.</title><h1>Empty</h1>"));
  await new Promise((listening) => empty.listen(0, "127.0.0.1", listening));
  const visits = { empty: [], home: [] };
  for (let i = 0; i < 9; i += 1) {
    visits.empty.push(await firstVisit(started, `http://127.0.0.1:${empty.address().port}/`, undefined));
    visits.home.push(await firstVisit(started, home, state));
  }
  empty.close();
  const median = (of, name) => ms(quantile(visits[of].map((visit) => visit[name]).sort((a, b) => a - b), 0.5));
  const line = "first visit, 1.6 Mbit/s, 150 ms, CPU 4× slower, medians of 9";
  row(`Home, ${line}: first paint, hydrated`, `${median("home", "paint")}, ${median("home", "hydrated")}`);
  row("the same of an empty page, each beside one of Home: first paint", median("empty", "paint"));
}

/** With nothing in the browser's cache but the session, if any; who has one gets a page that hydrates. */
async function firstVisit(started, url, state) {
  const cold = await started.newContext({ viewport: config.use.viewport, storageState: state });
  await cold.addInitScript(noteHydration);
  const page = await cold.newPage();
  const cdp = await cold.newCDPSession(page);
  await cdp.send("Network.enable");
  await cdp.send("Network.emulateNetworkConditions", {
    offline: false,
    latency: 150,
    downloadThroughput: 1_600_000 / 8,
    uploadThroughput: 750_000 / 8,
  });
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 4 });
  await page.goto(url);
  if (state) await page.waitForFunction(() => window.hydratedAt, null, { timeout: 60_000 });
  const times = await page.waitForFunction(() => {
    const [first] = performance.getEntriesByName("first-contentful-paint");
    return first && { paint: first.startTime, hydrated: window.hydratedAt };
  });
  const value = await times.jsonValue();
  await cold.close();
  return value;
}

const bytes = (name) => readFileSync(join(ROOT, "dist", `${name}.br`)).length.toLocaleString("en-US");
row("wasm, brotli", `${bytes("codika_bg.wasm")} bytes`);
row("its JavaScript, brotli", `${bytes("codika.js")} bytes`);
row("style sheet, brotli", `${bytes("app.css")} bytes`);

const stack = await Stack.start();
try {
  await start(stack);
  memory(stack, "idle");
  await browser(stack);
  await submits(stack);
} finally {
  await stack.end();
}
console.log(["| What | Measured |", "|---|---|", ...rows].join("\n"));
