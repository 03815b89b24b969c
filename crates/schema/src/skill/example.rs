use serde_json::Value;

use super::markdown::{Body, blocks};
use crate::form::{Field, Form, Item, Kind, NumberRules, TextRules};

/// Longer or multi-line example texts suggest a text area.
const LONG_TEXT: usize = 80;
const MAX_PLACEHOLDER: usize = 120;

/// The payload in the first block of the trigger section that holds a JSON object.
pub fn payload(body: &Body<'_>) -> Option<Value> {
    let lines = body.under(|title| title.contains("trigger"))?;
    blocks(&lines).iter().find_map(|block| first_object(block)).map(unwrap)
}

/// The first line that starts with `{` begins the object; the parser finds its end.
pub fn first_object(block: &str) -> Option<Value> {
    let mut offset = 0;
    for line in block.split_inclusive('\n') {
        let start = offset + (line.len() - line.trim_start().len());
        offset += line.len();
        if let Some(rest) = block.get(start..).filter(|rest| rest.starts_with('{')) {
            let first = serde_json::Deserializer::from_str(rest).into_iter::<Value>().next();
            if let Some(Ok(v)) = first.filter(|v| v.as_ref().is_ok_and(Value::is_object)) {
                return Some(v);
            }
        }
    }
    None
}

/// Some examples show the wrapper that the transport adds.
fn unwrap(v: Value) -> Value {
    match v {
        Value::Object(mut o) if o.len() == 1 && o.get("payload").is_some_and(Value::is_object) => {
            o.remove("payload").unwrap_or_default()
        }
        other => other,
    }
}

/// Keys and JSON types of the example. Nothing is known to be required.
pub fn form(example: Option<&Value>) -> Form {
    let Some(Value::Object(o)) = example else {
        return Form::default();
    };
    let items = o
        .iter()
        .filter(|(key, _)| !key.is_empty())
        .map(|(key, v)| {
            Item::Field(Field {
                key: key.clone(),
                label: key.clone(),
                description: None,
                tooltip: None,
                placeholder: None,
                required: false,
                default: None,
                advisory: true,
                kind: kind(v),
            })
        })
        .collect();
    Form { items }
}

fn kind(v: &Value) -> Kind {
    let json = |declared: &str| Kind::Json { declared: declared.into() };
    match v {
        Value::String(s) if s.len() > LONG_TEXT || s.contains('\n') => {
            Kind::Text { rules: TextRules::default(), rows: 4 }
        }
        Value::String(_) => Kind::String(TextRules::default()),
        Value::Number(_) => Kind::Number(NumberRules::default()),
        Value::Bool(_) => Kind::Boolean { enabled_label: "Enabled".into(), disabled_label: "Disabled".into() },
        Value::Object(_) => json("object"),
        Value::Null => json("json"),
        Value::Array(list) => match list.first() {
            _ if list.iter().any(Value::is_object) => json("objectArray"),
            Some(first) if list.iter().all(|v| same_scalar(v, first)) => {
                Kind::Array { item: Box::new(kind(first)), min: None, max: None }
            }
            _ => json("json"),
        },
    }
}

fn same_scalar(a: &Value, b: &Value) -> bool {
    matches!(
        (a, b),
        (Value::String(_), Value::String(_)) | (Value::Number(_), Value::Number(_)) | (Value::Bool(_), Value::Bool(_))
    )
}

pub fn add_placeholders(form: &mut Form, example: Option<&Value>) {
    let Some(Value::Object(o)) = example else {
        return;
    };
    for item in &mut form.items {
        let Item::Field(field) = item else { continue };
        let Some(v) = o.get(&field.key) else { continue };
        let text = match v {
            Value::String(s) => s.clone(),
            Value::Number(n) => n.to_string(),
            Value::Array(_) | Value::Object(_) => v.to_string(),
            Value::Bool(_) | Value::Null => continue,
        };
        if text.chars().count() <= MAX_PLACEHOLDER && !text.is_empty() {
            field.placeholder = Some(text);
        }
    }
}
