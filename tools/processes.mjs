// Starting, awaiting and stopping the emulator and the dashboard; shared by `make start`, `make dev` and the browser tests.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { createConnection, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");

/** The path of one of our programs. */
export const program = (name, profile = process.env.PROGRAMS_PROFILE ?? "release") => join(ROOT, "target", profile, name);

// If the parent is killed outright, its children end too instead of keeping their ports.
const TIED = existsSync("/usr/bin/setpriv") ? ["/usr/bin/setpriv", "--pdeathsig", "TERM"] : [];

/**
 * Starts a program in a process group of its own, so that Ctrl-C reaches only us and we stop things in order.
 * `child.ended` resolves to `{ code, signal }`.
 */
export function start(command, args, options = {}) {
  const [file, ...rest] = [...TIED, command, ...args];
  const child = spawn(file, rest, { stdio: ["ignore", "inherit", "inherit"], detached: true, ...options });
  child.ended = new Promise((resolve) => {
    child.once("error", (error) => resolve({ code: 127, signal: null, error }));
    child.once("exit", (code, signal) => resolve({ code, signal }));
  });
  child.over = false;
  child.ended.then(() => (child.over = true));
  return child;
}

/** Asks a program to end and waits; kills it after `grace` milliseconds. */
export async function stop(child, { signal = "SIGTERM", grace = 12_000 } = {}) {
  if (!child || child.over) return;
  child.kill(signal);
  const timer = setTimeout(() => child.kill("SIGKILL"), grace);
  await child.ended;
  clearTimeout(timer);
}

/** Waits until `url` answers 2xx; says why not if the program ends or the time is over. */
export async function untilReady(url, child, name, seconds = 30) {
  const deadline = performance.now() + seconds * 1000;
  while (performance.now() < deadline) {
    if (child.over) {
      const { code, signal, error } = await child.ended;
      throw new Error(`${name} ended while starting (${error?.message ?? signal ?? `exit code ${code}`})`);
    }
    const answer = await fetch(url, { signal: AbortSignal.timeout(2000) }).catch(() => null);
    await answer?.arrayBuffer();
    if (answer?.ok) return;
    await sleep(25);
  }
  throw new Error(`${name} did not answer at ${url} within ${seconds} s`);
}

/** Splits `127.0.0.1:3000` or `[::1]:3000`. */
export function hostAndPort(address) {
  const at = address.lastIndexOf(":");
  return { host: address.slice(0, at).replace(/^\[|\]$/g, ""), port: Number(address.slice(at + 1)) };
}

/** Whether something listens there already. */
export function inUse(address) {
  const { host, port } = hostAndPort(address);
  return new Promise((resolve) => {
    const socket = createConnection({ host: host === "0.0.0.0" ? "127.0.0.1" : host, port });
    socket.once("connect", () => (socket.destroy(), resolve(true)));
    socket.once("error", () => resolve(false));
  });
}

/** A port of the loopback that was free a moment ago. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const CODIKA = /^(CODIKA_BASE_URL|(DEV|PROD)_(PROCESS_INSTANCE_ID|CODIKA_API_KEY|CODIKA_ORG_KEY))(_FILE)?$/;

/** Whether the person configured a real Codika, in variables or in the file that `DASHBOARD_CONFIG` names. */
export function codikaConfigured(env) {
  const inFile = (path) => {
    // A file that cannot be read is the dashboard's to complain about.
    if (!path || !existsSync(path)) return [];
    return readFileSync(path, "utf8").split("\n").map((line) => line.split("=")[0].trim().replaceAll(/["']/g, ""));
  };
  const inVariables = Object.keys(env).filter((name) => env[name] !== "");
  return [...inVariables, ...inFile(env.DASHBOARD_CONFIG)].some((name) => CODIKA.test(name));
}

/** The dashboard's variables for an emulator that runs at `url`. */
export async function emulatorVariables(url) {
  const config = await (await fetch(`${url}/_emulator/config`)).json();
  const variables = { CODIKA_BASE_URL: config.base_url, DASHBOARD_UPSTREAM_LABEL: "Emulator" };
  for (const environment of config.environments) {
    const prefix = environment.name.toUpperCase();
    variables[`${prefix}_PROCESS_INSTANCE_ID`] = environment.process_instance_id;
    variables[`${prefix}_CODIKA_API_KEY`] = environment.instance_key;
    variables[`${prefix}_CODIKA_ORG_KEY`] = environment.org_key;
  }
  return variables;
}
