// One emulator and one dashboard of a test's own, on free ports and with data folders that are thrown away.
import { execFileSync } from "node:child_process";
import { createWriteStream, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, emulatorVariables, freePort, program, start, stop, untilReady } from "../../tools/processes.mjs";

export const ADMIN = { email: "ann@example.com", password: "correct horse battery staple" };

/** How much faster the emulator's demo workflows run unless a test needs them slow. */
const QUICK = 0.1;

export class Stack {
  #folder;
  #emulator;
  #dashboard;
  #variables;
  #log;
  #token;

  /**
   * `speed` multiplies the duration of every demo step; `restricted` leaves only trigger and status reachable;
   * `environments` names those the dashboard is told of; `variables` are further ones for the dashboard;
   * without `admin` there is no account yet; `faults` are in force before the dashboard asks for the first time.
   */
  static async start({ speed = QUICK, restricted = false, environments = ["dev", "prod"], variables = {}, admin = true, faults = [] } = {}) {
    const stack = new Stack();
    try {
      await stack.#up({ speed, restricted, environments, variables, admin, faults });
    } catch (error) {
      const log = stack.log();
      await stack.end();
      throw new Error(`${error.message}\n${log}`);
    }
    return stack;
  }

  async #up({ speed, restricted, environments, variables, admin, faults }) {
    this.#folder = mkdtempSync(join(tmpdir(), "codika-end2end-"));
    mkdirSync(join(this.#folder, "data"));
    this.#log = join(this.#folder, "log");

    this.emulator = `http://127.0.0.1:${await freePort()}`;
    await this.startEmulator();
    await this.switches({ speed, restricted });
    await this.faults(...faults);

    const listen = `127.0.0.1:${await freePort()}`;
    this.url = `http://${listen}`;
    const codika = await emulatorVariables(this.emulator);
    for (const name of ["DEV", "PROD"].filter((name) => !environments.includes(name.toLowerCase()))) {
      for (const key of Object.keys(codika).filter((key) => key.startsWith(`${name}_`))) delete codika[key];
    }
    if (restricted) for (const name of ["DEV", "PROD"]) delete codika[`${name}_CODIKA_ORG_KEY`];
    // From variables alone: no file, no prompt.
    this.#variables = {
      ...codika,
      DASHBOARD_LISTEN: listen,
      ...(admin && { DASHBOARD_ADMIN_EMAIL: ADMIN.email, DASHBOARD_ADMIN_PASSWORD: ADMIN.password }),
      ...variables,
    };
    await this.startDashboard();
  }

  #program(name, args, env) {
    const log = createWriteStream(this.#log, { flags: "a" });
    const child = start(program(name), args, {
      cwd: this.#folder,
      env: { PATH: process.env.PATH, HOME: this.#folder, RUST_LOG: process.env.RUST_LOG ?? "info", ...env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    return child;
  }

  async startDashboard() {
    this.#dashboard = this.#program("codika-dashboard", ["serve"], this.#variables);
    await untilReady(`${this.url}/readyz`, this.#dashboard, "The dashboard");
  }

  /** The dashboard's process id. */
  get pid() {
    return this.#dashboard.pid;
  }

  async stopDashboard({ signal = "SIGTERM" } = {}) {
    await stop(this.#dashboard, { signal });
  }

  async restartDashboard(options) {
    await this.stopDashboard(options);
    await this.startDashboard();
  }

  async startEmulator() {
    const args = ["--listen", new URL(this.emulator).host, "--data", join(this.#folder, "emulator")];
    this.#emulator = this.#program("codika-emulator", args, {});
    await untilReady(`${this.emulator}/_emulator/config`, this.#emulator, "The emulator");
  }

  async stopEmulator() {
    await stop(this.#emulator, { signal: "SIGKILL" });
  }

  /** Every trigger the emulator received, and how often it was polled. */
  async ledger() {
    return (await fetch(`${this.emulator}/_emulator/ledger`)).json();
  }

  /** Scripts what the next calls meet, such as `{ endpoint: "trigger", status: 401 }`. */
  async faults(...faults) {
    for (const fault of faults) await this.#control("faults", fault);
  }

  /** Turns behaviours of the emulator, such as `{ speed: 0.05 }`. */
  async switches(switches) {
    await this.#control("switches", switches);
  }

  async #control(name, body) {
    const answer = await fetch(`${this.emulator}/_emulator/${name}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) throw new Error(`the emulator refused ${name} ${JSON.stringify(body)}: ${await answer.text()}`);
  }

  /** A bearer token of the administrator, made beside the running dashboard. */
  token() {
    const args = ["token", "create", "--user", ADMIN.email, "--name", "end-to-end"];
    const env = { PATH: process.env.PATH, HOME: this.#folder, ...this.#variables };
    return execFileSync(program("codika-dashboard"), args, { cwd: this.#folder, env, encoding: "utf8" }).trim();
  }

  /** Starts a run over REST, as another program does, and returns it. */
  async startRun(workflow, input, { environment = "dev" } = {}) {
    this.#token ??= this.token();
    const answer = await fetch(`${this.url}/api/v1/runs`, {
      method: "POST",
      headers: { authorization: `Bearer ${this.#token}`, "content-type": "application/json" },
      body: JSON.stringify({ environment, workflow, input }),
    });
    if (answer.status !== 202) throw new Error(`the dashboard refused the run: ${await answer.text()}`);
    return answer.json();
  }

  /** A run, or with `path` `runs` all of them, as REST tells. */
  async rest(path) {
    this.#token ??= this.token();
    const answer = await fetch(`${this.url}/api/v1/${path}`, { headers: { authorization: `Bearer ${this.#token}` } });
    if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
    return answer.json();
  }

  /** Where the first administrator is made, as the dashboard's console says. */
  setUpLink() {
    return /Create the administrator at (\S+)/.exec(this.log())?.[1];
  }

  /** What both programs have printed. */
  log() {
    try {
      return readFileSync(this.#log, "utf8");
    } catch {
      return "";
    }
  }

  async end() {
    await stop(this.#dashboard);
    await stop(this.#emulator);
    if (this.#folder) rmSync(this.#folder, { recursive: true, force: true });
  }
}

export { ROOT };
