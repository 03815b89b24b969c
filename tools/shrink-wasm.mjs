// Makes a browser bundle small: takes out code that nothing can reach but that no compiler can see to be
// dead, then runs wasm-opt.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./processes.mjs";

// Every erased view carries pointers to functions that only others than this product call:
// - `hydrate_async` is for `hydrate_lazy`; this product hydrates with `hydrate_body`;
// - `generate_routes` lists the routes, which the server does.
// A call would stop the page, and with it every browser test.
const NEVER_CALLED = [/::hydrate_async(::h[0-9a-f]{16}$|::\{\{closure\}\}|$)/, /::generate_routes::h[0-9a-f]{16}$/];

// The features a browser of 2023 has; `--all-features` emits a format that browsers refuse.
const FEATURES = ["bulk-memory", "reference-types", "sign-ext", "mutable-globals", "nontrapping-float-to-int", "multivalue"];
// Bytes of brotli count: `-Oz` gives fewer bytes but more of brotli, and neighbours by name are alike.
const OPTIONS = ["-Os", "--converge", "--zero-filled-memory", "--reorder-functions-by-name"];

const SECTION = { custom: 0, imports: 2, code: 10 };
const UNREACHABLE = Buffer.from([0x00, 0x00, 0x0b]);

class Reader {
  constructor(bytes, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }
  byte() {
    return this.bytes[this.at++];
  }
  number() {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = this.byte();
      value += (byte & 127) * scale;
      if (byte < 128) return value;
    }
  }
  take(length) {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
  text() {
    return this.take(this.number()).toString("utf8");
  }
}

function number(value) {
  const bytes = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Buffer.from([...bytes, value]);
}

function sections(module) {
  const reader = new Reader(module, 8);
  const all = [];
  while (reader.at < module.length) {
    const start = reader.at;
    const id = reader.byte();
    const content = reader.take(reader.number());
    all.push({ id, content, whole: module.subarray(start, reader.at) });
  }
  return all;
}

// How many functions come before those of the code section.
function importedFunctions(content) {
  const reader = new Reader(content);
  const limits = () => {
    const flags = reader.byte();
    reader.number();
    if (flags & 1) reader.number();
  };
  let functions = 0;
  for (let left = reader.number(); left > 0; left -= 1) {
    reader.text();
    reader.text();
    const kind = reader.byte();
    if (kind === 0) {
      reader.number();
      functions += 1;
    } else if (kind === 1) {
      reader.byte();
      limits();
    } else if (kind === 2) {
      limits();
    } else if (kind === 3) {
      reader.take(2);
    } else {
      throw new Error(`an import of kind ${kind} is not known here`);
    }
  }
  return functions;
}

function functionNames(all) {
  const names = new Map();
  for (const { content } of all.filter(({ id }) => id === SECTION.custom)) {
    const reader = new Reader(content);
    if (reader.text() !== "name") continue;
    while (reader.at < content.length) {
      const part = reader.byte();
      const length = reader.number();
      if (part !== 1) {
        reader.take(length);
        continue;
      }
      for (let left = reader.number(); left > 0; left -= 1) names.set(reader.number(), reader.text());
    }
  }
  return names;
}

function withoutBodies(content, first, names, counts) {
  const reader = new Reader(content);
  const count = reader.number();
  const parts = [number(count)];
  for (let i = 0; i < count; i += 1) {
    const body = reader.take(reader.number());
    const rule = NEVER_CALLED.findIndex((name) => name.test(names.get(first + i) ?? ""));
    if (rule !== -1) counts[rule] += 1;
    const kept = rule === -1 ? body : UNREACHABLE;
    parts.push(number(kept.length), kept);
  }
  return Buffer.concat(parts);
}

function withoutDeadCode(module) {
  const all = sections(module);
  const names = functionNames(all);
  const first = importedFunctions(all.find(({ id }) => id === SECTION.imports).content);
  const counts = NEVER_CALLED.map(() => 0);
  const written = all.map(({ id, content, whole }) => {
    if (id !== SECTION.code) return whole;
    const code = withoutBodies(content, first, names, counts);
    return Buffer.concat([number(id), number(code.length), code]);
  });
  // Renamed by a new version of the view library: then this file has to learn the new names.
  if (counts.includes(0)) throw new Error(`no function is called ${NEVER_CALLED[counts.indexOf(0)]}`);
  return Buffer.concat([module.subarray(0, 8), ...written]);
}

export function shrink(path) {
  const wanted = JSON.parse(readFileSync(join(ROOT, "tools/wasm-opt/package.json"), "utf8")).dependencies.binaryen;
  let version;
  try {
    version = execFileSync("wasm-opt", ["--version"], { encoding: "utf8" });
  } catch {
    throw new Error("wasm-opt is not on PATH; `make build` installs it and finds it");
  }
  // An older one silently corrupts what today's compiler emits.
  if (!version.includes(` ${wanted.split(".")[0]} `)) throw new Error(`wasm-opt ${wanted} is needed, not ${version.trim()}`);
  const folder = mkdtempSync(join(tmpdir(), "codika-wasm-"));
  try {
    const input = join(folder, "input.wasm");
    writeFileSync(input, withoutDeadCode(readFileSync(path)));
    execFileSync("wasm-opt", [...OPTIONS, ...FEATURES.map((name) => `--enable-${name}`), input, "-o", path], { stdio: "inherit" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}
