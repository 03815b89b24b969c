use serde_json::{Map, Value};

use crate::form::{Field, Form, Item, Kind, fields_of};
use crate::validate::is_blank;

/// The input as it is sent: no `null`, no empty texts, lists and objects, and every boolean present
/// (its default or `false`). Members the form does not know stay as they are.
pub fn clean(form: &Form, input: &Value) -> Value {
    match input {
        Value::Object(o) => Value::Object(object(&form.items, o)),
        other => other.clone(),
    }
}

fn object(items: &[Item], o: &Map<String, Value>) -> Map<String, Value> {
    let mut out = Map::new();
    for field in fields_of(items) {
        let v = match o.get(&field.key) {
            Some(v) if !v.is_null() => value(&field.kind, v),
            _ => Value::Null,
        };
        let v = match field.kind {
            Kind::Boolean { .. } if v.is_null() => Value::Bool(on_by_default(field)),
            _ => v,
        };
        if !is_blank(&v) {
            out.insert(field.key.clone(), v);
        }
    }
    for (key, v) in o {
        if !out.contains_key(key) && fields_of(items).all(|field| field.key != *key) {
            out.insert(key.clone(), v.clone());
        }
    }
    out
}

fn value(kind: &Kind, v: &Value) -> Value {
    match (kind, v) {
        // `{}` is absent; it must not come alive through the booleans inside.
        (Kind::Object { items }, Value::Object(o)) if !o.is_empty() => Value::Object(object(items, o)),
        (Kind::ObjectArray { items, .. }, Value::Array(list)) => list
            .iter()
            .map(|entry| match entry {
                Value::Object(o) => Value::Object(object(items, o)),
                other => other.clone(),
            })
            .collect(),
        _ => v.clone(),
    }
}

fn on_by_default(field: &Field) -> bool {
    field.default.as_ref().and_then(Value::as_bool).unwrap_or(false)
}

/// What a fresh form starts with. A default that does not fit its field, or is none of its options,
/// is ignored.
pub fn defaults(form: &Form) -> Value {
    Value::Object(defaults_of(&form.items))
}

fn defaults_of(items: &[Item]) -> Map<String, Value> {
    fields_of(items)
        .filter_map(|field| {
            let v = match (&field.kind, &field.default) {
                (Kind::Object { items }, None) => Value::Object(defaults_of(items)),
                (kind, Some(default)) => fitting(kind, default)?,
                (_, None) => return None,
            };
            (!is_blank(&v)).then(|| (field.key.clone(), v))
        })
        .collect()
}

fn fitting(kind: &Kind, default: &Value) -> Option<Value> {
    let is_option = |v: &Value, options: &[crate::Choice]| options.iter().any(|o| v.as_str() == Some(o.value.as_str()));
    let fits = match kind {
        Kind::String(_) | Kind::Text { .. } | Kind::Date { .. } => default.is_string(),
        Kind::Number(rules) => match default {
            Value::Number(_) => true,
            Value::String(s) => return super::number::parse(s, rules.integer).ok(),
            _ => false,
        },
        Kind::Boolean { .. } => match default {
            Value::Bool(_) => true,
            Value::String(s) => return s.parse().ok().map(Value::Bool),
            _ => false,
        },
        Kind::Select { options } | Kind::Radio { options } => is_option(default, options),
        Kind::Multiselect { options, .. } => {
            let Value::Array(list) = default else {
                return None;
            };
            return Some(list.iter().filter(|v| is_option(v, options)).cloned().collect());
        }
        Kind::File(_) => false,
        Kind::Array { .. } | Kind::ObjectArray { .. } => default.is_array(),
        Kind::Object { .. } => default.is_object(),
        Kind::Json { .. } => true,
    };
    fits.then(|| default.clone())
}
