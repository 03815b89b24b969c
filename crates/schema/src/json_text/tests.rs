use serde_json::json;

use super::*;

#[test]
fn an_object_is_read_and_nothing_means_no_input() {
    assert_eq!(decode_json("{\"a\": 12345678901234567}"), Ok(json!({"a": 12345678901234567u64})));
    assert_eq!(decode_json(" \n "), Ok(json!({})));
}

#[test]
fn everything_else_is_named() {
    let texts = [
        "[1]",
        "\"x\"",
        "3",
        "null",
        "true",
        "{\"a\": 1,}",
        "{\"a\": }",
        "{a: 1}",
        "{\"a\": 1",
        "{\"a\": 1}\n}",
        "{\"ü\": \"x\ny\"}",
        "{\"a\": yes}",
        "{\"ää\" 1}",
    ];
    let said = texts.map(|t| format!("{t:?} → {}", decode_json(t).expect_err("an error").message));
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn hostile_depth_is_refused() {
    let text = format!("{{\"a\":{}", "[".repeat(100_000));
    assert_eq!(decode_json(&text).expect_err("an error").message, "This JSON is nested too deeply.");
}
