use serde_json::{Map, Value};

use super::{JSON_FIELD, clean, field_name, number};
use crate::error::{ErrorCode, FieldError};
use crate::form::{Field, Form, Kind};
use crate::json_text;
use crate::validate::{is_blank, validate};

/// The input somebody typed into a form.
#[derive(Clone, Debug, PartialEq)]
pub struct Decoded {
    /// Always an object. What could not be read (a number such as "12a", broken JSON) stays in it as
    /// the text that was typed, so that nothing is lost.
    pub input: Value,
    /// Only what could not be read; see [`Decoded::check`] for all mistakes.
    pub errors: Vec<FieldError>,
}

impl Decoded {
    /// What could not be read, then what breaks a rule of the form: at most one complaint of the two
    /// kinds for a field, since a text that is no number breaks the number's rules as well.
    pub fn check(&self, form: &Form) -> Vec<FieldError> {
        let mut all = self.errors.clone();
        let unread = |e: &FieldError| self.errors.iter().any(|known| !known.path.is_empty() && e.concerns(&known.path));
        all.extend(validate(form, &self.input).into_iter().filter(|e| !unread(e)));
        let position = |e: &FieldError| form.fields().position(|field| e.concerns(&field.key)).unwrap_or(usize::MAX);
        all.sort_by_key(position);
        all
    }
}

/// HTML form pairs → JSON by the encoding rules: empties are omitted, booleans always sent, numbers
/// are JSON numbers. Pairs that belong to no field are ignored.
pub fn decode(form: &Form, pairs: &[(String, String)]) -> Decoded {
    let mut errors = Vec::new();
    let mut input = Map::new();
    for field in form.fields() {
        let name = field_name(&field.key);
        let mut typed = pairs.iter().filter(|(n, _)| *n == name).map(|(_, v)| v.as_str());
        let v = match &field.kind {
            Kind::Boolean { .. } => Value::Bool(typed.next_back().is_some_and(is_on)),
            Kind::Multiselect { .. } => typed.filter(|v| !v.is_empty()).map(Value::from).collect::<Vec<_>>().into(),
            _ => match typed.next() {
                Some(text) => single(field, text, &mut errors),
                None => continue,
            },
        };
        if !is_blank(&v) {
            input.insert(field.key.clone(), v);
        }
    }
    Decoded { input: clean(form, &Value::Object(input)), errors }
}

/// Everything a submitted page can carry: the raw JSON editor if it is there, else the form.
pub fn read_submission(form: Option<&Form>, pairs: &[(String, String)]) -> Decoded {
    let json = pairs.iter().find(|(name, _)| name == JSON_FIELD);
    match (json, form) {
        (Some((_, text)), _) => match json_text::decode_json(text) {
            Ok(input) => Decoded { input, errors: Vec::new() },
            Err(e) => Decoded { input: Value::Object(Map::new()), errors: vec![e] },
        },
        (None, Some(form)) => decode(form, pairs),
        (None, None) => Decoded { input: Value::Object(Map::new()), errors: Vec::new() },
    }
}

fn single(field: &Field, typed: &str, errors: &mut Vec<FieldError>) -> Value {
    // Browsers send line ends as CRLF in a plain form post and as LF through FormData.
    let text = typed.replace("\r\n", "\n");
    let mut unread = |e: FieldError| {
        errors.push(e);
        Value::String(text.clone())
    };
    match &field.kind {
        Kind::Number(_) if text.trim().is_empty() => Value::Null,
        Kind::Number(rules) => match number::parse(&text, rules.integer) {
            Ok(v) => v,
            Err(message) => unread(FieldError::new(&field.key, ErrorCode::NotANumber, message)),
        },
        Kind::Date { .. } => Value::String(text.trim().into()),
        // A file id is typed as it is; anything else about a file is JSON.
        Kind::File(_) if !text.trim_start().starts_with(['{', '"']) => Value::String(text.trim().into()),
        kind if kind.is_json_text() => {
            if text.trim().is_empty() {
                return Value::Null;
            }
            json_text::parse(&text, &field.key).unwrap_or_else(unread)
        }
        _ => Value::String(text),
    }
}

fn is_on(value: &str) -> bool {
    !matches!(value, "" | "false" | "off" | "0")
}
