// What the first page of the dashboard makes a browser fetch must stay small.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./processes.mjs";

// What each must not grow beyond.
const BUDGET = { wasm: 260_000, js: 10_000 };

const size = (name) => readFileSync(join(ROOT, "dist", name)).length;
const wasm = size("codika_bg.wasm.br");
const js = size("codika.js.br");
const thousands = (n) => n.toLocaleString("en-US");

console.log(`codika_bg.wasm ${thousands(wasm)} bytes of brotli (at most ${thousands(BUDGET.wasm)})`);
console.log(`codika.js ${thousands(js)} (at most ${thousands(BUDGET.js)})`);
console.log(`beside them app.css ${thousands(size("app.css.br"))}; unpacked wasm ${thousands(size("codika_bg.wasm"))}`);
for (const [what, found, budget] of [
  ["codika_bg.wasm", wasm, BUDGET.wasm],
  ["codika.js", js, BUDGET.js],
]) {
  if (found <= budget) continue;
  console.error(`error: ${what} is ${thousands(found - budget)} bytes too large`);
  process.exitCode = 1;
}
