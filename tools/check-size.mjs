// What the first page of the dashboard makes a browser fetch must stay small.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./processes.mjs";

// What the two must not grow beyond.
const BUDGET = 300_000;

const size = (name) => readFileSync(join(ROOT, "dist", name)).length;
const wasm = size("codika_bg.wasm.br");
const js = size("codika.js.br");
const thousands = (n) => n.toLocaleString("en-US");

console.log(`codika_bg.wasm ${thousands(wasm)} + codika.js ${thousands(js)} = ${thousands(wasm + js)} bytes of brotli (at most ${thousands(BUDGET)})`);
console.log(`beside them app.css ${thousands(size("app.css.br"))}; unpacked wasm ${thousands(size("codika_bg.wasm"))}`);
if (wasm + js > BUDGET) {
  console.error(`error: ${thousands(wasm + js - BUDGET)} bytes too many`);
  process.exit(1);
}
