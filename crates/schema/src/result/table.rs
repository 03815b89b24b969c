use super::ResultView;
use super::tree::{Object, Tree};

pub const MAX_ROWS: usize = 200;
const MAX_COLUMNS: usize = 40;
const MAX_CELL: usize = 300;

/// A list of flat objects, of `total` in all; a member may also be a list of plain values.
pub fn of(list: &[Tree], total: usize) -> Option<ResultView> {
    let rows: Vec<&Object> = list.iter().map(Tree::as_object).collect::<Option<_>>()?;
    if rows.is_empty() || !rows.iter().all(|row| !row.is_empty() && row.kept.iter().all(|(_, value)| is_flat(value))) {
        return None;
    }
    let mut columns: Vec<String> = Vec::new();
    let mut seen = std::collections::HashSet::new();
    for key in rows.iter().flat_map(|row| row.kept.iter().map(|(key, _)| key)) {
        if seen.insert(key.as_str()) && columns.len() < MAX_COLUMNS {
            columns.push(key.clone());
        }
    }
    let cells = |row: &&Object| columns.iter().map(|key| row.get(key).map(cell).unwrap_or_default()).collect();
    let shown: Vec<Vec<String>> = rows.iter().take(MAX_ROWS).map(cells).collect();
    Some(ResultView::Table {
        shown_rows: shown.len(),
        total_rows: total,
        total_columns: seen.len(),
        rows: shown,
        columns,
    })
}

fn is_flat(v: &Tree) -> bool {
    match v {
        Tree::List(list) => list.kept.iter().all(Tree::is_scalar),
        other => other.is_scalar(),
    }
}

fn cell(v: &Tree) -> String {
    let full = match v {
        Tree::Null | Tree::Object(_) => String::new(),
        Tree::Bool(flag) => flag.to_string(),
        Tree::Number(number) => number.to_string(),
        Tree::Text(s) => s.clone(),
        Tree::List(list) => list.kept.iter().map(cell).collect::<Vec<_>>().join(", "),
    };
    match full.char_indices().nth(MAX_CELL) {
        Some((end, _)) => format!("{}…", full.get(..end).unwrap_or_default()),
        None => full,
    }
}
