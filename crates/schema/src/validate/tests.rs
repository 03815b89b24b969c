use serde_json::json;

use super::*;
use crate::error::ErrorCode::*;

fn form(v: Value) -> Form {
    Form::parse(&v).expect("a form")
}

/// `path: code: message` of every mistake in a form of one field `x`.
fn check(field: Value, v: Value) -> String {
    let mut field = field;
    field["key"] = json!("x");
    listed(&validate(&form(json!([field])), &json!({"x": v})))
}

fn listed(errors: &[FieldError]) -> String {
    let line = |e: &FieldError| format!("{}: {:?}: {}", e.path, e.code, e.message);
    errors.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn codes(field: Value, v: Value) -> Vec<ErrorCode> {
    let mut field = field;
    field["key"] = json!("x");
    validate(&form(json!([field])), &json!({"x": v})).iter().map(|e| e.code).collect()
}

#[test]
fn required_messages_name_what_is_missing() {
    let labels = ["Text", "Customer email", "CRM id", "Your name", "What should we look for?", "max_results"];
    let mut fields: Vec<Value> =
        labels.iter().enumerate().map(|(i, l)| json!({"key": format!("s{i}"), "label": l, "type": "string"})).collect();
    for (key, kind) in
        ["text", "number", "boolean", "date", "file", "array", "object", "objectArray", "color"].iter().enumerate()
    {
        fields.push(json!({"key": format!("k{key}"), "label": "Thing", "type": kind}));
    }
    for kind in ["select", "radio", "multiselect"] {
        fields.push(json!({"key": kind, "type": kind, "options": ["a"]}));
    }
    for field in &mut fields {
        field["required"] = json!(true);
    }
    insta::assert_snapshot!(listed(&validate(&form(fields.into()), &json!({}))));
}

#[test]
fn empty_text_list_and_null_count_as_absent() {
    for (kind, v) in [("string", json!("")), ("text", json!(null)), ("array", json!([])), ("number", json!(null))] {
        assert_eq!(codes(json!({"type": kind, "required": true}), v.clone()), [Required]);
        assert_eq!(codes(json!({"type": kind, "minLength": 3, "minItems": 2}), v), []);
    }
}

#[test]
fn false_satisfies_a_required_boolean() {
    assert_eq!(codes(json!({"type": "boolean", "required": true}), json!(false)), []);
    assert_eq!(codes(json!({"type": "boolean"}), json!("true")), [WrongType]);
}

#[test]
fn lengths_count_utf16_units() {
    let rule = json!({"type": "string", "maxLength": 2});
    assert_eq!(codes(rule.clone(), json!("😀")), []);
    assert_eq!(codes(rule, json!("😀a")), [TooLong]);
    assert_eq!(codes(json!({"type": "string", "minLength": 2}), json!("😀")), []);
}

#[test]
fn length_messages_count_for_people() {
    insta::assert_snapshot!(check(json!({"type": "text", "maxLength": 5000}), json!("a".repeat(5210))));
    insta::assert_snapshot!(check(json!({"type": "text", "minLength": 1, "maxLength": 1}), json!("ab")));
    insta::assert_snapshot!(check(json!({"type": "text", "minLength": 5}), json!("abc")));
}

#[test]
fn patterns_are_unanchored_and_carry_the_authors_message() {
    let rule = json!({"type": "string", "regex": "[0-9]{2}", "regexError": "Two digits, please."});
    assert_eq!(codes(rule.clone(), json!("ab12cd")), []);
    assert_eq!(check(rule, json!("a1b")), "x: Pattern: Two digits, please.");
    assert_eq!(codes(json!({"type": "string", "regex": "^a$"}), json!("b")), [Pattern]);
    assert_eq!(codes(json!({"type": "string", "regex": "^https?:\\/\\/"}), json!("ftp://x")), [Pattern]);
}

#[test]
fn patterns_that_cannot_be_compiled_never_block() {
    for pattern in ["(?=a)b", "(?<!x)y", "(a)\\1", "[", "\\p{L}+", "[^]", "\\A", "((a{900}){900}){900}"] {
        assert_eq!(codes(json!({"type": "string", "regex": pattern}), json!("zzz")), [], "{pattern}");
    }
}

#[test]
fn numbers_have_inclusive_bounds_and_integers_no_fraction() {
    let rule = json!({"type": "number", "numberType": "integer", "min": 1, "max": 10});
    for fine in [json!(1), json!(10), json!(3.0)] {
        assert_eq!(codes(rule.clone(), fine), []);
    }
    assert_eq!(codes(rule.clone(), json!(1.5)), [NotWhole]);
    assert_eq!(check(rule.clone(), json!(0)), "x: TooSmall: Enter 1 or more.");
    assert_eq!(check(rule.clone(), json!(11)), "x: TooLarge: Enter 10 or less.");
    assert_eq!(check(rule, json!("12a")), "x: NotANumber: Enter a whole number, for example 12.");
    assert_eq!(codes(json!({"type": "number", "step": 5}), json!(3)), [], "step is only a hint");
    assert_eq!(
        check(json!({"type": "number", "max": 1_000_000.0}), json!(2e6)),
        "x: TooLarge: Enter 1,000,000 or less."
    );
    assert_eq!(
        check(json!({"type": "number", "min": -20000, "max": 2026}), json!(-3e4)),
        "x: TooSmall: Enter -20,000 or more."
    );
    assert_eq!(check(json!({"type": "number", "max": 2026}), json!(2027)), "x: TooLarge: Enter 2026 or less.");
    assert_eq!(codes(json!({"type": "number"}), json!(true)), [WrongType]);
}

#[test]
fn dates_exist_and_compare_as_iso_days() {
    let rule = json!({"type": "date", "minDate": "2026-01-01", "maxDate": "2026-12-31T00:00:00Z"});
    for fine in ["2026-01-01", "2026-12-31"] {
        assert_eq!(codes(rule.clone(), json!(fine)), []);
    }
    insta::assert_snapshot!(check(rule.clone(), json!("2025-12-31")));
    insta::assert_snapshot!(check(rule.clone(), json!("2027-01-01")));
    insta::assert_snapshot!(check(rule.clone(), json!("04/03/2026")));
    assert_eq!(codes(rule, json!(20260101)), [WrongType]);
    for wrong in ["2026-02-29", "2026-13-01", "2026-04-31", "2026-1-01", "2100-02-29", "２０２６-01-01"] {
        assert_eq!(codes(json!({"type": "date"}), json!(wrong)), [NotADate], "{wrong}");
    }
    assert_eq!(codes(json!({"type": "date"}), json!("2028-02-29")), []);
}

#[test]
fn choices_must_be_options() {
    for kind in ["select", "radio"] {
        let rule = json!({"type": kind, "options": [{"value": "a", "label": "A"}]});
        assert_eq!(codes(rule.clone(), json!("a")), []);
        assert_eq!(codes(rule.clone(), json!("A")), [NotAnOption]);
        assert_eq!(codes(rule, json!(1)), [WrongType]);
    }
    let rule = json!({"type": "multiselect", "options": ["a", "b", "c"], "minSelections": 2, "maxSelections": 2});
    assert_eq!(codes(rule.clone(), json!(["a", "b"])), []);
    insta::assert_snapshot!(check(rule.clone(), json!(["a"])));
    insta::assert_snapshot!(check(rule.clone(), json!(["a", "b", "c"])));
    insta::assert_snapshot!(check(rule.clone(), json!(["a", "z"])));
    assert_eq!(codes(rule, json!("a")), [WrongType]);
}

#[test]
fn nested_mistakes_carry_their_path() {
    let form = form(json!([
        {"key": "emails", "type": "array", "maxItems": 2, "itemField": {"type": "string", "minLength": 3}},
        {"key": "to", "type": "object", "schema": [{"key": "city", "type": "string", "required": true}]},
        {"key": "lines", "type": "objectArray", "minItems": 3, "itemSchema": [
            {"key": "sku", "type": "string", "required": true}, {"key": "qty", "type": "number"}]},
    ]));
    let input = json!({"emails": ["abc", "x", 3], "to": {"town": 1}, "lines": [{"sku": "A", "qty": "2"}, {}, ]});
    insta::assert_snapshot!(listed(&validate(&form, &input)));
}

#[test]
fn an_absent_optional_object_asks_for_nothing() {
    let form =
        form(json!([{"key": "to", "type": "object", "schema": [{"key": "city", "type": "string", "required": true}]}]));
    assert_eq!(validate(&form, &json!({})), []);
    assert_eq!(validate(&form, &json!({"to": {}})), []);
}

#[test]
fn an_object_or_list_where_text_belongs_is_a_mistake() {
    for v in [json!({}), json!([]), json!({"a": 1}), json!([1])] {
        assert_eq!(codes(json!({"type": "string"}), v), [WrongType]);
    }
}

#[test]
fn unknown_members_are_reported_with_a_suggestion() {
    let form = form(json!([{"key": "max_results", "type": "number"}]));
    insta::assert_snapshot!(listed(&validate(&form, &json!({"maxResults": 1, "other": 2, "max_result": 3}))));
    assert_eq!(validate(&Form::default(), &json!({"x": 1}))[0].code, UnknownField);
}

#[test]
fn an_input_that_is_no_object() {
    insta::assert_snapshot!(listed(&validate(&Form::default(), &json!([1]))));
}

#[test]
fn undescribed_objects_take_any_object() {
    assert_eq!(codes(json!({"type": "object"}), json!({"any": [1]})), []);
    assert_eq!(codes(json!({"type": "object"}), json!("x")), [WrongType]);
    assert_eq!(codes(json!({"type": "objectArray"}), json!({"a": 1})), [WrongType]);
    assert_eq!(codes(json!({"type": "color"}), json!("red")), []);
}

#[test]
fn files_are_ids_or_objects() {
    for fine in [json!("doc_1"), json!({"downloadUrl": "https://x"})] {
        assert_eq!(codes(json!({"type": "file"}), fine), []);
    }
    assert_eq!(codes(json!({"type": "file"}), json!(3)), [WrongType]);
}

#[test]
fn advisory_limits_warn_and_never_block() {
    let mut form = form(json!([
        {"key": "x", "type": "string", "maxLength": 2, "required": true},
        {"key": "l", "type": "array", "maxItems": 1, "itemField": {"type": "string", "maxLength": 1}},
    ]));
    for item in &mut form.items {
        if let Item::Field(field) = item {
            field.advisory = true;
        }
    }
    let input = json!({"x": "abc", "l": ["ab", "c"]});
    assert_eq!(validate(&form, &input), []);
    assert_eq!(warnings(&form, &input).iter().map(|e| e.path.as_str()).collect::<Vec<_>>(), ["x", "l", "l[0]"]);
    assert_eq!(validate(&form, &json!({"x": 3}))[0].code, WrongType, "types still count");
    assert_eq!(validate(&form, &json!({}))[0].code, Required);
}

#[test]
fn a_flood_of_mistakes_is_cut() {
    let wrong: Vec<Value> = (0..100_000).map(Value::from).collect();
    assert_eq!(codes(json!({"type": "array"}), wrong.into()).len(), MAX_ERRORS);
}
