use serde_json::json;

use super::*;
use crate::{ErrorCode, Form};
use serde_json::Value;

fn form(v: Value) -> Form {
    Form::parse(&v).expect("a form")
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(k, v)| (field_name(k), (*v).to_owned())).collect()
}

fn every_kind() -> Form {
    form(json!([
        {"key": "query", "type": "string"}, {"key": "note", "type": "text"},
        {"key": "n", "type": "number", "numberType": "integer"}, {"key": "f", "type": "number"},
        {"type": "section", "title": "More", "inputSchema": [{"key": "on", "type": "boolean"}]},
        {"key": "day", "type": "date"},
        {"key": "s", "type": "select", "options": ["a", "b"]}, {"key": "m", "type": "multiselect", "options": ["eu", "us"]},
        {"key": "emails", "type": "array"},
        {"key": "to", "type": "object", "schema": [{"key": "city", "type": "string"}, {"key": "fast", "type": "boolean"}]},
        {"key": "lines", "type": "objectArray", "itemSchema": [{"key": "sku", "type": "string"}, {"key": "gift", "type": "boolean"}]},
        {"key": "any", "type": "color"}, {"key": "doc", "type": "file"},
    ]))
}

#[test]
fn a_full_form_becomes_json() {
    let typed = pairs(&[
        ("query", "late invoices"),
        ("note", "a\r\nb"),
        ("n", " 10 "),
        ("f", "0.5"),
        ("on", "true"),
        ("day", "2026-03-04"),
        ("s", "a"),
        ("m", "eu"),
        ("m", "us"),
        ("emails", "[\"x@y.example\"]"),
        ("to", "{\"city\": \"Gent\"}"),
        ("lines", "[{\"sku\":\"A1\"}]"),
        ("any", "3"),
        ("doc", "doc_7"),
    ]);
    let got = decode(&every_kind(), &typed);
    assert_eq!(got.errors, []);
    assert_eq!(
        got.input,
        json!({
            "query": "late invoices", "note": "a\nb", "n": 10, "f": 0.5, "on": true, "day": "2026-03-04", "s": "a",
            "m": ["eu", "us"], "emails": ["x@y.example"], "to": {"city": "Gent", "fast": false},
            "lines": [{"sku": "A1", "gift": false}], "any": 3, "doc": "doc_7",
        })
    );
}

#[test]
fn empties_are_omitted_and_booleans_always_sent() {
    let typed = pairs(&[
        ("query", ""),
        ("note", ""),
        ("n", " "),
        ("s", ""),
        ("m", ""),
        ("emails", "[]"),
        ("to", "{}"),
        ("lines", " "),
        ("any", "null"),
    ]);
    let got = decode(&every_kind(), &typed);
    assert_eq!((got.input, got.errors), (json!({"on": false}), vec![]));
}

#[test]
fn other_controls_of_the_page_are_ignored() {
    let typed = vec![
        ("csrf".to_owned(), "x".to_owned()),
        ("query".to_owned(), "y".to_owned()),
        ("in.nope".to_owned(), "z".to_owned()),
    ];
    assert_eq!(decode(&every_kind(), &typed).input, json!({"on": false}));
}

#[test]
fn what_cannot_be_read_is_kept_and_reported_once() {
    let typed = pairs(&[("n", "12a"), ("emails", "[1,"), ("any", "red"), ("f", "1e400"), ("s", "zzz")]);
    let got = decode(&every_kind(), &typed);
    assert_eq!(got.input, json!({"n": "12a", "f": "1e400", "on": false, "s": "zzz", "emails": "[1,", "any": "red"}));
    let said: Vec<_> = got.check(&every_kind()).iter().map(|e| format!("{}: {}", e.path, e.message)).collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn integers_stay_exact() {
    let number = |kind: &str, text: &str| {
        let form = form(json!([{"key": "n", "type": "number", "numberType": kind}]));
        let got = decode(&form, &pairs(&[("n", text)]));
        got.errors.first().map_or_else(|| got.input["n"].to_string(), |e| e.message.clone())
    };
    for text in ["9007199254740993", "-9223372036854775808", "18446744073709551615", "0", "-7"] {
        assert_eq!(number("integer", text), text);
        assert_eq!(number("double", text), text);
    }
    assert_eq!(number("integer", "12.0"), "12");
    assert_eq!(number("integer", "1e3"), "1000");
    assert_eq!(number("double", "0.1"), "0.1");
    assert_eq!(number("double", "+5"), "5");
    assert_eq!(number("double", ".5"), "0.5");
    assert_eq!(number("integer", "99999999999999999999"), "This number has too many digits to be sent exactly.");
    for text in ["inf", "NaN", "1,5", "0x10", "1_000", "--1", "e", "-"] {
        assert!(number("double", text).starts_with("Enter a number"), "{text}");
    }
}

#[test]
fn a_checkbox_is_on_when_present() {
    let form = form(json!([{"key": "b", "type": "boolean", "defaultValue": true}]));
    let on = |list: &[(&str, &str)]| decode(&form, &pairs(list)).input["b"].clone();
    assert_eq!(on(&[]), json!(false), "unticked, whatever the default was");
    assert_eq!(on(&[("b", "true")]), json!(true));
    assert_eq!(on(&[("b", "on")]), json!(true));
    assert_eq!(on(&[("b", "false")]), json!(false));
    assert_eq!(on(&[("b", "false"), ("b", "true")]), json!(true), "a hidden companion comes first");
}

#[test]
fn the_json_editor_wins_and_must_hold_an_object() {
    let form = every_kind();
    let typed = |text: &str| vec![(JSON_FIELD.to_owned(), text.to_owned()), (field_name("query"), "x".to_owned())];
    assert_eq!(read_submission(Some(&form), &typed("{\"n\": 1}")).input, json!({"n": 1}));
    let wrong = read_submission(Some(&form), &typed("[1]"));
    assert_eq!(
        (wrong.errors.len(), wrong.errors[0].path.as_str(), wrong.errors[0].code),
        (1, "", ErrorCode::WrongType)
    );
    assert_eq!(read_submission(None, &pairs(&[("query", "x")])).input, json!({}));
    assert_eq!(read_submission(Some(&form), &pairs(&[("query", "x")])).input, json!({"query": "x", "on": false}));
}

#[test]
fn cleaning_applies_the_encoding_rules_to_json() {
    let form = form(json!([
        {"key": "a", "type": "string"}, {"key": "b", "type": "boolean", "defaultValue": true},
        {"key": "o", "type": "object", "schema": [{"key": "x", "type": "string"}, {"key": "on", "type": "boolean"}]},
        {"key": "l", "type": "objectArray", "itemSchema": [{"key": "x", "type": "string"}]},
    ]));
    let input = json!({"extra": 1, "a": null, "o": {}, "l": [{"x": ""}, 3]});
    assert_eq!(clean(&form, &input), json!({"b": true, "l": [{}, 3], "extra": 1}));
    assert_eq!(clean(&form, &json!({"o": {"x": "y"}})), json!({"b": true, "o": {"x": "y", "on": false}}));
    assert_eq!(clean(&form, &json!([1])), json!([1]));
}

#[test]
fn prefill_is_the_inverse() {
    let input = json!({"query": "q", "n": 10, "on": true, "m": ["eu", "us"], "to": {"city": "Gent", "fast": true}, "doc": "doc_7"});
    let pairs = prefill(&every_kind(), &input);
    assert_eq!(decode(&every_kind(), &pairs).input, input);
    assert_eq!(pairs.iter().filter(|(name, _)| name == "in.m").count(), 2);
    assert!(representable(&every_kind(), &input));
}

#[test]
fn prefill_shows_wrong_values_as_they_are() {
    let form = every_kind();
    let shown = prefill(&form, &json!({"n": "12a", "query": {"a": 1}, "on": "yes", "day": 3}));
    assert_eq!(shown, pairs(&[("query", "{\"a\":1}"), ("n", "12a"), ("day", "3")]));
    assert!(!representable(&form, &json!({"query": {"a": 1}})));
    assert!(!representable(&form, &json!({"unknown": 1})));
    assert!(representable(&form, &json!({"doc": "{weird} id"})));
}

#[test]
fn defaults_fit_their_field_or_are_ignored() {
    let form = form(json!([
        {"key": "a", "type": "string", "defaultValue": "x"}, {"key": "a2", "type": "string", "defaultValue": 3},
        {"key": "n", "type": "number", "defaultValue": "5"}, {"key": "n2", "type": "number", "defaultValue": "five"},
        {"key": "b", "type": "boolean", "defaultValue": true}, {"key": "b2", "type": "boolean", "defaultValue": "true"},
        {"key": "s", "type": "select", "options": ["p"], "defaultValue": "p"},
        {"key": "s2", "type": "radio", "options": ["p"], "defaultValue": "q"},
        {"key": "m", "type": "multiselect", "options": ["p", "q"], "defaultValue": ["q", "z"]},
        {"key": "f", "type": "file", "defaultValue": "doc"},
        {"key": "l", "type": "array", "defaultValue": ["u"]}, {"key": "l2", "type": "array", "defaultValue": "u"},
        {"key": "o", "type": "object", "schema": [{"key": "x", "type": "number", "defaultValue": 1}, {"key": "y", "type": "string"}]},
        {"key": "j", "type": "color", "defaultValue": "red"},
    ]));
    assert_eq!(
        defaults(&form),
        json!({"a": "x", "n": 5, "b": true, "b2": true, "s": "p", "m": ["q"], "l": ["u"], "o": {"x": 1}, "j": "red"})
    );
}
