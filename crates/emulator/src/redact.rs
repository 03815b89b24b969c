//! Takes keys out of what was recorded.

use serde_json::Value;

const REMOVED: &str = "[removed]";

/// Members whose text is a secret, whatever it looks like.
const NAMES: [&str; 7] = ["secret", "password", "token", "authorization", "cookie", "apikey", "headers"];

/// How Codika's own keys and secrets begin, and the fewest characters that follow in a real one.
const PREFIXES: [&str; 5] = ["cko_", "cka_", "ckp_", "ck_", "whsec_"];
const KEY_LENGTH: usize = 16;

/// Blanks every value whose member name speaks of a secret, and every key within other texts.
pub fn redact(value: &mut Value) {
    match value {
        Value::String(text) => *text = without_keys(text),
        Value::Array(items) => items.iter_mut().for_each(redact),
        Value::Object(members) => {
            for (name, member) in members {
                if name.eq_ignore_ascii_case("headers") {
                    *member = REMOVED.into();
                } else if is_secret(name) {
                    blank(member);
                } else {
                    redact(member);
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Replaces every text within a secret. Numbers stay: "tokens" are counted more often than kept secret.
fn blank(value: &mut Value) {
    match value {
        Value::String(_) => *value = REMOVED.into(),
        Value::Array(items) => items.iter_mut().for_each(blank),
        Value::Object(members) => members.values_mut().for_each(blank),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn is_secret(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_')).collect::<String>().to_lowercase();
    NAMES.iter().any(|secret| plain.contains(secret))
}

/// `text` without Codika keys.
#[must_use]
pub fn without_keys(text: &str) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, length)) = next_key(rest) {
        clean.push_str(&rest[..at]);
        clean.push_str(REMOVED);
        rest = &rest[at + length..];
    }
    clean + rest
}

/// Where the first key begins and how long it is.
fn next_key(text: &str) -> Option<(usize, usize)> {
    text.char_indices().find_map(|(at, _)| {
        let rest = &text[at..];
        if text[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_') {
            return None;
        }
        let prefix = PREFIXES.iter().find(|prefix| rest.starts_with(**prefix))?;
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '+' | '/' | '=');
        let length = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        (length >= prefix.len() + KEY_LENGTH).then_some((at, length))
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{redact, without_keys};

    #[test]
    fn keys_go_wherever_they_stand_and_the_rest_stays() {
        let mut value = json!({
            "executionSecret": "x", "API-Key": "y", "headers": { "a": "b" }, "tokens": 17, "password": null,
            "api_keys": ["a", "b"], "token": { "value": "c", "ttl": 60 },
            "list": ["use ck_abcdefghijklmnopqrstuvwxyz012345, please", { "Authorization": "Bearer z" }],
            "kept": "ck_short and a stick_of_something_that_is_no_key"
        });
        redact(&mut value);
        let expected = json!({
            "executionSecret": "[removed]", "API-Key": "[removed]", "headers": "[removed]", "tokens": 17,
            "password": null, "api_keys": ["[removed]", "[removed]"], "token": { "value": "[removed]", "ttl": 60 },
            "list": ["use [removed], please", { "Authorization": "[removed]" }],
            "kept": "ck_short and a stick_of_something_that_is_no_key"
        });
        assert_eq!(value, expected);
    }

    #[test]
    fn every_kind_of_key_is_known() {
        for prefix in ["ck_", "cko_", "cka_", "ckp_", "whsec_"] {
            let text = format!("é {prefix}{} ü", "0123456789abcdefABCDEF+/=");
            assert_eq!(without_keys(&text), "é [removed] ü");
        }
    }
}
