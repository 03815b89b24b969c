//! Whatever a valid input of whatever form: filling the form with it and reading it back changes nothing.

use proptest::prelude::*;
use schema::{Form, clean, decode, defaults, prefill, representable, validate};
use serde_json::{Map, Value, json};

/// A field description together with a valid value for it, which may be absent.
type Case = (Value, Option<Value>);

fn text() -> impl Strategy<Value = String> {
    // Browsers normalise line ends, so a lone CR never comes back.
    proptest::string::string_regex("[a-zA-Z0-9 \\n\t\"'{}\\[\\]<>&😀äß,:.-]{0,20}").expect("a pattern")
}

fn number(integer: bool) -> BoxedStrategy<Value> {
    let whole = prop_oneof![any::<i64>().prop_map(Value::from), any::<u64>().prop_map(Value::from)];
    let real = proptest::num::f64::NORMAL.prop_map(|f| json!(f));
    if integer { whole.boxed() } else { prop_oneof![whole, real].boxed() }
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![any::<bool>().prop_map(Value::from), number(false), text().prop_map(Value::from)];
    leaf.prop_recursive(3, 12, 3, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 1..3).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 1..3).prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

fn scalar() -> BoxedStrategy<Case> {
    let optional = |kind: Value, v: BoxedStrategy<Value>| (Just(kind), prop::option::of(v)).boxed();
    prop_oneof![
        optional(json!({"type": "string"}), text().prop_map(Value::from).boxed()),
        optional(json!({"type": "text", "maxLength": 100}), text().prop_map(Value::from).boxed()),
        optional(json!({"type": "number", "numberType": "integer"}), number(true)),
        optional(json!({"type": "number"}), number(false)),
        optional(json!({"type": "boolean"}), any::<bool>().prop_map(Value::from).boxed()),
        optional(
            json!({"type": "date"}),
            (1900..2100, 1..13, 1..29).prop_map(|(y, m, d)| json!(format!("{y}-{m:02}-{d:02}"))).boxed()
        ),
        optional(
            json!({"type": "select", "options": ["a b", "ü", "3"]}),
            prop::sample::select(vec!["a b", "ü", "3"]).prop_map(Value::from).boxed()
        ),
        optional(json!({"type": "radio", "options": ["x"]}), Just(json!("x")).boxed()),
    ]
    .boxed()
}

fn field() -> BoxedStrategy<Case> {
    let others = prop_oneof![
        (
            Just(json!({"type": "multiselect", "options": ["a", "b", "c"]})),
            prop::option::of(prop::sample::subsequence(vec!["a", "b", "c"], 0..=3).prop_map(|v| json!(v)))
        ),
        (Just(json!({"type": "array"})), prop::option::of(prop::collection::vec(text(), 0..4).prop_map(|v| json!(v)))),
        (Just(json!({"type": "color"})), prop::option::of(any_json())),
        (Just(json!({"type": "object"})), prop::option::of(any_json().prop_filter("an object", Value::is_object))),
        (Just(json!({"type": "file"})), prop::option::of("[a-z_{\"]{1,8}".prop_map(Value::from))),
    ];
    prop_oneof![3 => scalar(), 2 => others]
        .prop_recursive(2, 12, 3, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 1..4).prop_map(|cases| {
                    let (items, input) = whole(cases);
                    (json!({"type": "object", "schema": items}), Some(input))
                }),
                prop::collection::vec(inner, 1..3).prop_map(|cases| {
                    let (items, input) = whole(cases);
                    (json!({"type": "objectArray", "itemSchema": items}), Some(json!([input, {}])))
                }),
            ]
        })
        .boxed()
}

/// Fields side by side, every third one inside a section.
fn whole(cases: Vec<Case>) -> (Value, Value) {
    let (mut items, mut input) = (Vec::new(), Map::new());
    for (i, (mut field, v)) in cases.into_iter().enumerate() {
        let key = format!("k{i}");
        field["key"] = json!(key);
        items.push(if i % 3 == 2 { json!({"type": "section", "title": "S", "inputSchema": [field]}) } else { field });
        input.extend(v.map(|v| (key, v)));
    }
    (items.into(), input.into())
}

fn form_and_input() -> impl Strategy<Value = (Value, Value)> {
    prop::collection::vec(field(), 0..6).prop_map(whole)
}

proptest! {
    #[test]
    fn reading_back_what_was_filled_in_changes_nothing((items, input) in form_and_input()) {
        let form = Form::parse(&items).expect("a form");
        let sent = clean(&form, &input);
        prop_assert_eq!(validate(&form, &sent), vec![]);
        prop_assert_eq!(clean(&form, &sent), sent.clone());
        let read = decode(&form, &prefill(&form, &sent));
        prop_assert_eq!(read.errors, vec![]);
        prop_assert_eq!(read.input, sent.clone());
        prop_assert!(representable(&form, &sent));
    }

    #[test]
    fn any_json_is_handled_as_a_schema_and_as_an_input(schema in any_json(), input in any_json()) {
        let form = Form::parse(&json!([{"key": "x", "type": "object", "schema": [schema.clone()]}]))
            .or_else(|_| Form::parse(&schema))
            .unwrap_or_default();
        let _ = defaults(&form);
        let _ = validate(&form, &input);
        let typed = prefill(&form, &clean(&form, &input));
        let read = decode(&form, &typed);
        prop_assert!(read.input.is_object());
    }

    #[test]
    fn any_text_is_handled_as_a_skill(text in "[-#|`{}\":,a-z \\n]{0,200}") {
        let doc = schema::SkillDoc::parse(&format!("---\ninput:\n{text}\n---\n## Input\n{text}\n## Trigger\n```\n{text}"));
        prop_assert!(doc.body_markdown.contains("Trigger"));
    }

    #[test]
    fn any_json_has_a_view(v in any_json()) {
        let view = schema::ResultView::build(&v, &[], &|s| s.to_owned());
        let wire = serde_json::to_string(&view).expect("JSON");
        prop_assert_eq!(serde_json::from_str::<schema::ResultView>(&wire).expect("a view"), view);
    }
}
