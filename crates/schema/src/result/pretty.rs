use serde_json::Value;

use super::clip::{Clip, ClipWriter};
use super::tree::Tree;

/// Indented JSON, cut at a size and at a depth; deeper values become "…".
pub fn pretty(v: &Tree, max_bytes: usize, max_depth: usize) -> Clip {
    let mut out = ClipWriter::new(max_bytes);
    write(v, 0, max_depth, &mut out);
    out.finish()
}

fn write(v: &Tree, depth: usize, max_depth: usize, out: &mut ClipWriter) {
    match v {
        Tree::List(list) if list.total > 0 => {
            if depth >= max_depth {
                return out.push("[…]");
            }
            out.push("[");
            for (i, entry) in list.kept.iter().enumerate() {
                line(i, depth + 1, out);
                write(entry, depth + 1, max_depth, out);
            }
            rest(list.total - list.kept.len(), depth, out);
            end(depth, "]", out);
        }
        Tree::Object(o) if !o.is_empty() => {
            if depth >= max_depth {
                return out.push("{…}");
            }
            out.push("{");
            for (i, (key, entry)) in o.kept.iter().enumerate() {
                line(i, depth + 1, out);
                out.push(&Value::from(key.as_str()).to_string());
                out.push(": ");
                write(entry, depth + 1, max_depth, out);
            }
            rest(o.total - o.kept.len(), depth, out);
            end(depth, "}", out);
        }
        Tree::List(_) => out.push("[]"),
        Tree::Object(_) => out.push("{}"),
        Tree::Null => out.push("null"),
        Tree::Bool(flag) => out.push(&flag.to_string()),
        Tree::Number(number) => out.push(&number.to_string()),
        Tree::Text(text) => out.push(&Value::from(text.as_str()).to_string()),
    }
}

fn line(i: usize, depth: usize, out: &mut ClipWriter) {
    if i > 0 {
        out.push(",");
    }
    out.push("\n");
    out.push(&"  ".repeat(depth));
}

fn rest(more: usize, depth: usize, out: &mut ClipWriter) {
    if more > 0 {
        line(1, depth + 1, out);
        out.push(&format!("… {more} more"));
    }
}

fn end(depth: usize, close: &str, out: &mut ClipWriter) {
    out.push("\n");
    out.push(&"  ".repeat(depth));
    out.push(close);
}
