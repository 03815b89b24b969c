// An emulator of its own, and the vendor's unchanged program pointed at it.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export const DEV = "019a0000-0000-7000-8000-00000000d001";
export const PROD = "019a0000-0000-7000-8000-00000000a001";
export const PAUSED = "019a0000-0000-7000-8000-00000000c001";
export const ARCHIVED = "019a0000-0000-7000-8000-00000000c002";
export const BROKEN = "019a0000-0000-7000-8000-00000000c003";
export const FOREIGN = "019a0000-0000-7000-8000-00000000f001";

const required = (name) => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} must be set: tools/vendor-cli.sh does it`);
  return value;
};

/** Starts an emulator ten times faster than life and returns what the tests need of it. */
export async function start() {
  const folder = mkdtempSync(join(tmpdir(), "codika-vendor-cli-"));
  const emulator = spawn(required("CODIKA_EMULATOR"), ["--listen", "127.0.0.1:0", "--speed", "0.1"], {
    env: { PATH: process.env.PATH, RUST_LOG: "info" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const base = await new Promise((resolve, reject) => {
    let text = "";
    emulator.on("error", reject);
    emulator.on("exit", (code) => reject(new Error(`the emulator ended with ${code}: ${text}`)));
    emulator.stdout.setEncoding("utf8").on("data", (chunk) => {
      text += chunk;
      const ready = /base_url="?(http:\/\/[0-9.:]+)/.exec(text);
      if (ready) resolve(ready[1]);
    });
  });
  const control = async (method, path, body) => {
    const answer = await fetch(`${base}/_emulator/${path}`, {
      method,
      headers: { "content-type": "application/json" },
      body: body && JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`);
    return answer.json();
  };
  const keys = (await control("GET", "fixtures")).keys;

  return {
    base,
    fault: (fault) => control("POST", "faults", fault),
    ledger: () => control("GET", "ledger?limit=0"),
    switches: (change) => control("POST", "switches", change),
    keys: Object.fromEntries(keys.map(({ name, key }) => [name, key])),
    instanceKey: keys.find(({ process_instance_id: id }) => id === DEV).key,
    stop: () => {
      emulator.removeAllListeners("exit");
      emulator.kill("SIGTERM");
      rmSync(folder, { recursive: true, force: true });
    },
    /** Runs `codika …args` with this key; `input` is its standard input. */
    codika: (key, args, input = "") =>
      new Promise((resolve, reject) => {
        const program = join(required("VENDOR_CLI_HOME"), "node_modules/codika/dist/cli/index.js");
        const child = spawn(required("VENDOR_CLI_NODE"), [program, ...args], {
          cwd: folder,
          env: { PATH: process.env.PATH, HOME: folder, XDG_CONFIG_HOME: folder, CODIKA_BASE_URL: base, CODIKA_API_KEY: key },
        });
        let [out, err] = ["", ""];
        child.stdout.setEncoding("utf8").on("data", (chunk) => (out += chunk));
        child.stderr.setEncoding("utf8").on("data", (chunk) => (err += chunk));
        child.on("error", reject);
        child.on("close", (code) => {
          const text = `${out}\n${err}`.replaceAll(/\x1b\[[0-9;]*m/g, "");
          resolve({ code, text, json: () => JSON.parse(out) });
        });
        child.stdin.on("error", () => {}); // it may end without having read its input
        child.stdin.end(input);
      }),
  };
}
