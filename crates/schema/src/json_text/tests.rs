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

#[test]
fn values_are_counted_without_reading_them() {
    let count = |text: &str| Values::count(text.as_bytes());
    assert_eq!(count("1"), Values { all: 1, containers: 0 });
    assert_eq!(count(r#"[1, {"a": "b,[\\\"{:"}]"#), Values { all: 5, containers: 2 });
    assert_eq!(count(r#""never closed \"#), Values { all: 1, containers: 0 });
    let many = format!("[{}1]", "1,".repeat(MAX_VALUES));
    let refused = parse(&many, "in").expect_err("too many");
    assert_eq!(refused.code, ErrorCode::InvalidJson);
    assert!(refused.message.contains("200000"), "{}", refused.message);
}
