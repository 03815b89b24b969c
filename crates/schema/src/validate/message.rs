//! The sentences people read. Counts are grouped by thousands; nothing names a data type a person
//! would not know.

use crate::form::{Field, Kind};

pub fn required(field: &Field) -> String {
    match &field.kind {
        Kind::String(_) | Kind::Text { .. } => match noun_of(&field.label) {
            Some(noun) => format!("Enter the {noun}."),
            None => "Fill this in.".into(),
        },
        Kind::Number(_) => "Enter a number.".into(),
        Kind::Boolean { .. } => "Choose yes or no.".into(),
        Kind::Date { .. } => "Enter a date.".into(),
        Kind::Select { .. } | Kind::Radio { .. } => "Choose one of the options.".into(),
        Kind::Multiselect { .. } => "Choose at least one option.".into(),
        Kind::File(_) => "This workflow needs a file here.".into(),
        Kind::Array { .. } | Kind::ObjectArray { .. } => "Add at least one entry.".into(),
        Kind::Object { .. } | Kind::Json { .. } => "Fill this in.".into(),
    }
}

/// "Customer email" → "customer email", where "Enter the …" would read well; no guess otherwise.
fn noun_of(label: &str) -> Option<String> {
    const NOT_A_NOUN: [&str; 15] =
        ["a", "an", "the", "your", "my", "our", "what", "which", "who", "where", "when", "why", "how", "enter", "add"];
    let words: Vec<&str> = label.split_whitespace().collect();
    let first = words.first()?;
    if words.len() > 4
        || NOT_A_NOUN.iter().any(|word| first.eq_ignore_ascii_case(word))
        || label.contains(['?', '!', ':', '.', ',', '(', '_', '/'])
    {
        return None;
    }
    let mut chars = label.trim().chars();
    let head = chars.next()?;
    let rest = chars.as_str();
    // "CRM id" keeps its capitals, "Text" does not.
    let acronym = first.chars().skip(1).any(char::is_uppercase);
    Some(if acronym { label.trim().into() } else { format!("{}{rest}", head.to_ascii_lowercase()) })
}

pub fn too_short(min: u64, have: u64) -> String {
    at_least(min, have, ("character", "characters"), "Use")
}

pub fn too_long(max: u64, have: u64) -> String {
    at_most(max, have, ("character", "characters"))
}

pub fn at_least(min: u64, have: u64, noun: (&str, &str), verb: &str) -> String {
    format!("{verb} at least {} (you have {}).", counted(min, noun), grouped(have))
}

pub fn at_most(max: u64, have: u64, noun: (&str, &str)) -> String {
    format!("Use at most {} (you have {}).", counted(max, noun), grouped(have))
}

pub fn unknown_field<'a>(key: &str, known: impl Iterator<Item = &'a Field>) -> String {
    let near = known.map(|field| field.key.as_str()).find(|k| is_near(k, key));
    let key: String = key.chars().take(60).collect();
    match near {
        Some(near) => format!("This workflow has no field “{key}”. Did you mean “{near}”?"),
        None => format!("This workflow has no field “{key}”."),
    }
}

/// Equal but for case and separators, or one edit apart.
fn is_near(a: &str, b: &str) -> bool {
    let plain =
        |s: &str| s.chars().filter(|c| !"_-. ".contains(*c)).map(|c| c.to_ascii_lowercase()).collect::<Vec<_>>();
    if a.len() > 100 || b.len() > 100 {
        return false;
    }
    let (a, b) = (plain(a), plain(b));
    let head = a.iter().zip(&b).take_while(|(x, y)| x == y).count();
    let (a, b) = (&a[head..], &b[head..]);
    let tail = a.iter().rev().zip(b.iter().rev()).take_while(|(x, y)| x == y).count();
    (head + tail > 1) && a.len() - tail <= 1 && b.len() - tail <= 1
}

fn counted(n: u64, (one, many): (&str, &str)) -> String {
    format!("{} {}", grouped(n), if n == 1 { one } else { many })
}

pub fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}

/// A bound as an author would write it; grouped from five digits, so that years stay years.
pub fn bound(n: f64) -> String {
    if n.fract() == 0.0 && n.abs() < 9e15 {
        let (sign, whole) = (if n < 0.0 { "-" } else { "" }, n.abs() as u64);
        return if whole < 10_000 { format!("{sign}{whole}") } else { format!("{sign}{}", grouped(whole)) };
    }
    // As in JSON: the standard library's way would be 12 KB more for the browser.
    serde_json::Number::from_f64(n).map(|n| n.to_string()).unwrap_or_default()
}
