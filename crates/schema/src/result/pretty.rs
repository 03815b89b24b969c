use serde_json::Value;

use super::clip::{Clip, ClipWriter};

/// Indented JSON, cut at a size and at a depth; deeper values become "…".
pub fn pretty(v: &Value, max_bytes: usize, max_depth: usize) -> Clip {
    let mut out = ClipWriter::new(max_bytes);
    write(v, 0, max_depth, &mut out);
    out.finish()
}

fn write(v: &Value, depth: usize, max_depth: usize, out: &mut ClipWriter) {
    match v {
        Value::Array(list) if !list.is_empty() => {
            if depth >= max_depth {
                return out.push("[…]");
            }
            out.push("[");
            for (i, entry) in list.iter().enumerate() {
                line(i, depth + 1, out);
                write(entry, depth + 1, max_depth, out);
            }
            end(depth, "]", out);
        }
        Value::Object(o) if !o.is_empty() => {
            if depth >= max_depth {
                return out.push("{…}");
            }
            out.push("{");
            for (i, (key, entry)) in o.iter().enumerate() {
                line(i, depth + 1, out);
                out.push(&Value::from(key.as_str()).to_string());
                out.push(": ");
                write(entry, depth + 1, max_depth, out);
            }
            end(depth, "}", out);
        }
        // Scalars, `[]` and `{}`: no recursion left.
        flat => out.push(&flat.to_string()),
    }
}

fn line(i: usize, depth: usize, out: &mut ClipWriter) {
    if i > 0 {
        out.push(",");
    }
    out.push("\n");
    out.push(&"  ".repeat(depth));
}

fn end(depth: usize, close: &str, out: &mut ClipWriter) {
    out.push("\n");
    out.push(&"  ".repeat(depth));
    out.push(close);
}
