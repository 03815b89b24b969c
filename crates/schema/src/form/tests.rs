use serde_json::json;

use super::*;

fn one(v: Value) -> Field {
    let form = Form::parse(&json!([v])).expect("a form");
    form.fields().next().expect("a field").clone()
}

fn kind(v: Value) -> Kind {
    one(v).kind
}

#[test]
fn common_members_are_read_and_a_missing_label_is_the_key() {
    let field = one(json!({"key": "max_results", "type": "number", "description": "How many", "tooltip": "tip",
        "placeholder": "10", "required": true, "defaultValue": 5}));
    assert_eq!(field.label, "max_results");
    assert_eq!(field.description.as_deref(), Some("How many"));
    assert_eq!((field.tooltip.as_deref(), field.placeholder.as_deref()), (Some("tip"), Some("10")));
    assert_eq!((field.required, field.default), (true, Some(json!(5))));
}

#[test]
fn name_stands_in_for_key_and_null_is_absent() {
    let field =
        one(json!({"name": "q", "key": null, "type": "string", "label": null, "maxLength": null, "required": null}));
    assert_eq!((field.key.as_str(), field.label.as_str(), field.required), ("q", "q", false));
    assert_eq!(field.kind, Kind::String(TextRules::default()));
}

#[test]
fn every_number_type_spelling() {
    let integer = |word: Value| matches!(kind(json!({"key": "n", "type": "number", "numberType": word})), Kind::Number(r) if r.integer);
    assert!(integer(json!("integer")));
    assert!(!integer(json!("double")) && !integer(json!("float")) && !integer(Value::Null));
}

#[test]
fn text_rules_and_rows() {
    let rules = TextRules {
        min_length: Some(2),
        max_length: Some(9),
        pattern: Some("^a".into()),
        pattern_message: Some("Start with a".into()),
    };
    let members = json!({"key": "t", "type": "text", "minLength": 2, "maxLength": 9, "regex": "^a", "regexError": "Start with a"});
    assert_eq!(kind(members.clone()), Kind::Text { rules: rules.clone(), rows: 4 });
    let mut taller = members;
    taller["rows"] = json!(8);
    assert_eq!(kind(taller), Kind::Text { rules, rows: 8 });
}

#[test]
fn booleans_have_words_for_both_states() {
    let words = |v| match kind(v) {
        Kind::Boolean { enabled_label, disabled_label } => (enabled_label, disabled_label),
        other => panic!("{other:?}"),
    };
    assert_eq!(words(json!({"key": "b", "type": "boolean"})), ("Enabled".into(), "Disabled".into()));
    assert_eq!(
        words(json!({"key": "b", "type": "boolean", "enabledLabel": "On", "disabledLabel": "Off"})),
        ("On".into(), "Off".into())
    );
}

#[test]
fn options_may_be_plain_or_labelled_and_repeat_once() {
    let options = |v: Value| match kind(json!({"key": "s", "type": "select", "options": v})) {
        Kind::Select { options } => options.into_iter().map(|o| (o.value, o.label)).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(
        options(json!([{"value": "a", "label": "A"}, "b", {"value": "c"}, 4, "b", null, {"label": "lost"}])),
        [pair("a", "A"), pair("b", "b"), pair("c", "c"), pair("4", "4")]
    );
}

#[test]
fn a_choice_without_options_can_still_be_filled_in() {
    assert!(matches!(kind(json!({"key": "s", "type": "radio"})), Kind::String(_)));
    assert!(matches!(kind(json!({"key": "s", "type": "multiselect", "options": []})), Kind::Array { .. }));
}

#[test]
fn both_spellings_of_selection_and_item_limits() {
    let options = json!(["a", "b"]);
    for (min, max) in [("minSelections", "maxSelections"), ("minItems", "maxItems")] {
        let got = kind(json!({"key": "m", "type": "multiselect", "options": options, min: 1, max: 2}));
        assert!(matches!(got, Kind::Multiselect { min: Some(1), max: Some(2), .. }), "{got:?}");
        let got = kind(json!({"key": "m", "type": "array", min: 1, max: 2}));
        assert!(matches!(got, Kind::Array { min: Some(1), max: Some(2), .. }), "{got:?}");
    }
}

#[test]
fn array_items_default_to_strings() {
    let string = Kind::Array { item: Box::new(Kind::String(TextRules::default())), min: None, max: None };
    assert_eq!(kind(json!({"key": "a", "type": "array"})), string);
    let number =
        kind(json!({"key": "a", "type": "array", "itemField": {"type": "number", "numberType": "integer", "max": 3}}));
    assert!(
        matches!(number, Kind::Array { item, .. } if matches!(&*item, Kind::Number(r) if r.integer && r.max == Some(3.0)))
    );
}

#[test]
fn both_spellings_of_nested_fields() {
    let inner = json!([{"type": "section", "title": "S", "inputSchema": [{"key": "x", "type": "string"}]}]);
    for name in ["schema", "fields"] {
        let Kind::Object { items } = kind(json!({"key": "o", "type": "object", name: inner})) else {
            panic!("no object")
        };
        assert_eq!(fields_of(&items).map(|f| f.key.as_str()).collect::<Vec<_>>(), ["x"]);
    }
    for name in ["itemSchema", "fields"] {
        let got = kind(json!({"key": "o", "type": "objectArray", name: inner, "minItems": 1}));
        assert!(matches!(got, Kind::ObjectArray { items, min: Some(1), .. } if fields_of(&items).count() == 1));
    }
}

#[test]
fn an_unknown_type_and_an_undescribed_object_become_json() {
    for word in ["color", "object", "objectArray"] {
        assert_eq!(kind(json!({"key": "c", "type": word})), Kind::Json { declared: word.into() });
    }
}

#[test]
fn file_rules() {
    let got = kind(
        json!({"key": "f", "type": "file", "maxSize": 1000, "allowedMimeTypes": ["image/*", ".docx"], "tags": ["x"],
        "showPreview": true, "maxFiles": 2}),
    );
    let want = FileRules {
        max_size: Some(1000),
        allowed: vec!["image/*".into(), ".docx".into()],
        show_preview: true,
        tags: vec!["x".into()],
        max_files: Some(2),
    };
    assert_eq!(got, Kind::File(want));
}

#[test]
fn sections_take_title_or_label_and_add_no_level() {
    let form = Form::parse(&json!([
        {"type": "section", "label": "More", "collapsible": true, "inputSchema": [
            {"key": "a", "type": "string"},
            {"type": "section", "title": "Inner", "defaultOpen": true, "inputSchema": [{"key": "b", "type": "string"}]},
        ]},
        {"key": "c", "type": "string"},
        {"key": "a", "type": "number"},
    ]))
    .expect("a form");
    assert_eq!(form.fields().map(|f| f.key.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    let Some(Item::Section(section)) = form.items.first() else { panic!("no section") };
    assert_eq!((section.title.as_str(), section.collapsible, section.default_open), ("More", true, false));
    assert!(
        matches!(form.field("a").map(|f| &f.kind), Some(Kind::String(_))),
        "the first of two fields with one key stays"
    );
}

#[test]
fn an_absent_or_empty_schema_is_an_empty_form() {
    for v in [json!(null), json!([]), json!([{"type": "section", "title": "x"}])] {
        assert!(Form::parse(&v).expect("a form").is_empty());
    }
}

#[test]
fn errors_say_where() {
    let nested = json!([{"key": "o", "type": "object", "schema": [{"key": "x"}, {"type": "string"}]}]);
    let messages = [json!({"a": 1}), json!(["x"]), nested].map(|v| Form::parse(&v).expect_err("an error").to_string());
    insta::assert_snapshot!(messages.join("\n"), @r"
    the form must be a list of fields, but it is an object
    entry [0] of the form must be an object, but it is text
    entry [0][1] of the form has no key
    ");
}

#[test]
fn depth_and_size_are_limited() {
    let deep = (0..60).fold(json!([]), |inner, _| json!([{"type": "section", "inputSchema": inner}]));
    assert!(matches!(Form::parse(&deep), Err(SchemaError::TooDeep { .. })));
    let arrays =
        (0..60).fold(json!({"type": "string"}), |inner, _| json!({"type": "array", "key": "a", "itemField": inner}));
    assert!(matches!(Form::parse(&json!([arrays])), Err(SchemaError::TooDeep { .. })));
    let many: Vec<Value> = (0..3000).map(|i| json!({"key": format!("k{i}"), "type": "string"})).collect();
    assert!(matches!(Form::parse(&many.into()), Err(SchemaError::TooManyFields { .. })));
}

#[test]
fn the_canonical_form_survives_the_wire() {
    let form = Form::parse(&json!([
        {"key": "a", "type": "text", "maxLength": 5, "defaultValue": "x"},
        {"type": "section", "title": "S", "inputSchema": [{"key": "n", "type": "number", "min": 0.5},
            {"key": "l", "type": "objectArray", "itemSchema": [{"key": "s", "type": "select", "options": ["u"]}]}]},
    ]))
    .expect("a form");
    let text = serde_json::to_string(&form).expect("JSON");
    assert_eq!(serde_json::from_str::<Form>(&text).expect("a form"), form);
}
