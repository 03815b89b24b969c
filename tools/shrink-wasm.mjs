// Makes a browser bundle small: without what is never called, then with wasm-opt.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hollow } from "./hollow-wasm.mjs";
import { ROOT } from "./processes.mjs";

// The features a browser of 2023 has; `--all-features` emits a format that browsers refuse.
const FEATURES = ["bulk-memory", "reference-types", "sign-ext", "mutable-globals", "nontrapping-float-to-int", "multivalue"];
// Bytes of brotli count: `-Oz` gives fewer bytes but more of brotli, and neighbours by name are alike.
const OPTIONS = ["-Os", "--converge", "--zero-filled-memory", "--reorder-functions-by-name"];

/// `exactNames`: each function of the module has its own name, because the compiler merged none (see tools/bundle.sh).
export function shrink(path, exactNames) {
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
    writeFileSync(input, exactNames ? withoutUnused(readFileSync(path)) : readFileSync(path));
    execFileSync("wasm-opt", [...OPTIONS, ...FEATURES.map((name) => `--enable-${name}`), input, "-o", path], { stdio: "inherit" });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function withoutUnused(wasm) {
  const { wasm: hollowed, count } = hollow(wasm, (name) => name.includes("hydrate_async"));
  if (count < 100) throw new Error(`only ${count} functions named hydrate_async: does leptos name them otherwise now?`);
  return hollowed;
}
