use serde_json::Value;

use crate::error::{ErrorCode, FieldError};
use crate::form::word_of;

/// Reads the raw JSON editor: the whole input as one object. Nothing typed means no input.
///
/// # Errors
/// With line and column for a syntax error; naming what it is when it is no object.
pub fn decode_json(text: &str) -> Result<Value, FieldError> {
    if text.trim().is_empty() {
        return Ok(Value::Object(serde_json::Map::new()));
    }
    match parse(text, "")? {
        v @ Value::Object(_) => Ok(v),
        other => {
            let message = format!("The input must be an object in braces {{ }}, not {}.", word_of(&other));
            Err(FieldError::new("", ErrorCode::WrongType, message))
        }
    }
}

pub(crate) fn parse(text: &str, path: &str) -> Result<Value, FieldError> {
    serde_json::from_str(text).map_err(|e| FieldError::new(path, ErrorCode::InvalidJson, describe(text, &e)))
}

fn describe(text: &str, e: &serde_json::Error) -> String {
    let full = e.to_string();
    let what = full.rsplit_once(" at line ").map_or(full.as_str(), |(what, _)| what);
    if what.starts_with("recursion limit") {
        return "This JSON is nested too deeply.".into();
    }
    let (line, column) = (e.line(), column(text, e));
    let what = match what {
        "expected value" => "a value is expected",
        "expected ident" => "this word is not JSON (text needs double quotes)",
        "trailing characters" => "nothing may follow here",
        "trailing comma" => "the comma before it is one too many",
        "key must be a string" => "names need double quotes",
        what if what.starts_with("EOF") => "it ends too early (a bracket, brace or quote is still open)",
        what if what.starts_with("control character") => "a line break inside a text must be written as \\n",
        what => what,
    };
    format!("This is not valid JSON. Line {line}, column {column}: {what}.")
}

/// The parser counts bytes; people count characters.
fn column(text: &str, e: &serde_json::Error) -> usize {
    let line = text.split('\n').nth(e.line().saturating_sub(1)).unwrap_or_default();
    let bytes = &line.as_bytes()[..e.column().min(line.len())];
    String::from_utf8_lossy(bytes).chars().count().max(1)
}

#[cfg(test)]
mod tests;
