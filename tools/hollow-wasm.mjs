// Empties functions of a wasm module by their names. Whatever only they used is dropped by wasm-opt afterwards.

const CUSTOM = 0, IMPORTS = 2, CODE = 10;
const FUNCTION_NAMES = 1;
// No locals, `unreachable`, `end`.
const EMPTY = Buffer.from([0, 0x00, 0x0b]);

export function hollow(wasm, isUnused) {
  const sections = sectionsOf(wasm);
  const names = namesOf(wasm, sections);
  const imported = importedFunctions(wasm, sections);
  const parts = sections.map(({ id, start, body, end }) => {
    if (id !== CODE) return wasm.subarray(start, end);
    const at = { wasm, offset: body };
    const functions = Array.from({ length: number(at) }, (_, index) => {
      const size = number(at);
      const code = wasm.subarray(at.offset, at.offset + size);
      at.offset += size;
      if (!isUnused(names.get(imported + index) ?? "")) return Buffer.concat([encoded(size), code]);
      return Buffer.concat([encoded(EMPTY.length), EMPTY]);
    });
    const content = Buffer.concat([encoded(functions.length), ...functions]);
    return Buffer.concat([Buffer.from([CODE]), encoded(content.length), content]);
  });
  return Buffer.concat([wasm.subarray(0, 8), ...parts]);
}

function sectionsOf(wasm) {
  const at = { wasm, offset: 8 };
  const sections = [];
  while (at.offset < wasm.length) {
    const start = at.offset;
    const id = wasm[at.offset++];
    const length = number(at);
    sections.push({ id, start, body: at.offset, end: at.offset + length });
    at.offset += length;
  }
  return sections;
}

function namesOf(wasm, sections) {
  const names = new Map();
  for (const { id, body, end } of sections) {
    const at = { wasm, offset: body };
    if (id !== CUSTOM || text(at) !== "name") continue;
    while (at.offset < end) {
      const kind = wasm[at.offset++];
      const length = number(at);
      const next = at.offset + length;
      if (kind === FUNCTION_NAMES) for (let left = number(at); left > 0; left--) names.set(number(at), text(at));
      at.offset = next;
    }
  }
  return names;
}

/// Imported functions are numbered before those of the module.
function importedFunctions(wasm, sections) {
  const imports = sections.find(({ id }) => id === IMPORTS);
  if (!imports) return 0;
  const at = { wasm, offset: imports.body };
  let functions = 0;
  for (let left = number(at); left > 0; left--) {
    text(at);
    text(at);
    const kind = wasm[at.offset++];
    if (kind === 0) {
      functions += 1;
      number(at);
    } else if (kind === 3) at.offset += 2;
    else throw new Error("wasm-bindgen imports functions and globals only; this module imports something else");
  }
  return functions;
}

function text(at) {
  const length = number(at);
  at.offset += length;
  return at.wasm.toString("utf8", at.offset - length, at.offset);
}

/// LEB128, unsigned.
function number(at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = at.wasm[at.offset++];
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) return value;
  }
}

function encoded(value) {
  const bytes = [];
  do {
    bytes.push((value & 0x7f) | (value > 0x7f ? 0x80 : 0));
    value >>>= 7;
  } while (value > 0);
  return Buffer.from(bytes);
}
