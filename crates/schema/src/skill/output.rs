use serde_json::Value;

use super::OutputField;
use super::example::first_object;
use super::frontmatter::Frontmatter;
use super::markdown::{Body, blocks};
use super::table::{Table, cell};

/// What the result holds: the Output table, else the head's list, else the keys of the JSON example.
pub fn fields(front: &Frontmatter, body: &Body<'_>) -> Vec<OutputField> {
    let lines = body.under(|title| ["output", "result", "response", "returns"].iter().any(|w| title.starts_with(w)));
    let lines = lines.unwrap_or_default();
    let mut out = Table::first(&lines).map(|table| from_table(&table)).unwrap_or_default();
    if out.is_empty() {
        out = from_list(front);
    }
    if out.is_empty()
        && let Some(Value::Object(o)) = blocks(&lines).iter().find_map(|block| first_object(block))
    {
        out = o
            .iter()
            .map(|(key, v)| OutputField { key: key.clone(), kind: type_of(v).into(), description: None })
            .collect();
    }
    let mut seen = std::collections::HashSet::new();
    out.retain(|field| !field.key.is_empty() && seen.insert(field.key.clone()));
    out
}

fn from_table(table: &Table) -> Vec<OutputField> {
    let key = table.column(&["key", "field", "name", "parameter", "param"]);
    let kind = table.column(&["type"]);
    let text = table.column(&["description", "notes"]);
    let row = |row: &Vec<String>| {
        Some(OutputField {
            key: plain(cell(row, key)?),
            kind: cell(row, kind).map(|w| plain(w).to_lowercase()).unwrap_or_default(),
            description: cell(row, text).map(str::to_owned),
        })
    };
    table.rows.iter().filter_map(row).collect()
}

fn from_list(front: &Frontmatter) -> Vec<OutputField> {
    let field = |entry: &super::frontmatter::Entry| {
        let get = |name: &str| entry.iter().find(|(k, _)| k == name).map(|(_, v)| v.clone());
        Some(OutputField {
            key: get("name").or_else(|| get("key"))?,
            kind: get("type").unwrap_or_default().to_lowercase(),
            description: get("description"),
        })
    };
    front.list("output").iter().filter_map(field).collect()
}

fn plain(text: &str) -> String {
    text.trim_matches(['`', '*', '"', '\'', ' ']).to_owned()
}

fn type_of(v: &Value) -> &'static str {
    match v {
        Value::Null => "",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
