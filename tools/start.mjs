// `make start`: runs the emulator (unless Codika is configured) and the dashboard until Ctrl-C.
// usage: node tools/start.mjs [--check]   (--check only says whether the ports are free)
import { mkdirSync } from "node:fs";
import { ROOT, codikaConfigured, emulatorVariables, inUse, program, start, stop, untilReady } from "./processes.mjs";

const DASHBOARD = process.env.DASHBOARD_LISTEN ?? "127.0.0.1:3000";
const EMULATOR = process.env.CODIKA_EMULATOR_LISTEN ?? "127.0.0.1:9100";

const say = (line) => console.log(`==> ${line}`);
const give_up = (line) => {
  console.error(`error: ${line}`);
  process.exit(1);
};

const emulated = !codikaConfigured(process.env);

if (await inUse(DASHBOARD))
  give_up(`${DASHBOARD} is in use, perhaps by another \`make start\`: stop it, or set DASHBOARD_LISTEN to another address.`);
if (emulated && (await inUse(EMULATOR)))
  give_up(`${EMULATOR} is in use, perhaps by another emulator: stop it, or set CODIKA_EMULATOR_LISTEN to another address.`);
if (process.argv.includes("--check")) process.exit(0);

process.chdir(ROOT);
mkdirSync("data", { recursive: true });

const children = [];
let stopping = null;

// The dashboard first: it finishes what it is sending to Codika.
function shutDown(code) {
  stopping ??= (async () => {
    for (const child of [...children].reverse()) await stop(child);
    process.exit(code);
  })();
  return stopping;
}

let interrupts = 0;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    if (++interrupts > 1) for (const child of children) child.kill("SIGKILL");
    else if (signal === "SIGINT") console.log();
    void shutDown(0);
  });
}

function run(name, args, env) {
  const child = start(program(name), args, { env });
  children.push(child);
  void child.ended.then(({ code, signal, error }) => {
    if (stopping) return;
    console.error(`error: ${name} ended by itself (${error?.message ?? signal ?? `exit code ${code}`}); stopping`);
    void shutDown(1);
  });
  return child;
}

try {
  // Whoever starts it so runs the emulator, or something of their own, on this machine.
  const env = { DASHBOARD_ALLOW_PRIVATE_UPSTREAMS: "true", ...process.env, DASHBOARD_LISTEN: DASHBOARD };
  if (emulated) {
    const url = `http://${EMULATOR}`;
    const emulator = run("codika-emulator", ["--listen", EMULATOR, "--data", "data/emulator"], process.env);
    await untilReady(`${url}/_emulator/config`, emulator, "The emulator");
    Object.assign(env, await emulatorVariables(url));
    say(`The emulator stands in for Codika at ${url}; set DEV_PROCESS_INSTANCE_ID and DEV_CODIKA_API_KEY to use the real one`);
  }
  const dashboard = run("codika-dashboard", ["serve"], env);
  await untilReady(`http://${DASHBOARD}/readyz`, dashboard, "The dashboard");
  say(`Codika Dashboard is ready at http://${DASHBOARD} (Ctrl-C stops it)`);
} catch (error) {
  if (!stopping) console.error(`error: ${error.message}`);
  await shutDown(1);
}
