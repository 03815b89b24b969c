// Concatenates style/*.css in the order of their file names into target/style/app.css (Trunk's pre_build hook).
import { mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { join } from "node:path";

const root = fileURLToPath(new URL("..", import.meta.url));

export function buildStyles() {
  const source = join(root, "style");
  const target = join(root, "target", "style");
  const css = readdirSync(source)
    .filter((name) => name.endsWith(".css"))
    .sort()
    .map((name) => readFileSync(join(source, name), "utf8"))
    .join("\n");
  mkdirSync(target, { recursive: true });
  const file = join(target, "app.css");
  writeFileSync(`${file}.new`, css);
  renameSync(`${file}.new`, file);
  return file;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildStyles();
