// Makes a browser bundle small: without what is never called, with wasm-opt and terser, and with short names for
// what the module and its script have from each other.
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
export function shrink(wasm, script, exactNames) {
  checkVersion();
  const folder = mkdtempSync(join(tmpdir(), "codika-bundle-"));
  try {
    const input = join(folder, "input.wasm");
    writeFileSync(input, exactNames ? withoutUnused(readFileSync(wasm)) : readFileSync(wasm));
    const features = FEATURES.map((name) => `--enable-${name}`);
    run("wasm-opt", [...OPTIONS, ...features, input, "-o", wasm]);
    // Prints the names it gave; by itself, because `--converge` would give and print them several times.
    const names = JSON.parse(run("wasm-opt", ["--minify-imports-and-exports-and-modules", ...features, wasm, "-o", wasm]));
    writeFileSync(script, renamed(readFileSync(script, "utf8"), names));
    run("terser", [script, "--module", "--compress", "passes=2", "--mangle", "--output", script]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const run = (program, options) =>
  execFileSync(program, options, { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 24 });

function checkVersion() {
  const wanted = JSON.parse(readFileSync(join(ROOT, "tools/bundler/package.json"), "utf8")).dependencies.binaryen;
  let version;
  try {
    version = run("wasm-opt", ["--version"]);
  } catch {
    throw new Error("wasm-opt is not on PATH; `make build` installs it and finds it");
  }
  // An older one silently corrupts what today's compiler emits.
  if (!version.includes(` ${wanted.split(".")[0]} `)) throw new Error(`wasm-opt ${wanted} is needed, not ${version.trim()}`);
}

// Families of functions that nothing calls in this browser, though a stored pointer or an export keeps each alive.
// One that is called after all stops the page at an `unreachable`. Why each is safe: docs/adr/0006.
const UNUSED = ["hydrate_async", "hydrate_from_template", "generate_routes", "IntoUnderlying", "intounderlying"];

function withoutUnused(wasm) {
  const counts = new Map(UNUSED.map((family) => [family, 0]));
  const hollowed = hollow(wasm, (name) => {
    const families = UNUSED.filter((family) => name.includes(family));
    for (const family of families) counts.set(family, counts.get(family) + 1);
    return families.length > 0;
  });
  for (const [family, count] of counts) if (count === 0) throw new Error(`no function is named ${family}: what is it called now?`);
  return hollowed;
}

/// The script of wasm-bindgen offers its functions under `import0`, and uses the module's as `wasm.name`.
function renamed(script, { imports, exports }) {
  const [module, ...others] = new Set(imports.map(([module]) => module));
  if (!module || others.length > 0) throw new Error(`one module to import from was expected, not ${[module, ...others]}`);
  const offered = new Map(imports.map(([, name, short]) => [name, short]));
  const used = new Map(exports);
  let found = 0;
  const text = script
    .replace(/^ {8}(\w+): /gm, (all, name) => {
      if (!offered.has(name)) return all;
      found += 1;
      return `        ${offered.get(name)}: `;
    })
    .replace(/\bwasm\.(\w+)/g, (all, name) => (used.has(name) ? `wasm.${used.get(name)}` : all))
    // The one module gets the first short name.
    .replace(`${JSON.stringify(module)}: import0`, "a: import0");
  if (found !== offered.size) throw new Error(`${offered.size} functions are imported, ${found} were found in the script`);
  return text;
}
