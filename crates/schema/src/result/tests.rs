use serde_json::json;

use super::*;

fn fake_markdown(source: &str) -> String {
    format!("<p>{}</p>", source.len())
}

fn view(v: Value) -> ResultView {
    ResultView::build(&v, &[], &fake_markdown)
}

fn text(s: &str) -> ResultView {
    ResultView::Text(Clip::of(s, 1000))
}

fn declared(key: &str, kind: &str) -> OutputField {
    OutputField { key: key.into(), kind: kind.into(), description: Some(format!("about {key}")) }
}

#[test]
fn nothing_is_empty() {
    for v in [json!(null), json!({}), json!([]), json!(""), json!("  "), json!({"result": {}}), json!("{}")] {
        assert_eq!(view(v.clone()), ResultView::Empty, "{v}");
    }
}

#[test]
fn scalars() {
    assert_eq!(view(json!("hello")), text("hello"));
    assert_eq!(view(json!(true)), ResultView::Bool(true));
    assert_eq!(view(json!(12345678901234567u64)), ResultView::Number("12345678901234567".into()));
    assert_eq!(view(json!(0.1)), ResultView::Number("0.1".into()));
}

#[test]
fn one_wrapper_says_nothing() {
    assert_eq!(view(json!({"result": "x"})), text("x"));
    assert_eq!(view(json!({"results": {"result": 3}})), ResultView::Number("3".into()));
    assert_eq!(view(json!({"result": "{\"result\": \"x\"}"})), text("x"));
    assert!(matches!(view(json!({"result": "x", "more": 1})), ResultView::KeyValues { .. }));
    let declared = ResultView::build(&json!({"result": "doc_1"}), &[declared("result", "file")], &fake_markdown);
    assert!(
        matches!(declared, ResultView::KeyValues { entries, .. } if entries[0].view == ResultView::DocumentId("doc_1".into()))
    );
}

#[test]
fn json_in_a_text_is_read() {
    assert_eq!(
        view(json!("[1, 2]")),
        ResultView::List { items: vec![ResultView::Number("1".into()), ResultView::Number("2".into())], total: 2 }
    );
    assert!(matches!(view(json!(" {\"a\": 1} ")), ResultView::KeyValues { total: 1, .. }));
    assert_eq!(view(json!("{not json}")), text("{not json}"));
    let rows = view(json!({"rows": ["{\"a\": 1}", "{\"a\": 2}"]}));
    assert!(
        matches!(rows, ResultView::KeyValues { entries, .. } if matches!(&entries[0].view, ResultView::Table { total_rows: 2, .. }))
    );
}

#[test]
fn flat_objects_make_a_table() {
    let got = view(json!([{"a": 1, "b": "x"}, {"b": null, "c": ["p", 2]}, {"a": true}]));
    insta::assert_json_snapshot!(got);
    assert!(matches!(view(json!([{"a": {"b": 1}}])), ResultView::List { .. }), "not flat");
    assert!(matches!(view(json!([{"a": 1}, 2])), ResultView::List { .. }), "mixed");
}

#[test]
fn tables_are_cut_honestly() {
    let rows: Vec<Value> = (0..500).map(|i| json!({"i": i, "long": "x".repeat(400)})).collect();
    let ResultView::Table { rows, total_rows, shown_rows, .. } = view(rows.into()) else { panic!("no table") };
    assert_eq!((rows.len(), shown_rows, total_rows), (200, 200, 500));
    assert_eq!(rows[0][1].chars().count(), 301);
    assert!(rows[0][1].ends_with('…'));
    let wide: Value = (0..100).map(|i| (format!("c{i}"), json!(i))).collect::<serde_json::Map<_, _>>().into();
    let ResultView::Table { columns, total_columns, .. } = view(json!([wide])) else { panic!("no table") };
    assert_eq!((columns.len(), total_columns), (40, 100));
}

#[test]
fn lists_are_cut_honestly() {
    let ResultView::List { items, total } = view((0..1000).collect::<Vec<_>>().into()) else { panic!("no list") };
    assert_eq!((items.len(), total), (200, 1000));
}

#[test]
fn long_texts_are_markdown_only_if_they_look_like_it() {
    for s in [
        "# Title\n\ntext",
        "intro\n- a\n- b",
        "1. a\n2. b",
        "a\n**bold** b",
        "|a|b|\n|---|---|\n|1|2|",
        "```\ncode\n```",
        "see\n[x](https://y.example)",
    ] {
        let got = view(json!(s));
        assert!(
            matches!(&got, ResultView::Markdown { html, source } if *html == fake_markdown(s) && source.text == s),
            "{s}: {got:?}"
        );
    }
    for s in
        ["a\nb", "2 * 3 ** 4\n5 ** 6", "#hashtag\nx", "- only one\nx", "def f():\n    return 1", &"word ".repeat(60)]
    {
        assert!(matches!(view(json!(s)), ResultView::Preformatted(_)), "{s}");
    }
    assert_eq!(view(json!("**short**")), text("**short**"));
    let declared = ResultView::build(&json!({"a": "*x*"}), &[declared("a", "markdown")], &fake_markdown);
    assert!(
        matches!(declared, ResultView::KeyValues { entries, .. } if matches!(entries[0].view, ResultView::Markdown { .. }))
    );
}

#[test]
fn timestamps_have_a_zone() {
    for s in [
        "2026-03-04T14:30:01.000Z",
        "2026-03-04T14:30Z",
        "2026-03-04 14:30:01+02:00",
        "2026-03-04T14:30:01.123456-0530",
    ] {
        assert_eq!(view(json!(s)), ResultView::Timestamp(s.into()), "{s}");
    }
    for s in [
        "2026-03-04",
        "2026-03-04T14:30:01",
        "2026-13-04T14:30:01Z",
        "2026-03-04T14:30:01X",
        "2026-03-04T14:30:01.000Zzz",
        "2026-03-04T14:30:01+é1:0",
    ] {
        assert_eq!(view(json!(s)), text(s), "{s}");
    }
}

#[test]
fn only_plain_https_addresses_are_links() {
    assert!(!matches!(view(json!("https://a.example/\u{202e}gpj.exe")), ResultView::Link { .. }));
    for s in ["https://example.com", "https://example.com/a?b=c#d", "https://[::1]/x"] {
        assert_eq!(view(json!(s)), ResultView::Link { url: s.into() });
    }
    for s in [
        "http://example.com",
        "javascript:alert(1)",
        "https://",
        "https://good.example@evil.example",
        "https://a b",
        "see https://a.example",
        "https://a.example/\"onclick",
        "HTTPS:evil",
        "data:text/html,x",
        "https://a.example\\@b",
    ] {
        assert_eq!(view(json!(s)), text(s), "{s}");
    }
}

#[test]
fn bytes_that_are_no_json_are_text_with_a_reason() {
    let deep = [vec![b'['; 1_000], vec![b']'; 1_000]].concat();
    for (bytes, reason) in [
        (&deep[..], "recursion limit exceeded"),
        (b"[1e400]", "number out of range"),
        (br#"["\ud800"]"#, "hex escape"),
        (b"[\"\xff\"]", "unicode"),
        (b"", "EOF"),
    ] {
        let ResultView::Unreadable { why, source } = ResultView::of_bytes(bytes, &[], &fake_markdown) else {
            panic!("{reason}");
        };
        assert!(why.contains(reason), "{why}");
        assert_eq!(source.text, String::from_utf8_lossy(bytes));
    }
    assert_eq!(ResultView::of_bytes(b"{}", &[], &fake_markdown), ResultView::Empty);
}

#[test]
fn file_objects_are_links_only_over_https() {
    let file = |url: &str| view(json!({"downloadUrl": url, "fileName": "a.pdf", "fileSize": 3}));
    assert_eq!(
        file("https://x.example/a"),
        ResultView::File { name: "a.pdf".into(), url: "https://x.example/a".into() }
    );
    assert!(matches!(file("http://x.example/a"), ResultView::KeyValues { .. }));
    assert!(matches!(view(json!({"f": {"url": "https://x.example/a", "fileName": "b"}})),
        ResultView::KeyValues { entries, .. } if matches!(entries[0].view, ResultView::File { .. })));
}

#[test]
fn declared_members_come_first_and_explain_themselves() {
    let outputs = [declared("report", "file"), declared("missing", "string"), declared("summary", "string")];
    let got = ResultView::build(&json!({"extra": 1, "summary": "s", "report": "doc_7"}), &outputs, &fake_markdown);
    insta::assert_json_snapshot!(got);
}

#[test]
fn without_a_declaration_a_document_id_is_text() {
    assert!(
        matches!(view(json!({"report": "doc_7"})), ResultView::KeyValues { entries, .. } if entries[0].view == text("doc_7"))
    );
}

#[test]
fn texts_are_cut_at_a_character_and_counted() {
    let ResultView::Preformatted(clip) = view(json!("ü".repeat(100_000))) else { panic!("no text") };
    assert_eq!((clip.shown, clip.total, clip.text.chars().count()), (51_200, 100_000, 51_200));
    assert!(clip.is_cut());
}

#[test]
fn depth_ends_in_json_and_json_in_an_ellipsis() {
    let deep = (0..100).fold(json!(1), |v, _| json!({"a": v}));
    fn last(v: &ResultView, depth: usize) -> (usize, &ResultView) {
        match v {
            ResultView::KeyValues { entries, .. } => last(&entries[0].view, depth + 1),
            other => (depth, other),
        }
    }
    let got = view(deep);
    let (depth, end) = last(&got, 0);
    let ResultView::Json(clip) = end else { panic!("{end:?}") };
    assert_eq!(depth, 4);
    assert!(clip.text.contains("{…}") && clip.text.lines().count() < 100);
}

#[test]
fn json_in_json_in_json_comes_to_an_end() {
    let mut s = "[1]".to_owned();
    for _ in 0..12 {
        s = json!([s, {"x": {"y": 1}}]).to_string();
    }
    assert!(serde_json::to_string(&view(json!(s))).expect("JSON").len() < 200_000);
}

#[test]
fn the_whole_view_is_bounded() {
    let many: Value =
        (0..200).map(|i| (format!("k{i}"), json!("x".repeat(90_000)))).collect::<serde_json::Map<_, _>>().into();
    assert!(serde_json::to_string(&view(many)).expect("JSON").len() < 1_200_000);
    let tree = (0..4).fold(json!({"a": {"b": 1}}), |v, _| json!(vec![v; 14]));
    assert!(serde_json::to_string(&view(tree)).expect("JSON").len() < 3_000_000);
    let tables: Vec<Value> = (0..150).map(|_| json!([{"a": "x".repeat(290), "b": "y".repeat(290)}])).collect();
    assert!(matches!(view(tables.into()), ResultView::List { total: 150, .. }));
}

#[test]
fn pretty_json_reads_like_json() {
    let mixed = json!([[{"a": [], "b": {}, "c\"": [1, null]}], "x"]);
    let mut v = mixed.clone();
    for _ in 0..4 {
        v = json!([v, 1]);
    }
    let mut got = &view(v);
    while let ResultView::List { items, .. } = got {
        got = &items[0];
    }
    let ResultView::Json(clip) = got else { panic!("{got:?}") };
    assert_eq!(serde_json::from_str::<Value>(&clip.text).expect("JSON"), mixed);
    insta::assert_snapshot!(clip.text);
}

#[test]
fn views_survive_the_wire() {
    let got = view(json!({"a": [1, "x"], "t": [{"c": 1}], "u": "https://x.example", "m": "# h\n\nx"}));
    let text = serde_json::to_string(&got).expect("JSON");
    assert_eq!(serde_json::from_str::<ResultView>(&text).expect("a view"), got);
}

#[test]
fn of_a_long_result_only_the_beginning_is_kept_and_the_rest_is_counted() {
    let row = |i: usize| format!(r#"{{"i":{i},"name":"Row {i}"}}"#);
    let rows: Vec<String> = (0..50_000).map(row).collect();
    let bytes = format!(r#"{{"rows":[{}],"after":"still here"}}"#, rows.join(","));
    let mut left = tree::MAX_VALUES;
    let kept = Tree::read(bytes.as_bytes(), &mut left).expect("JSON");
    assert!(left > tree::MAX_VALUES / 2, "{left}");
    assert_eq!(kept.as_object().and_then(|o| o.get("after")), Some(&Tree::Text("still here".into())));
    let ResultView::KeyValues { entries, .. } = ResultView::of_bytes(bytes.as_bytes(), &[], &fake_markdown) else {
        panic!("no members");
    };
    assert!(matches!(entries[0].view, ResultView::Table { shown_rows: 200, total_rows: 50_000, .. }));
    assert_eq!(entries[1].view, text("still here"));
}

#[test]
fn a_hostile_result_takes_no_more_values_than_an_honest_one() {
    let nested = format!("[{}]", vec!["[[[{\"\":1}]]]"; 500].join(","));
    let inside = json!(vec![nested; 100]).to_string();
    let mut left = 1_000;
    Tree::read(inside.as_bytes(), &mut left).expect("JSON");
    let wide = format!("[{}]", vec![format!("[{}1]", "1,".repeat(1_900)); 100].join(","));
    let mut left = 10_000;
    let Tree::List(kept) = Tree::read(wide.as_bytes(), &mut left).expect("JSON") else { panic!("no list") };
    assert_eq!((left, kept.total), (0, 100));
    assert!(kept.kept.len() < 10, "{}", kept.kept.len());
    // JSON in texts counts along.
    let view = ResultView::of_bytes(inside.as_bytes(), &[], &fake_markdown);
    assert!(serde_json::to_string(&view).expect("JSON").len() < 3_000_000);
}

#[test]
fn json_that_was_kept_in_part_says_so() {
    let long = (0..4).fold(json!([vec![1; 3_000], "x"]), |v, _| json!([v, 1])).to_string();
    let view = ResultView::of_bytes(long.as_bytes(), &[], &fake_markdown);
    let mut got = &view;
    while let ResultView::List { items, .. } = got {
        got = &items[0];
    }
    let ResultView::Json(clip) = got else { panic!("{got:?}") };
    assert!(clip.text.contains("… 1000 more"), "{}", clip.text);
}

#[test]
fn of_a_repeated_name_the_last_value_counts() {
    let view = ResultView::of_bytes(br#"{"a":1,"b":2,"a":3}"#, &[], &fake_markdown);
    let ResultView::KeyValues { entries, total } = view else { panic!("no members") };
    assert_eq!((entries[0].label.as_str(), &entries[0].view, total), ("a", &ResultView::Number("3".into()), 2));
}
