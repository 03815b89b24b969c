// Trunk's post_build hook, run on the staging folder: gives the bundle its public name, drops the document
// that nobody serves, and makes a release build small, with precompressed variants.
import { existsSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { shrink } from "./shrink-bundle.mjs";

const staging = process.env.TRUNK_STAGING_DIR;
if (!staging) throw new Error("run by Trunk: TRUNK_STAGING_DIR is not set");

const BUILT = "frontend";
const SERVED = "codika";

// `snippets/` holds JavaScript that crates bring along; the paths inside are relative and stay as they are.
if (existsSync(join(staging, `${BUILT}.js`))) {
  const glue = readFileSync(join(staging, `${BUILT}.js`), "utf8");
  writeFileSync(join(staging, `${SERVED}.js`), glue.replaceAll(`${BUILT}_bg.wasm`, `${SERVED}_bg.wasm`));
  rmSync(join(staging, `${BUILT}.js`));
  renameSync(join(staging, `${BUILT}_bg.wasm`), join(staging, `${SERVED}_bg.wasm`));
}
rmSync(join(staging, "index.html"), { force: true });

if (process.env.TRUNK_PROFILE === "release") {
  shrink(join(staging, `${SERVED}_bg.wasm`), join(staging, `${SERVED}.js`), process.env.CODIKA_BUNDLE === "small");
  const files = readdirSync(staging, { recursive: true, encoding: "utf8" });
  for (const name of files.filter((file) => /\.(js|wasm|css|svg|webmanifest)$/.test(file))) {
    const path = join(staging, name);
    const bytes = readFileSync(path);
    const brotli = brotliCompressSync(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 11, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    });
    writeFileSync(`${path}.br`, brotli);
    writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  }
}
