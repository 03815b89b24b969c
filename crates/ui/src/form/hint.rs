//! What stands below a field, and what a JSON value should look like.

use schema::{Field, Item, Kind};

const NO_UPLOAD: &str = "Files cannot be uploaded from here.";

pub fn help(field: &Field) -> Option<String> {
    let written = match &field.kind {
        Kind::File(_) if field.required => Some(format!(
            "{NO_UPLOAD} Run this workflow in Codika itself, or enter the id of a file that is already there."
        )),
        Kind::File(_) => {
            Some(format!("{NO_UPLOAD} Enter the id of a file that is already in Codika, or leave this empty."))
        }
        Kind::Array { .. } => Some("Written as a JSON list.".to_owned()),
        Kind::ObjectArray { .. } => Some("Written as a JSON list of objects.".to_owned()),
        Kind::Object { .. } => Some("Written as a JSON object.".to_owned()),
        Kind::Json { .. } => Some("Written as JSON.".to_owned()),
        _ => None,
    };
    let parts = [field.description.clone(), field.tooltip.clone(), written];
    let text = parts.into_iter().flatten().map(|part| part.trim().to_owned()).collect::<Vec<_>>().join(" ");
    (!text.is_empty()).then_some(text)
}

/// An example of the value: `[{"sku": "…", "qty": 1}]`.
pub fn sample(kind: &Kind) -> String {
    match kind {
        Kind::Number(_) => "1".into(),
        Kind::Boolean { .. } => "true".into(),
        Kind::Date { .. } => "\"2026-03-04\"".into(),
        Kind::Select { options } | Kind::Radio { options } => quoted(options.first().map_or("…", |o| o.value.as_str())),
        Kind::Multiselect { options, .. } => format!("[{}]", quoted(options.first().map_or("…", |o| o.value.as_str()))),
        Kind::Array { item, .. } => format!("[{0}, {0}]", sample(item)),
        Kind::Object { items } => object(items),
        Kind::ObjectArray { items, .. } => format!("[{}]", object(items)),
        Kind::Json { declared } if declared == "object" => "{\"…\": \"…\"}".into(),
        Kind::Json { declared } if declared == "objectArray" => "[{\"…\": \"…\"}]".into(),
        Kind::String(_) | Kind::Text { .. } | Kind::File(_) | Kind::Json { .. } => quoted("…"),
    }
}

fn object(items: &[Item]) -> String {
    format!("{{{}}}", members(items).join(", "))
}

fn members(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .flat_map(|item| match item {
            Item::Field(field) => vec![format!("{}: {}", quoted(&field.key), sample(&field.kind))],
            Item::Section(section) => members(&section.items),
        })
        .collect()
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
