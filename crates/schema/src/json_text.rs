use serde_json::Value;

use crate::error::{ErrorCode, FieldError};
use crate::form::word_of;

/// A table of five thousand rows with ten columns has half as many. Values take much more room than their text: with
/// these, a hundred megabytes.
pub const MAX_VALUES: usize = 200_000;

/// How many values a JSON text has, told from its brackets and commas: before it is read, while it costs nothing yet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// Names of members count like values.
    pub all: usize,
    /// Objects and lists.
    pub containers: usize,
}

impl Values {
    pub fn count(text: &[u8]) -> Self {
        let mut found = Self { all: 1, containers: 0 };
        let mut bytes = text.iter();
        while let Some(byte) = bytes.next() {
            match byte {
                b'"' => skip_string(&mut bytes),
                b'{' | b'[' => {
                    found.containers += 1;
                    found.all += 1;
                }
                b',' | b':' => found.all += 1,
                _ => {}
            }
        }
        found
    }
}

fn skip_string<'a>(bytes: &mut impl Iterator<Item = &'a u8>) {
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => return,
            b'\\' => {
                bytes.next();
            }
            _ => {}
        }
    }
}

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
    if Values::count(text.as_bytes()).all > MAX_VALUES {
        let message = format!("This JSON has more than {MAX_VALUES} values.");
        return Err(FieldError::new(path, ErrorCode::InvalidJson, message));
    }
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
