//! What an author's sentences say about limits, options, defaults, cost and schedule.

use std::sync::LazyLock;

use regex_lite::{Regex, RegexBuilder};
use serde_json::Value;

use super::fields::choices;
use super::frontmatter::Frontmatter;
use super::markdown::Body;
use crate::form::{Choice, Kind, TextRules};

/// Limits found in a description.
#[derive(Debug, Default)]
pub struct Hints {
    max_length: Option<u64>,
    min_length: Option<u64>,
    pub max_items: Option<u64>,
    pub default: Option<String>,
}

impl Hints {
    pub fn read(text: &str) -> Hints {
        static MAX_CHARS: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"max(?:imum)?\.?(?: of)? (\d[\d,]*) char"));
        static RANGE: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"(\d+)\s*[-–]\s*(\d+)\s*(?:digit|char)"));
        static MAX_ITEMS: LazyLock<Option<Regex>> =
            LazyLock::new(|| regex(r"max(?:imum)?\.?(?: of)? (\d[\d,]*)(?:\s+(?:item|entr)|\s*[.;)]|\s*$)"));
        static DEFAULT: LazyLock<Option<Regex>> = LazyLock::new(|| {
            regex(r#"\bdefault(?:s to|s| is)?\s*[:=]?\s+(?:`([^`]+)`|"([^"]*)"|(-?\d+(?:\.\d+)?)|([\w./+-]*\w))"#)
        });
        let mut hints = Hints {
            max_length: number(&MAX_CHARS, text, 1),
            max_items: number(&MAX_ITEMS, text, 1),
            ..Hints::default()
        };
        if let (Some(min), Some(max)) = (number(&RANGE, text, 1), number(&RANGE, text, 2)) {
            (hints.min_length, hints.max_length) = (Some(min), hints.max_length.or(Some(max)));
        }
        hints.default = DEFAULT
            .as_ref()
            .and_then(|r| r.captures(text))
            .and_then(|c| (1..=4).find_map(|i| c.get(i)))
            .map(|m| m.as_str().to_owned());
        hints
    }

    pub fn text_rules(&self) -> TextRules {
        TextRules { min_length: self.min_length, max_length: self.max_length, ..TextRules::default() }
    }
}

/// All double-quoted or backticked tokens, once each.
pub fn options(text: &str) -> Vec<Choice> {
    static TOKEN: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r#""([^"`]+)"|`"?([^`"]+)"?`"#));
    let Some(token) = TOKEN.as_ref() else {
        return Vec::new();
    };
    let mut values: Vec<String> = Vec::new();
    for found in token.captures_iter(text) {
        let Some(value) = found.get(1).or_else(|| found.get(2)).map(|m| m.as_str().trim()) else {
            continue;
        };
        if !value.is_empty() && values.iter().all(|known| known != value) {
            values.push(value.to_owned());
        }
    }
    choices(values)
}

/// A default in the type of its field; `None` where it does not fit.
pub fn default_value(kind: &Kind, text: &str) -> Option<Value> {
    let is_option = |options: &[Choice]| options.iter().any(|o| o.value == text);
    match kind {
        Kind::Number(rules) => crate::encode::parse_number(text, rules.integer).ok(),
        Kind::Boolean { .. } => match text.to_lowercase().as_str() {
            "true" | "yes" | "on" | "enabled" => Some(Value::Bool(true)),
            "false" | "no" | "off" | "disabled" => Some(Value::Bool(false)),
            _ => None,
        },
        Kind::Select { options } | Kind::Radio { options } => is_option(options).then(|| text.into()),
        Kind::String(_) | Kind::Text { .. } => Some(text).filter(|t| !is_no_default(t)).map(Value::from),
        Kind::Date { .. } => Some(text).filter(|t| t.starts_with(|c: char| c.is_ascii_digit())).map(Value::from),
        _ => None,
    }
}

/// "default none", and sentences that only begin with the word.
fn is_no_default(text: &str) -> bool {
    matches!(
        text.to_lowercase().as_str(),
        "" | "none"
            | "null"
            | "empty"
            | "-"
            | "–"
            | "—"
            | "n/a"
            | "value"
            | "values"
            | "the"
            | "to"
            | "is"
            | "if"
            | "behavior"
    )
}

pub fn says_required(text: &str) -> bool {
    let text = text.to_lowercase();
    text.contains("required") && !text.contains("not required")
}

/// Credits: the head's `cost`, else "Cost: 2 credits" in the text.
pub fn cost(front: &Frontmatter, body: &str) -> Option<f64> {
    static COST: LazyLock<Option<Regex>> = LazyLock::new(|| regex(r"cost:\**\s*([\d.]+)\s*credit"));
    let number =
        |text: &str| text.split_whitespace().next()?.parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
    front.text("cost").and_then(|text| number(&text)).or_else(|| number(capture(&COST, body, 1)?))
}

pub fn is_scheduled(front: &Frontmatter, body: &Body<'_>) -> bool {
    let declared = front.text("trigger").is_some_and(|t| t.to_lowercase().starts_with("schedule"));
    let titled = body.titles().any(|t| t.contains("schedule") || t.contains("manual trigger"));
    declared || titled || body.text.to_lowercase().contains("no payload")
}

/// Case-insensitive. `None` for a pattern that does not compile; the tests use every one of them.
fn regex(pattern: &str) -> Option<Regex> {
    RegexBuilder::new(pattern).case_insensitive(true).build().ok()
}

fn capture<'t>(regex: &Option<Regex>, text: &'t str, group: usize) -> Option<&'t str> {
    regex.as_ref()?.captures(text)?.get(group).map(|m| m.as_str())
}

fn number(regex: &Option<Regex>, text: &str, group: usize) -> Option<u64> {
    capture(regex, text, group)?.replace(',', "").parse().ok()
}
