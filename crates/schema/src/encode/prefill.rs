use serde_json::Value;

use super::{clean, decode, field_name};
use crate::form::{Form, Kind};

/// JSON → HTML form pairs, the inverse of [`decode`]; for "run again" and for pages that come back
/// with messages. Members the form does not know have no control: see [`representable`].
pub fn prefill(form: &Form, input: &Value) -> Vec<(String, String)> {
    let mut pairs = Vec::new();
    for field in form.fields() {
        let Some(v) = input.get(&field.key).filter(|v| !v.is_null()) else {
            continue;
        };
        let name = field_name(&field.key);
        match (&field.kind, v) {
            (Kind::Boolean { .. }, Value::Bool(true)) => pairs.push((name, "true".into())),
            (Kind::Boolean { .. }, _) => {}
            (Kind::Multiselect { .. }, Value::Array(list)) => {
                pairs.extend(list.iter().map(|entry| (name.clone(), plain(entry))));
            }
            (Kind::File(_), Value::String(s)) if !s.trim_start().starts_with(['{', '"']) => {
                pairs.push((name, s.clone()))
            }
            (kind, v) if kind.is_json_text() => pairs.push((name, pretty(v))),
            (_, v) => pairs.push((name, plain(v))),
        }
    }
    pairs
}

/// Whether the form can show this input without losing anything; otherwise the JSON editor should.
pub fn representable(form: &Form, input: &Value) -> bool {
    let decoded = decode(form, &prefill(form, input));
    decoded.errors.is_empty() && decoded.input == clean(form, input)
}

fn plain(v: &Value) -> String {
    match v {
        Value::String(s) => s.clone(),
        other => other.to_string(),
    }
}

fn pretty(v: &Value) -> String {
    serde_json::to_string_pretty(v).unwrap_or_else(|_| v.to_string())
}
