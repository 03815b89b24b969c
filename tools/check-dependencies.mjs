// What the lock file brings in, against the lists of deny.toml: licences, banned crates, crates in two versions, sources.
// The same as `cargo deny check licenses bans sources`, without another tool to fetch or to compile.
// usage: node tools/check-dependencies.mjs                what is not as the lists say, or nothing
//        node tools/check-dependencies.mjs notices FILE   writes the licences of all that the programs contain
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ROOT } from "./processes.mjs";

const CRATES_IO = "registry+https://github.com/rust-lang/crates.io-index";
const HOST = execFileSync("rustc", ["-vV"], { encoding: "utf8" }).match(/^host: (.*)$/m)[1];

/** Sections of `key = value`; values are strings, truths, and lists of strings or `{ key = "text" }`. No more of TOML. */
function readLists(path) {
  const text = readFileSync(path, "utf8").replace(/^\s*#.*$/gm, "");
  const sections = {};
  for (const [, section, body] of text.matchAll(/^\[([a-z]+)\]\n([^]*?)(?=^\[[a-z]+\]\n|(?![^]))/gm)) {
    sections[section] = {};
    for (const [, key, value] of body.matchAll(/^([a-z-]+) = (\[[^\]]*\]|.*)$/gm))
      sections[section][key] = JSON.parse(value.replace(/([a-z]+) = "/g, '"$1": "').replace(/,\s*\]$/, "]"));
  }
  return sections;
}

const cargo = (...args) => execFileSync("cargo", args, { cwd: ROOT, encoding: "utf8", maxBuffer: 1 << 30 });

/** The packages that `cargo tree` names: for each target those of these packages and by these edges. */
function packages(selections) {
  const found = new Map();
  for (const [target, ...selection] of selections) {
    const args = ["--locked", "--target", target, "--prefix", "none", "--format", "{p}", ...selection];
    const names = new Set(cargo("tree", ...args).split("\n").map((line) => line.split(" ", 2).join(" ")));
    const all = cargo("metadata", "--locked", "--format-version", "1", "--filter-platform", target);
    for (const pack of JSON.parse(all).packages) if (names.has(`${pack.name} v${pack.version}`)) found.set(pack.id, pack);
  }
  return [...found.values()].sort((a, b) => a.name.localeCompare(b.name) || a.version.localeCompare(b.version));
}

/** Whether a licence expression can be met with what is allowed; notes in `used` by what. */
function allowed(expression, list, used) {
  const words = expression.replaceAll("/", " OR ").match(/[()]|[^\s()]+/g);
  let at = 0;
  const term = () => {
    if (words[at] === "(") {
      at += 1;
      const inner = either();
      at += 1;
      return inner;
    }
    let name = words[at++];
    if (words[at] === "WITH") name += ` WITH ${words[(at += 2) - 1]}`;
    if (list.includes(name)) used.add(name);
    return list.includes(name);
  };
  const both = () => {
    let met = term();
    for (; words[at] === "AND"; met = term() && met) at += 1;
    return met;
  };
  const either = () => {
    let met = both();
    for (; words[at] === "OR"; met = both() || met) at += 1;
    return met;
  };
  return either();
}

/** Whether a package is meant by `name` or `name@1` or `name@1.2.3`. */
function matches({ name, version }, spec) {
  const [wanted, prefix] = spec.split("@");
  return name === wanted && (!prefix || version === prefix || version.startsWith(`${prefix}.`));
}

function check() {
  const { graph, licenses, bans } = readLists(join(ROOT, "deny.toml"));
  const found = [];
  const all = packages(graph.targets.map((target) => [target, "--workspace", "--edges", "normal,build"]));

  const used = new Set();
  const skipped = new Set();
  const versions = new Map();
  for (const pack of all) {
    const { name, version, license, source, manifest_path: path } = pack;
    if (!license || !allowed(license, licenses.allow, used)) found.push(`${name} ${version}: its licence is ${license ?? "unknown"}`);
    if (source ? source !== CRATES_IO : !path.startsWith(`${ROOT}/`)) found.push(`${name} ${version}: it comes from ${source ?? path}`);
    for (const { crate, reason } of bans.deny) if (matches(pack, crate)) found.push(`${name} ${version}: banned, ${reason}`);
    const skip = bans.skip.find(({ crate }) => matches(pack, crate));
    if (skip) skipped.add(skip.crate);
    else versions.set(name, [...(versions.get(name) ?? []), version]);
  }
  for (const [name, list] of versions) if (list.length > 1) found.push(`${name}: in the versions ${list.join(" and ")}`);
  for (const { crate } of bans.skip) if (!skipped.has(crate)) found.push(`deny.toml skips ${crate}, which is not there any more`);
  for (const name of licenses.allow) if (!used.has(name)) found.push(`deny.toml allows ${name}, which nothing has any more`);
  // A checksum of each, or cargo would take whatever it is sent.
  for (const [, name] of readFileSync(join(ROOT, "Cargo.lock"), "utf8").matchAll(/^name = "(.*)"\nversion = .*\nsource = .*\n(?!checksum)/gm))
    found.push(`${name}: Cargo.lock has no checksum of it`);

  if (found.length) {
    console.error(`Not as deny.toml says:\n  ${found.sort().join("\n  ")}`);
    process.exit(1);
  }
  console.log(`${all.length} crates are as deny.toml says (known vulnerabilities are not looked up: that takes \`cargo deny check advisories\`)`);
}

/** What can stand at the head of a crate's folder and say what it is under. */
const LEGAL = /^(licen[cs]e|copying|copyright|notice|unlicense|authors)/i;

function notices(file) {
  // Macros write code and are not part of it.
  const edges = ["--edges", "normal,no-proc-macro"];
  const list = packages([
    [HOST, "--package", "server", "--package", "emulator", ...edges],
    ["wasm32-unknown-unknown", "--package", "frontend", ...edges],
  ]).filter(({ source }) => source);
  const texts = new Map();
  const without = [];
  for (const pack of list) {
    const folder = dirname(pack.manifest_path);
    const files = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isFile() && LEGAL.test(entry.name));
    if (!files.length) without.push(pack);
    for (const { name } of files) {
      const text = readFileSync(join(folder, name), "utf8").replaceAll("\r\n", "\n").trim();
      texts.set(text, [...(texts.get(text) ?? []), `${pack.name} ${pack.version}`]);
    }
  }
  const standard = execFileSync("rustc", ["--print", "sysroot"], { encoding: "utf8" }).trim();
  for (const name of ["COPYRIGHT", "LICENSE-APACHE", "LICENSE-MIT"]) {
    const path = join(standard, "share/doc/rust", name);
    if (!existsSync(path)) continue;
    const text = readFileSync(path, "utf8").trim();
    texts.set(text, [...(texts.get(text) ?? []), "the standard library of Rust"]);
  }

  const line = ({ name, version, license, authors, repository }) =>
    [`${name} ${version}`, license, repository, authors.join(", ")].filter(Boolean).join("  ");
  const parts = [
    "Codika Dashboard is under MIT OR Apache-2.0. Its programs and what they send to the browser contain the following.\n" +
      "SQLite, inside libsqlite3-sys, is in the public domain.",
    list.map(line).join("\n"),
    `Without a text of their own in what they publish; the licence named above counts:\n${without.map(line).join("\n")}`,
    ...[...texts].map(([text, names]) => `${[...new Set(names)].join(", ")}:\n\n${text}`),
  ];
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, `${parts.join(`\n\n${"=".repeat(80)}\n\n`)}\n`);
  console.log(`${file}: ${list.length} crates, ${texts.size} texts`);
}

const [command, file] = process.argv.slice(2);
if (!command) check();
else if (command === "notices" && file) notices(file);
else {
  console.error("usage: node tools/check-dependencies.mjs [notices FILE]");
  process.exit(2);
}
