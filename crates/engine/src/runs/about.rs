//! The few words of an input that tell a run from others of its workflow.

use std::fmt;

use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, Visitor};
use serde_json::Value;

use crate::results::Fields;

/// Inputs that are named; more would only be cut.
const NAMED: usize = 3;
/// Characters of one input.
const SHORT: usize = 60;

/// The first inputs that are filled in, in the order in which they were asked for.
pub fn about(input: &str, shown: &Fields) -> String {
    let mut parts = Vec::new();
    // Ends early, so that of a long input only the beginning is read.
    let _ = serde_json::Deserializer::from_str(input).deserialize_map(Filled { parts: &mut parts, shown });
    parts.join(" · ")
}

struct Filled<'a> {
    parts: &'a mut Vec<String>,
    shown: &'a Fields,
}

impl<'de> Visitor<'de> for Filled<'_> {
    type Value = IgnoredAny;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an input")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut input: A) -> Result<IgnoredAny, A::Error> {
        while let Some((name, value)) = input.next_entry::<String, Value>()? {
            if self.shown.show(&name) {
                self.parts.extend(words(&name, value));
            }
            if self.parts.len() == NAMED {
                return Err(A::Error::custom("enough"));
            }
        }
        Ok(IgnoredAny)
    }
}

fn words(name: &str, value: Value) -> Option<String> {
    let text = match value {
        Value::String(text) => text,
        // A number alone says nothing.
        Value::Number(number) => format!("{name}: {number}"),
        Value::Bool(true) => name.to_owned(),
        Value::Array(list) => {
            let texts: Vec<&str> = list.iter().filter_map(Value::as_str).take(NAMED).collect();
            texts.join(", ")
        }
        Value::Null | Value::Bool(false) | Value::Object(_) => return None,
    };
    // On one line, and no more of a long text than is shown.
    let line = text.chars().take(4 * SHORT).collect::<String>();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    let short = line.chars().take(SHORT).collect::<String>();
    let cut = if short.len() < line.len() { "…" } else { "" };
    (!short.is_empty()).then(|| format!("{short}{cut}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_filled_inputs_tell_runs_apart() {
        let cases = [
            (
                r#"{"text":"One sentence.\nTwo.","sentences":3,"style":"bullets","more":"unread"}"#,
                "One sentence. Two. · sentences: 3 · bullets",
            ),
            (r#"{"empty":" ","off":false,"on":true,"tags":["a","b"],"deep":{"x":1}}"#, "on · a, b"),
            ("{}", ""),
            ("[1]", ""),
            ("", ""),
        ];
        for (input, words) in cases {
            assert_eq!(about(input, &Fields::All), words, "{input}");
        }
        let long = about(&format!(r#"{{"text":"{}"}}"#, "ü".repeat(1_000)), &Fields::All);
        assert_eq!(long, format!("{}…", "ü".repeat(SHORT)));
    }

    #[test]
    fn what_is_hidden_is_not_named() {
        let shown = Fields::Except(["salary".to_owned()].into());
        assert_eq!(about(r#"{"salary":"9","name":"Ann"}"#, &shown), "Ann");
    }
}
