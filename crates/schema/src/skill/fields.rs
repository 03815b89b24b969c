use std::collections::HashSet;

use super::frontmatter::Frontmatter;
use super::markdown::Body;
use super::prose::{self, Hints};
use super::table::{Table, cell};
use crate::form::{Choice, Field, Form, Item, Kind, NumberRules, TextRules};

/// One described input, from a list or a table.
#[derive(Debug, Default)]
struct Described<'a> {
    key: String,
    type_word: &'a str,
    required: bool,
    text: &'a str,
    default: Option<&'a str>,
}

pub fn from_frontmatter(front: &Frontmatter) -> Form {
    let rows = front.list("input").iter().filter_map(|entry| {
        let get = |names: &[&str]| {
            names
                .iter()
                .find_map(|n| entry.iter().find(|(k, _)| k == n))
                .map(|(_, v)| v.as_str())
                .filter(|v| !v.is_empty())
        };
        Some(Described {
            key: clean_key(get(&["name", "key"])?),
            type_word: get(&["type"]).unwrap_or("string"),
            required: get(&["required"]).is_some_and(is_yes),
            text: get(&["description"]).unwrap_or_default(),
            default: get(&["default", "defaultValue"]),
        })
    });
    collect(rows)
}

pub fn from_table(body: &Body<'_>) -> Form {
    let is_input = |title: &str| ["input", "parameters", "payload"].iter().any(|word| title.starts_with(word));
    let Some(table) = body.under(is_input).and_then(|lines| Table::first(&lines)) else {
        return Form::default();
    };
    let key = table.column(&["key", "parameter", "parameters", "param", "field", "name"]);
    let type_word = table.column(&["type"]);
    let required = table.column(&["required", "req", "mandatory"]);
    let text = table.column(&["description", "notes"]);
    let default = table.column(&["default"]);
    let rows = table.rows.iter().filter_map(|row| {
        let text = cell(row, text).unwrap_or_default();
        Some(Described {
            key: clean_key(cell(row, key)?),
            type_word: cell(row, type_word).unwrap_or("string"),
            required: match required {
                Some(_) => cell(row, required).is_some_and(is_yes),
                None => prose::says_required(text),
            },
            text,
            default: cell(row, default),
        })
    });
    collect(rows)
}

fn collect<'a>(rows: impl Iterator<Item = Described<'a>>) -> Form {
    let mut seen = HashSet::new();
    let items = rows
        .filter(|row| !row.key.is_empty() && seen.insert(row.key.clone()))
        .map(|row| Item::Field(field(row)))
        .collect();
    Form { items }
}

fn field(row: Described<'_>) -> Field {
    let word = row.type_word.replace(['`', '*'], "").trim().to_lowercase();
    let hints = Hints::read(row.text);
    let (kind, known) = kind(&word, row.text, row.type_word, &hints);
    let default = row.default.map(|d| d.trim_matches(['`', '"', '*', ' ']).to_owned()).or(hints.default);
    Field {
        label: row.key.clone(),
        key: row.key,
        description: Some(row.text.to_owned()).filter(|t| !t.is_empty()),
        tooltip: (!known).then(|| format!("The author calls this “{word}”.")),
        placeholder: (word.starts_with("datetime") || word.starts_with("iso")).then(|| "2026-03-04T14:30:00Z".into()),
        required: row.required,
        default: default.and_then(|text| prose::default_value(&kind, &text)),
        advisory: true,
        kind,
    }
}

/// The kind for an author's type word, and whether the word was understood.
fn kind(word: &str, text: &str, raw_word: &str, hints: &Hints) -> (Kind, bool) {
    let list_of = |item: Kind| Kind::Array { item: Box::new(item), min: None, max: hints.max_items };
    let options = || match prose::options(text) {
        none if none.is_empty() => prose::options(raw_word),
        some => some,
    };
    let known = match word {
        "select" | "enum" | "radio" => match options() {
            none if none.is_empty() => Kind::String(hints.text_rules()),
            options => Kind::Select { options },
        },
        "multiselect" => match options() {
            none if none.is_empty() => list_of(Kind::String(TextRules::default())),
            options => Kind::Multiselect { options, min: None, max: hints.max_items },
        },
        "file" => Kind::File(crate::FileRules::default()),
        "object" | "json" => Kind::Json { declared: word.into() },
        "objectarray" | "array of objects" | "array of object" | "object[]" | "list of objects" | "array<object>" => {
            Kind::Json { declared: "objectArray".into() }
        }
        "array" | "list" => list_of(Kind::String(TextRules::default())),
        _ => {
            if let Some(item) = item_word(word) {
                return (list_of(scalar(item, &Hints::default()).unwrap_or(Kind::String(TextRules::default()))), true);
            }
            let first = word.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
            match scalar(word, hints) {
                Some(kind) => kind,
                // "string (optional)", "number, 1-10", "enum("a","b")"
                None if first != word && !first.is_empty() => {
                    return kind(first, text, raw_word, hints);
                }
                None => return (Kind::String(hints.text_rules()), false),
            }
        }
    };
    (known, true)
}

/// "array of strings", "strings[]", "list of x", "array<x>" → "string", "x".
fn item_word(word: &str) -> Option<&str> {
    let item = word
        .strip_prefix("array of ")
        .or_else(|| word.strip_prefix("list of "))
        .or_else(|| word.strip_suffix("[]"))
        .or_else(|| word.strip_prefix("array<").and_then(|w| w.strip_suffix('>')))?
        .trim();
    Some(if scalar(item, &Hints::default()).is_some() { item } else { item.strip_suffix('s').unwrap_or(item) })
}

fn scalar(word: &str, hints: &Hints) -> Option<Kind> {
    let number = |integer| Kind::Number(NumberRules { integer, ..NumberRules::default() });
    Some(match word {
        "string" | "str" | "url" | "email" | "uuid" | "datetime" => Kind::String(hints.text_rules()),
        w if w.starts_with("iso") => Kind::String(hints.text_rules()),
        "text" | "markdown" | "long string" => Kind::Text { rules: hints.text_rules(), rows: 4 },
        "number" | "float" | "double" | "decimal" => number(false),
        "int" | "integer" => number(true),
        "bool" | "boolean" => Kind::Boolean { enabled_label: "Enabled".into(), disabled_label: "Disabled".into() },
        "date" => Kind::Date { min: None, max: None },
        _ => return None,
    })
}

fn clean_key(cell: &str) -> String {
    cell.trim_matches(['`', '*', '"', '\'', ' ']).to_owned()
}

fn is_yes(cell: &str) -> bool {
    let word = cell.trim_matches(['`', '*', ' ', '.']).to_lowercase();
    matches!(word.as_str(), "yes" | "y" | "true" | "required" | "✓" | "✔" | "x" | "✅")
}

pub(super) fn choices(values: Vec<String>) -> Vec<Choice> {
    values.into_iter().map(|value| Choice { label: value.clone(), value }).collect()
}
