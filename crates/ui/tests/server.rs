//! What the server sends. `cargo test -p ui --features ssr`
#![cfg(feature = "ssr")]

#[path = "common/form.rs"]
mod common;

use leptos::prelude::*;
use model::RunStatus;
use schema::{FieldError, OutputField, ResultView, SkillDoc};
use serde_json::json;
use ui::{ErrorSummary, JsonEditor, ResultPanel, SchemaForm, StatusChip};

/// As it goes over the wire, with the markers that hydration needs.
fn sent<V: IntoView>(view: impl FnOnce() -> V) -> String {
    Owner::new().with(|| view().into_view().to_html())
}

fn html<V: IntoView>(view: impl FnOnce() -> V) -> String {
    sent(view).replace("<!>", "")
}

fn form_html(values: Vec<(String, String)>, errors: Vec<FieldError>) -> String {
    html(|| view! { <SchemaForm form=common::form() values errors=Signal::stored(errors) /> })
}

/// A line an element, so that a difference can be read.
fn lines(html: &str) -> String {
    html.replace("><", ">\n<")
}

#[test]
fn an_empty_form() {
    insta::assert_snapshot!(lines(&form_html(Vec::new(), Vec::new())));
}

#[test]
fn a_filled_form_with_mistakes() {
    insta::assert_snapshot!(lines(&form_html(common::pairs(), common::errors())));
}

/// The browser's tests hydrate this very text.
#[test]
fn for_hydration() {
    let form =
        || view! { <SchemaForm form=common::form() values=common::pairs() errors=Signal::stored(common::errors()) /> };
    insta::assert_snapshot!(sent(form));
}

#[test]
fn what_was_typed_comes_back_escaped() {
    let html = form_html(common::pairs(), common::errors());
    assert!(html.contains(">\n\n  &lt;b&gt;\"a\" &amp; b&lt;/b&gt;</textarea>"), "the parser drops the first line end");
    assert!(html.contains(r#"value="&quot;&gt;&lt;script&gt;""#) || html.contains(r#"value="&quot;><script>""#));
    assert!(html.contains(r#"value="12a""#), "a number that is none");
    assert!(html.contains(r#"value="gone" checked"#), "an option that is gone");
}

#[test]
fn every_message_is_tied_to_its_control() {
    let html = form_html(common::pairs(), common::errors());
    for key in ["count", "lines"] {
        let control = html.split("<").find(|tag| tag.contains(&format!(r#" id="f-{key}""#))).expect("a control");
        assert!(
            control.contains(&format!(r#"aria-describedby="f-{key}-foot""#))
                && control.contains(r#"aria-invalid="true""#),
            "{control}"
        );
        assert!(html.contains(&format!(r#"id="f-{key}-foot""#)));
    }
    assert!(html.contains("lines[0].sku: This must be text"));
    assert_eq!(html.matches("role=\"alert\"").count(), 1, "mistakes without a field stand above the form");
    assert!(html.contains("The whole is odd.") && html.contains("no field “other”"));
}

#[test]
fn a_section_opens_for_a_mistake_inside() {
    let open = |errors| form_html(Vec::new(), errors).contains("<details open");
    assert!(!open(Vec::new()));
    assert!(open(common::errors()));
}

#[test]
fn no_inline_styles_and_unique_ids() {
    let html = form_html(common::pairs(), common::errors());
    assert!(!html.contains(&["style", "="].concat()));
    let mut ids: Vec<&str> = html.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    assert!(ids.iter().all(|id| !id.contains(' ')), "{ids:?}");
}

#[test]
fn an_empty_text_area_is_empty() {
    let html = form_html(Vec::new(), Vec::new());
    assert!(html.contains("></textarea>") && !html.contains("> </textarea>"));
}

#[test]
fn several_line_values_get_an_area() {
    let html = form_html(vec![("in.subject".into(), "a\nb".into())], Vec::new());
    assert!(html.contains(">a\nb</textarea>"));
}

#[test]
fn the_json_editor() {
    let calm = html(|| view! { <JsonEditor text="{\n  \"a\": \"<\"\n}" errors=Signal::stored(Vec::new()) /> });
    let wrong = html(|| view! { <JsonEditor text="[" errors=Signal::stored(common::errors()) /> });
    insta::assert_snapshot!(lines(&calm));
    insta::assert_snapshot!(lines(&wrong));
}

#[test]
fn the_summary_links_to_the_fields() {
    let some = html(|| view! { <ErrorSummary form=common::form() errors=Signal::stored(common::errors()) /> });
    insta::assert_snapshot!(lines(&some));
    let none = html(|| view! { <ErrorSummary form=common::form() errors=Signal::stored(Vec::new()) /> });
    assert!(!none.contains("alert"));
}

#[test]
fn every_status_has_icon_and_word() {
    let chips: Vec<String> =
        RunStatus::ALL.iter().map(|status| html(|| view! { <StatusChip status=*status /> })).collect();
    assert!(chips.iter().all(|chip| chip.contains("<svg") || chip.contains("pulse")));
    let heads: Vec<String> = chips
        .iter()
        .map(|c| c.replace("<svg", "\n<svg").replace("</svg>", "</svg>\n"))
        .map(|c| c.lines().filter(|line| !line.starts_with("<svg")).collect::<Vec<_>>().join(" "))
        .collect();
    insta::assert_snapshot!(heads.join("\n"));
}

fn result(v: serde_json::Value, outputs: &[OutputField]) -> String {
    let view = ResultView::build(&v, outputs, &|source| format!("<p>rendered {}</p>", source.len()));
    html(|| view! { <ResultPanel view /> })
}

#[test]
fn results_of_every_shape() {
    let doc =
        SkillDoc::parse("## Output\n| Field | Type | Description |\n|---|---|---|\n| report | file | The PDF |\n");
    let v = json!({
        "grade": "A", "score": 87.5, "qualified": true, "at": "2026-03-04T14:30:01.000Z", "empty": null,
        "site": "https://example.com/a?b=1&c=2", "file": {"url": "https://example.com/f", "fileName": "f<.pdf"},
        "report": "doc_7", "notes": "# Notes\n\ntext", "log": "line 1\n  line <2>",
        "rows": [{"id": 1, "name": "<Ann>"}, {"id": 22, "name": "x".repeat(80)}],
        "tags": ["a", "b"], "tree": [{"a": {"b": {"c": {"d": [1]}}}}],
    });
    insta::assert_snapshot!(lines(&result(v, &doc.outputs)));
}

#[test]
fn results_say_what_they_leave_out() {
    let rows: Vec<_> = (0..1234).map(|i| json!({"i": i})).collect();
    assert!(result(json!({"rows": rows}), &[]).contains("The first 200 of 1,234 rows are shown."));
    assert!(result(json!("x\n".repeat(100_000)), &[]).contains("The first 102,400 of 200,000 characters are shown."));
    assert!(result(json!({}), &[]).contains("The workflow returned nothing."));
}

#[test]
fn text_from_upstream_is_text() {
    for v in [
        json!("<img src=x onerror=alert(1)>"),
        json!({"<b>": "<i>"}),
        json!([{"<th>": "<td>"}]),
        json!("<script>\n</script>"),
    ] {
        let html = result(v, &[]);
        assert!(!["<img", "<b>", "<i>", "<th>", "<td><", "<script"].iter().any(|tag| html.contains(tag)), "{html}");
    }
}
