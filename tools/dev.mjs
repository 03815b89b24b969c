// `make dev`: builds, runs and watches. The browser talks to a proxy at :3000; the server behind it is rebuilt and
// restarted when a source changes. A failing build leaves the last page up, with the compiler's message over it.
import { copyFileSync, mkdirSync, rmSync, statSync, watch } from "node:fs";
import { spawn } from "node:child_process";
import { join, sep } from "node:path";
import { devProxy } from "./dev-proxy.mjs";
import { ROOT, codikaConfigured, emulatorVariables, inUse, program, start, stop, untilReady } from "./processes.mjs";
import { buildStyles } from "./styles.mjs";

const PROXY = process.env.DASHBOARD_LISTEN ?? "127.0.0.1:3000";
const SERVER = process.env.CODIKA_DEV_SERVER_LISTEN ?? "127.0.0.1:3001";
const EMULATOR = process.env.CODIKA_EMULATOR_LISTEN ?? "127.0.0.1:9100";
const QUIET_MS = 80;

const say = (line) => console.log(`==> ${line}`);
const emulated = !codikaConfigured(process.env);

for (const address of [PROXY, SERVER, ...(emulated ? [EMULATOR] : [])]) {
  if (!(await inUse(address))) continue;
  console.error(`error: ${address} is in use, perhaps by \`make start\` or another \`make dev\`: stop it first.`);
  process.exit(1);
}

process.chdir(ROOT);
mkdirSync("data", { recursive: true });
const proxy = devProxy({ listen: PROXY, server: SERVER });
let server = null;
let emulator = null;
let stopping = false;

// What a change makes necessary. The browser's crates are also part of the server.
const BROWSER = ["app", "frontend", "crates/ui", "crates/model", "crates/schema", "public", "index.html", "Trunk.toml", "Cargo.toml", "Cargo.lock"];
const SERVER_ONLY = ["server", "crates"];

function neededBy(path) {
  const within = (folder) => path === folder || path.startsWith(folder + sep);
  if (path.startsWith(`style${sep}`)) return path.endsWith(".css") ? "style" : null;
  if (BROWSER.some(within)) return "browser";
  if (SERVER_ONLY.some(within)) return "server";
  return null;
}

/** Runs a build and resolves to its complaint, or null if it succeeded. */
function build(command, args, env = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const [from, to] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
      from.setEncoding("utf8").on("data", (text) => {
        output += text;
        to.write(text);
      });
    }
    child.once("error", (error) => resolve(error.message));
    child.once("exit", (code) => resolve(code === 0 ? null : complaint(output)));
  });
}

/** The part of the output that says what is wrong. */
function complaint(output) {
  const plain = output.replaceAll(/\x1b\[[0-9;]*m/g, "");
  const from = plain.search(/^(error|warning: unused)/m);
  return plain.slice(Math.max(from, 0)).trim() || "the build failed without a word";
}

// A target folder of its own for the bundle: cargo locks a folder, and the two builds may run side by side.
const bundle = () => build("tools/bundle.sh", ["dev"], { CARGO_TARGET_DIR: join(ROOT, "target", "dev-bundle") });
const programs = () => build("cargo", ["build", "--locked", "--quiet", "--package", "server", "--package", "emulator"]);

function style() {
  try {
    copyFileSync(buildStyles(), join("dist", "app.css"));
    for (const old of ["app.css.br", "app.css.gz"]) rmSync(join("dist", old), { force: true });
    return null;
  } catch (error) {
    return error.message;
  }
}

const built = (name) => statSync(program(name, "debug")).mtimeMs;

async function restartEmulator() {
  if (!emulated || emulator?.built === built("codika-emulator")) return;
  await stop(emulator, { grace: 2000 });
  const child = start(program("codika-emulator", "debug"), ["--listen", EMULATOR, "--data", "data/emulator"]);
  child.built = built("codika-emulator");
  emulator = child;
  await untilReady(`http://${EMULATOR}/_emulator/config`, child, "The emulator");
}

async function restartServer() {
  await restartEmulator();
  const codika = emulated ? await emulatorVariables(`http://${EMULATOR}`) : {};
  await stop(server, { grace: 3000 });
  server = start(program("codika-dashboard", "debug"), ["serve"], {
    env: { ...process.env, DASHBOARD_PUBLIC_URL: `http://${PROXY}`, ...codika, DASHBOARD_LISTEN: SERVER },
  });
  await untilReady(`http://${SERVER}/readyz`, server, "The dashboard");
}

/** Builds what the kinds of change ask for; returns the complaint of what failed, or null. */
async function work(kinds) {
  if (kinds.has("browser")) {
    const [first, second] = await Promise.all([bundle(), programs()]);
    if (first ?? second) return first ?? second;
  } else {
    if (kinds.has("style")) {
      const failed = style();
      if (failed) return failed;
    }
    const failed = await programs();
    if (failed) return failed;
  }
  return restartServer().then(
    () => null,
    (error) => error.message,
  );
}

const waiting = new Set();
let timer = null;
let busy = false;

async function settle() {
  if (busy || stopping || waiting.size === 0) return;
  busy = true;
  const kinds = new Set(waiting);
  waiting.clear();
  const began = performance.now();
  proxy.tell({ kind: "building" });
  const failed = await work(kinds);
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  if (stopping) return;
  if (failed) {
    say(`Failed after ${seconds} s; the last page stays up. Waiting for the next change`);
    proxy.tell({ kind: "failed", text: failed });
  } else {
    say(`Ready at http://${PROXY} after ${seconds} s`);
    proxy.tell({ kind: [...kinds].every((kind) => kind === "style") ? "style" : "reload" });
  }
  busy = false;
  void settle();
}

function changed(path) {
  const kind = neededBy(path);
  // Editors write beside the file and rename.
  if (!kind || /(^|[/\\])[.#]|~$|\.(sw[pox]|tmp)$/.test(path)) return;
  waiting.add(kind);
  clearTimeout(timer);
  timer = setTimeout(() => void settle(), QUIET_MS);
}

for (const folder of ["app", "frontend", "server", "crates", "style", "public"])
  watch(folder, { recursive: true }, (_, name) => name && changed(join(folder, name)));
watch(".", (_, name) => name && changed(name));

async function shutDown() {
  if (stopping) return;
  stopping = true;
  await stop(server, { grace: 3000 });
  await stop(emulator, { grace: 3000 });
  process.exit(0);
}
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => void shutDown());

say(`Building; the page at http://${PROXY} appears when it is ready (5 to 10 minutes the first time)`);
waiting.add("browser");
void settle();
