use serde_json::{Map, Value};

use super::ResultView;
use super::shape::is_scalar;

pub const MAX_ROWS: usize = 200;
const MAX_COLUMNS: usize = 40;
const MAX_CELL: usize = 300;

/// A list of flat objects; a member may also be a list of plain values.
pub fn of(list: &[Value]) -> Option<ResultView> {
    let rows: Vec<&Map<String, Value>> = list.iter().map(Value::as_object).collect::<Option<_>>()?;
    if rows.is_empty() || !rows.iter().all(|row| !row.is_empty() && row.values().all(is_flat)) {
        return None;
    }
    let mut columns: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for key in rows.iter().flat_map(|row| row.keys()) {
        if seen.insert(key.as_str()) && columns.len() < MAX_COLUMNS {
            columns.push(key.clone());
        }
    }
    let cells =
        |row: &&Map<String, Value>| columns.iter().map(|key| row.get(key).map(cell).unwrap_or_default()).collect();
    let shown: Vec<Vec<String>> = rows.iter().take(MAX_ROWS).map(cells).collect();
    Some(ResultView::Table {
        shown_rows: shown.len(),
        total_rows: rows.len(),
        total_columns: seen.len(),
        rows: shown,
        columns,
    })
}

fn is_flat(v: &Value) -> bool {
    match v {
        Value::Array(list) => list.iter().all(is_scalar),
        other => is_scalar(other),
    }
}

fn cell(v: &Value) -> String {
    let full = match v {
        Value::Null => String::new(),
        Value::String(s) => s.clone(),
        Value::Array(list) => list.iter().map(cell).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    };
    match full.char_indices().nth(MAX_CELL) {
        Some((end, _)) => format!("{}…", full.get(..end).unwrap_or_default()),
        None => full,
    }
}
