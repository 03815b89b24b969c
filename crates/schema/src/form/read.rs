//! Reading single members of an untrusted object: `null` is absent, near misses are accepted.

use serde_json::{Map, Value};

use super::Choice;

pub type Object = Map<String, Value>;

/// The first of several spellings that is present.
pub fn member<'a>(o: &'a Object, names: &[&str]) -> Option<&'a Value> {
    names.iter().filter_map(|name| o.get(*name)).find(|v| !v.is_null())
}

pub fn text(o: &Object, names: &[&str]) -> Option<String> {
    member(o, names).and_then(scalar_text).filter(|s| !s.trim().is_empty())
}

pub fn flag(o: &Object, name: &str) -> Option<bool> {
    match member(o, &[name])? {
        Value::Bool(b) => Some(*b),
        Value::String(s) => Some(matches!(s.as_str(), "true" | "yes" | "1")),
        _ => None,
    }
}

pub fn number(o: &Object, name: &str) -> Option<f64> {
    match member(o, &[name])? {
        Value::Number(n) => n.as_f64(),
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
    .filter(|n: &f64| n.is_finite())
}

/// A length or a count; fractions and negative numbers are no limits.
pub fn count(o: &Object, names: &[&str]) -> Option<u64> {
    match member(o, names)? {
        Value::Number(n) => {
            n.as_u64().or_else(|| n.as_f64().filter(|f| *f >= 0.0 && f.fract() == 0.0).map(|f| f as u64))
        }
        Value::String(s) => s.trim().parse().ok(),
        _ => None,
    }
}

pub fn strings(o: &Object, name: &str) -> Vec<String> {
    match member(o, &[name]) {
        Some(Value::Array(list)) => list.iter().filter_map(scalar_text).collect(),
        Some(other) => scalar_text(other).into_iter().collect(),
        None => Vec::new(),
    }
}

/// `[{value, label}]` or plain values; of two options with one value the first stays.
pub fn choices(o: &Object) -> Vec<Choice> {
    let Some(Value::Array(list)) = member(o, &["options"]) else {
        return Vec::new();
    };
    let mut out: Vec<Choice> = Vec::with_capacity(list.len());
    for entry in list {
        let choice = match entry {
            Value::Object(option) => {
                let Some(value) = member(option, &["value"]).and_then(scalar_text) else {
                    continue;
                };
                let label = text(option, &["label"]).unwrap_or_else(|| value.clone());
                Choice { value, label }
            }
            plain => match scalar_text(plain) {
                Some(value) => Choice { label: value.clone(), value },
                None => continue,
            },
        };
        if !choice.value.is_empty() && out.iter().all(|known| known.value != choice.value) {
            out.push(choice);
        }
    }
    out
}

fn scalar_text(v: &Value) -> Option<String> {
    match v {
        Value::String(s) => Some(s.clone()),
        Value::Number(n) => Some(n.to_string()),
        Value::Bool(b) => Some(b.to_string()),
        _ => None,
    }
}
