//! `table-profile`: what is in each column of a CSV table.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::Workflow;
use crate::{
    execution::ErrorDetails,
    input::{Input, invalid},
    run::{Outcome, Run},
};

const MAX_CSV: usize = 200_000;
const SEPARATORS: [&str; 4] = ["auto", ",", ";", "tab"];

pub fn workflow() -> Workflow {
    Workflow::http("table-profile", "Table profile", input_schema(), include_str!("table_profile.md"), |run| {
        Box::pin(work(run))
    })
}

fn input_schema() -> Value {
    json!([
        {
            "key": "csv", "type": "text", "label": "Table as CSV", "required": true,
            "maxLength": MAX_CSV, "rows": 10,
            "placeholder": "name,age,city\nAnn,34,Ghent\nBob,41,Liège",
            "description": "The first line holds the column names unless you say otherwise."
        },
        {
            "key": "separator", "type": "select", "label": "Separator", "defaultValue": "auto",
            "options": [
                { "value": "auto", "label": "Find out" },
                { "value": ",", "label": "Comma" },
                { "value": ";", "label": "Semicolon" },
                { "value": "tab", "label": "Tab" }
            ]
        },
        {
            "key": "has_header", "type": "boolean", "label": "First line holds the names",
            "defaultValue": true, "enabledLabel": "Yes", "disabledLabel": "No"
        }
    ])
}

struct Table {
    names: Vec<String>,
    rows: Vec<Vec<String>>,
    ragged: usize,
}

async fn work(run: &mut Run) -> Outcome {
    let table = match read(Input(&run.input)) {
        Ok(table) => table,
        Err(error) => return Err(run.fail("Read table", 180, error).await),
    };
    run.step("Read table", 180, json!({ "columns": table.names.len(), "rows": table.rows.len() })).await;
    let columns: Vec<Value> =
        table.names.iter().enumerate().map(|(index, name)| profile(name, &column(&table, index))).collect();
    run.node("Profile columns", "n8n-nodes-base.code", 1100, columns.clone()).await;
    let result = json!({
        "rows": table.rows.len(),
        "ragged_rows": table.ragged,
        "columns": columns,
    });
    run.step("Assemble", 120, json!({ "columns": table.names.len() })).await;
    Ok(result.into())
}

fn read(input: Input<'_>) -> Result<Table, ErrorDetails> {
    let csv = input.text("csv", MAX_CSV)?;
    let separator = match input.choice("separator", &SEPARATORS)?.unwrap_or("auto") {
        "tab" => '\t',
        "auto" => likely_separator(csv),
        other => other.chars().next().unwrap_or(','),
    };
    let mut rows = parse(csv, separator);
    if rows.is_empty() {
        return Err(invalid("Field 'csv' holds no rows"));
    }
    let names = if input.flag("has_header", true)? {
        rows.remove(0)
    } else {
        let width = rows.iter().map(Vec::len).max().unwrap_or(0);
        (1..=width).map(|number| format!("column {number}")).collect()
    };
    let ragged = rows.iter().filter(|row| row.len() != names.len()).count();
    Ok(Table { names, rows, ragged })
}

/// The candidate that the first line has most of.
fn likely_separator(csv: &str) -> char {
    let first = csv.lines().next().unwrap_or_default();
    [',', ';', '\t'].into_iter().rev().max_by_key(|candidate| first.matches(*candidate).count()).unwrap_or(',')
}

/// RFC 4180: quoted cells may hold separators, line ends and doubled quotes.
fn parse(csv: &str, separator: char) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut row: Vec<String> = Vec::new();
    let mut cell = String::new();
    let mut quoted = false;
    let mut characters = csv.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' if quoted && characters.peek() == Some(&'"') => {
                characters.next();
                cell.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if cell.is_empty() => quoted = true,
            '\r' if !quoted && characters.peek() == Some(&'\n') => {}
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other if other == separator && !quoted => row.push(std::mem::take(&mut cell)),
            other => cell.push(other),
        }
    }
    row.push(cell);
    rows.push(row);
    rows.retain(|row| row.iter().any(|cell| !cell.trim().is_empty()));
    rows
}

fn column(table: &Table, index: usize) -> Vec<&str> {
    table.rows.iter().map(|row| row.get(index).map_or("", |cell| cell.trim())).collect()
}

fn profile(name: &str, cells: &[&str]) -> Value {
    let filled: Vec<&str> = cells.iter().copied().filter(|cell| !cell.is_empty()).collect();
    let mut counts: HashMap<&str, usize> = HashMap::new();
    for cell in &filled {
        *counts.entry(cell).or_default() += 1;
    }
    let common = counts.iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map(|(cell, _)| *cell);
    let numbers: Vec<f64> = filled.iter().filter_map(|cell| number(cell)).collect();
    let numeric = !filled.is_empty() && numbers.len() == filled.len();
    let dates = filled.iter().all(|cell| cell.parse::<jiff::civil::Date>().is_ok());
    let kind = match (filled.is_empty(), numeric, dates) {
        (true, ..) => "empty",
        (_, true, _) => "number",
        (_, _, true) => "date",
        _ if filled.iter().all(|cell| is_boolean(cell)) => "boolean",
        _ => "text",
    };
    let (min, max) = if numeric { number_range(&numbers) } else { text_range(&filled) };
    json!({
        "column": name,
        "type": kind,
        "filled": filled.len(),
        "missing": cells.len() - filled.len(),
        "distinct": counts.len(),
        "min": min,
        "max": max,
        "mean": if numeric { mean(&numbers) } else { Value::Null },
        "most_common": common,
    })
}

fn number(cell: &str) -> Option<f64> {
    cell.parse::<f64>().ok().filter(|number| number.is_finite())
}

fn is_boolean(cell: &str) -> bool {
    matches!(cell.to_ascii_lowercase().as_str(), "true" | "false" | "yes" | "no")
}

fn number_range(numbers: &[f64]) -> (Value, Value) {
    let min = numbers.iter().copied().reduce(f64::min);
    let max = numbers.iter().copied().reduce(f64::max);
    (json!(min), json!(max))
}

fn text_range(cells: &[&str]) -> (Value, Value) {
    (json!(cells.iter().min()), json!(cells.iter().max()))
}

fn mean(numbers: &[f64]) -> Value {
    let count = f64::from(u32::try_from(numbers.len()).unwrap_or(u32::MAX));
    json!((numbers.iter().sum::<f64>() / count * 1000.0).round() / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::{likely_separator, parse, profile};

    #[test]
    fn quoted_cells_keep_separators_quotes_and_lines() {
        let rows = parse("a,b\r\n\"x, \"\"y\"\"\",\"1\n2\"\n\n", ',');
        assert_eq!(rows, [["a", "b"], ["x, \"y\"", "1\n2"]]);
    }

    #[test]
    fn the_separator_is_the_most_frequent_candidate() {
        assert_eq!(likely_separator("a;b;c,d"), ';');
        assert_eq!(likely_separator("just one"), ',');
    }

    #[test]
    fn a_column_is_a_number_only_if_every_cell_is() {
        assert_eq!(profile("n", &["1", "2.5", ""])["type"], "number");
        assert_eq!(profile("n", &["1", "two"])["type"], "text");
        assert_eq!(profile("n", &["2024-02-29"])["type"], "date");
        assert_eq!(profile("n", &["1", "2", "6"])["mean"], 3.0);
    }
}
