use serde_json::json;

use super::*;
use crate::form::{Field, Form, Kind};

const LEAD: &str = r#"---
name: acme-score-lead
description: Scores a sales lead: returns a grade.
workflowTemplateId: score-lead
---
# Score lead
Scores one lead.
## How to trigger
```bash
# Not a heading
codika trigger score-lead --payload-file - <<'EOF'
{
  "email": "ann@example.com",
  "segment": "smb"
}
EOF
```
## Input
| Parameter | Type | Required | Description |
|-----------|------|----------|-------------|
| `email` | string | yes | Lead address (max 120 chars) |
| **segment** | select | no | One of: "smb", "enterprise" |
## Output
```json
{"grade": "A"}
```
| Field | Type | Description |
|---|---|---|
| grade | string | A to F |
| report | file | The PDF |
## Notes
- Cost: 2 credits per execution
"#;

fn form_of(doc: &SkillDoc) -> Form {
    doc.form.clone().expect("a form").form
}

/// The field of an input table with this type and description.
fn field(kind: &str, text: &str) -> Field {
    let doc = SkillDoc::parse(&format!("## Input\n| Key | Type | Notes |\n|---|---|---|\n| `x` | {kind} | {text} |\n"));
    form_of(&doc).fields().next().expect("a field").clone()
}

fn front(head: &str) -> SkillDoc {
    SkillDoc::parse(&format!("---\n{head}\n---\n# Body\n"))
}

#[test]
fn a_whole_skill() {
    let doc = SkillDoc::parse(LEAD);
    assert_eq!(doc.name, "acme-score-lead");
    assert_eq!(doc.description, "Scores a sales lead: returns a grade.", "split at the first colon");
    assert_eq!(doc.workflow_id.as_deref(), Some("score-lead"));
    assert!(doc.body_markdown.starts_with("# Score lead") && !doc.body_markdown.contains("workflowTemplateId"));
    assert_eq!(doc.example, Some(json!({"email": "ann@example.com", "segment": "smb"})));
    assert_eq!((doc.cost, doc.scheduled), (Some(2.0), false));
    assert_eq!(doc.issues(), Vec::<String>::new());
    insta::assert_json_snapshot!(doc.form);
    insta::assert_json_snapshot!(doc.outputs);
}

#[test]
fn frontmatter_lines_may_end_in_crlf() {
    let doc = SkillDoc::parse("---\r\nname: a\r\ndescription: b\r\n---\r\n# Body\r\n");
    assert_eq!((doc.name.as_str(), doc.description.as_str(), doc.body_markdown.as_str()), ("a", "b", "# Body"));
}

#[test]
fn one_pair_of_quotes_is_stripped() {
    assert_eq!(front("description: \"Says: hi\"").description, "Says: hi");
    assert_eq!(front("description: '\"quoted\"'").description, "\"quoted\"");
    assert_eq!(front("description: it's \"half").description, "it's \"half");
}

#[test]
fn folded_and_literal_texts() {
    assert_eq!(front("description: >\n  one\n  two\nname: n").description, "one two");
    assert_eq!(front("description: |\n  one\n  two").description, "one\ntwo");
    assert_eq!(front("description:\n  on the next line\nname: n").name, "n");
}

#[test]
fn without_a_closed_head_all_is_body() {
    for text in ["# Only a body", "---\nname: a\nno end", ""] {
        let doc = SkillDoc::parse(text);
        assert_eq!(
            (doc.name.as_str(), doc.workflow_id.as_deref(), doc.body_markdown.as_str()),
            ("", None, text.trim())
        );
    }
}

#[test]
fn the_platforms_rules_for_the_head() {
    let issues = |head: &str| front(head).issues().join(" ");
    insta::assert_snapshot!(issues(""));
    insta::assert_snapshot!(issues("name: Not Plain\ndescription: d\nworkflowTemplateId: w"));
    insta::assert_snapshot!(issues("name: my-claude\ndescription: d\nworkflowTemplateId: w"));
    insta::assert_snapshot!(issues(&format!(
        "name: {}\ndescription: {}\nworkflowTemplateId: w",
        "n".repeat(65),
        "d".repeat(1025)
    )));
}

#[test]
fn the_heads_input_list_beats_the_table() {
    let lists = [
        "input:\n  - name: email\n    type: string\n    required: true\n  - name: n\n    type: integer",
        "input:\n- {name: email, type: string, required: true}\n- {name: n, type: integer}",
        "input: [{name: email, type: string, required: true}, {\"name\": \"n\", type: integer}]",
    ];
    for list in lists {
        let doc = SkillDoc::parse(&format!(
            "---\n{list}\nname: z\n---\n## Input\n| Key | Type |\n|---|---|\n| other | string |\n"
        ));
        let sourced = doc.form.expect("a form");
        assert_eq!(sourced.source, FormSource::SkillFrontmatter, "{list}");
        let fields: Vec<_> = sourced.form.fields().map(|f| (f.key.as_str(), f.required)).collect();
        assert_eq!(fields, [("email", true), ("n", false)], "{list}");
        assert!(matches!(&sourced.form.field("n").expect("n").kind, Kind::Number(r) if r.integer));
        assert_eq!(doc.name, "z");
    }
}

#[test]
fn informational_lists_do_no_harm() {
    let doc = front("name: a\nintegrations:\n  - openai\n  - slack\ntrigger: http\ncost: 0.02\ndescription: d");
    assert_eq!((doc.name.as_str(), doc.description.as_str(), doc.cost, doc.scheduled), ("a", "d", Some(0.02), false));
}

#[test]
fn the_input_heading_may_have_any_level_and_many_names() {
    for title in ["# INPUT", "### Input fields", "## Parameters", "#### Payload", "## input"] {
        let doc = SkillDoc::parse(&format!(
            "## Other\n| Key |\n|---|\n| no |\n{title}\ntext\n| Field | Type |\n|---|---|\n| a | text |\n"
        ));
        assert_eq!(form_of(&doc).fields().map(|f| f.key.as_str()).collect::<Vec<_>>(), ["a"], "{title}");
    }
}

#[test]
fn the_table_ends_with_its_section() {
    let doc = SkillDoc::parse(
        "## Input\nNothing.\n### Details\nnone\n## Output\n| Field | Type |\n|---|---|\n| a | text |\n",
    );
    assert_eq!(doc.form, None);
    let deeper = SkillDoc::parse("## Input\n### Details\n| Field | Type |\n|---|---|\n| a | text |\n");
    assert_eq!(form_of(&deeper).fields().count(), 1);
}

#[test]
fn columns_are_found_by_name() {
    let doc = SkillDoc::parse(
        "## Input\n| Default | Mandatory | Notes | *Param* | Type |\n|:--|--:|:-:|---|---|\n| 5 | ✔ | how many | n | integer |\n| | x | | \"q\" | |\n",
    );
    let form = form_of(&doc);
    let n = form.field("n").expect("n");
    assert_eq!((n.required, n.default.clone(), n.description.as_deref()), (true, Some(json!(5)), Some("how many")));
    let q = form.field("q").expect("q");
    assert!(q.required && matches!(q.kind, Kind::String(_)));
}

#[test]
fn without_a_required_column_the_text_decides() {
    assert!(field("string", "Required. The text").required);
    assert!(!field("string", "The text").required);
    assert!(!field("string", "Not required").required);
}

#[test]
fn every_word_for_yes() {
    for (cell, want) in [
        ("yes", true),
        ("Y", true),
        ("TRUE", true),
        ("required", true),
        ("✓", true),
        ("✔", true),
        ("x", true),
        ("no", false),
        ("optional", false),
        ("", false),
    ] {
        let doc = SkillDoc::parse(&format!("## Input\n| Key | Required |\n|---|---|\n| a | {cell} |\n"));
        assert_eq!(form_of(&doc).field("a").expect("a").required, want, "{cell}");
    }
}

#[test]
fn cells_unescape_pipes() {
    assert_eq!(field("string", r"a \| b").description.as_deref(), Some("a | b"));
}

#[test]
fn type_words() {
    let name = |word: &str| {
        let kind = field(word, "").kind;
        match kind {
            Kind::Array { item, .. } => format!("array of {}", short(&item)),
            other => short(&other),
        }
    };
    fn short(kind: &Kind) -> String {
        match kind {
            Kind::String(_) => "string".into(),
            Kind::Text { .. } => "text".into(),
            Kind::Number(r) => if r.integer { "integer" } else { "number" }.into(),
            Kind::Boolean { .. } => "boolean".into(),
            Kind::Date { .. } => "date".into(),
            Kind::File(_) => "file".into(),
            Kind::Json { declared } => format!("json ({declared})"),
            other => format!("{other:?}"),
        }
    }
    let words = "string str url email uuid text markdown|long string|number float double decimal int integer bool boolean date \
        datetime file object json objectArray array String `integer`";
    let words = words
        .split('|')
        .flat_map(|part| if part == "long string" { vec![part] } else { part.split_whitespace().collect() });
    let more = [
        "ISO 8601 date",
        "array of strings",
        "string[]",
        "list of numbers",
        "array of urls",
        "array of objects",
        "array<integer>",
        "string (optional)",
        "integer, 1-10",
        "colour",
    ];
    let table: Vec<String> = words.chain(more).map(|w| format!("{w} → {}", name(w))).collect();
    insta::assert_snapshot!(table.join("\n"));
}

#[test]
fn an_unknown_type_word_stays_as_a_hint() {
    assert_eq!(field("colour", "").tooltip.as_deref(), Some("The author calls this “colour”."));
    assert_eq!(field("string", "").tooltip, None);
}

#[test]
fn options_come_from_quotes_and_backticks() {
    let values = |kind: &str, text: &str| match field(kind, text).kind {
        Kind::Select { options } | Kind::Multiselect { options, .. } => options.into_iter().map(|o| o.value).collect(),
        Kind::String(_) => vec!["plain".to_owned()],
        Kind::Array { .. } => vec!["list".to_owned()],
        other => panic!("{other:?}"),
    };
    assert_eq!(values("select", "One of: \"smb\", \"enterprise\""), ["smb", "enterprise"]);
    assert_eq!(values("enum", "`a`, `b` or `\"c\"`, default `a`"), ["a", "b", "c"]);
    assert_eq!(values("multiselect", "\"x\" and `y`"), ["x", "y"]);
    assert_eq!(values("radio", "whatever"), ["plain"]);
    assert_eq!(values("multiselect", "whatever"), ["list"]);
    assert_eq!(values("enum (`p`, `q`)", "which"), ["p", "q"]);
}

#[test]
fn limits_come_from_sentences_and_are_advice() {
    let rules = |text: &str| match field("string", text).kind {
        Kind::String(r) => (r.min_length, r.max_length),
        other => panic!("{other:?}"),
    };
    assert_eq!(rules("Address (max 120 chars)"), (None, Some(120)));
    assert_eq!(rules("Maximum 5,000 characters."), (None, Some(5000)));
    assert_eq!(rules("A code, 4-8 digits"), (Some(4), Some(8)));
    assert_eq!(rules("3 – 10 chars"), (Some(3), Some(10)));
    assert_eq!(rules("Range 1-5"), (None, None));
    let items = |text: &str| match field("array of strings", text).kind {
        Kind::Array { max, .. } => max,
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (items("Max 20 items"), items("Addresses. Max 5."), items("max 7"), items("max 300 chars each")),
        (Some(20), Some(5), Some(7), None)
    );

    let doc = SkillDoc::parse("## Input\n| Key | Type | Notes |\n|---|---|---|\n| x | string | max 2 chars |\n");
    let form = form_of(&doc);
    assert_eq!(crate::validate(&form, &json!({"x": "abc"})), []);
    assert_eq!(crate::warnings(&form, &json!({"x": "abc"})).len(), 1);
}

#[test]
fn defaults_come_from_sentences() {
    let default = |kind: &str, text: &str| field(kind, text).default;
    assert_eq!(default("integer", "How many, default 10."), Some(json!(10)));
    assert_eq!(default("number", "Defaults to 0.5, at most 1"), Some(json!(0.5)));
    assert_eq!(default("boolean", "Send mail (default: true)"), Some(json!(true)));
    assert_eq!(default("string", "Language, default `en-GB`."), Some(json!("en-GB")));
    assert_eq!(default("string", "default \"two words\""), Some(json!("two words")));
    assert_eq!(default("select", "\"a\" or \"b\", default \"b\""), Some(json!("b")));
    assert_eq!(default("select", "\"a\" or \"b\", default x"), None);
    assert_eq!(default("integer", "default many"), None);
    assert_eq!(default("string", "default none"), None);
}

#[test]
fn the_example_may_be_a_heredoc_or_bare_and_wrapped() {
    let example = |block: &str| SkillDoc::parse(&format!("## How to trigger\n{block}\n## Input\n")).example;
    assert_eq!(example("```json\n{\"a\": {\"b\": \"}\"}}\n```"), Some(json!({"a": {"b": "}"}})));
    assert_eq!(example("```\nnothing\n```\n~~~bash\nx <<'EOF'\n  {\"a\": 1}\nEOF\n~~~"), Some(json!({"a": 1})));
    assert_eq!(example("```json\n{\"payload\": {\"a\": 1}}\n```"), Some(json!({"a": 1})));
    assert_eq!(example("```json\n{broken\n{\"a\": 1}\n```"), Some(json!({"a": 1})));
    assert_eq!(example("no block {\"a\": 1}"), None);
}

#[test]
fn the_example_gives_placeholders_to_a_table() {
    let form = form_of(&SkillDoc::parse(LEAD));
    assert_eq!(form.field("email").expect("email").placeholder.as_deref(), Some("ann@example.com"));
}

#[test]
fn the_example_gives_the_fields_when_there_is_no_table() {
    let doc = SkillDoc::parse(
        "## Trigger\n```json\n{\"q\": \"x\", \"n\": 3, \"on\": true, \"tags\": [\"a\"], \"lines\": [{\"s\": 1}], \"o\": {}, \"z\": null, \"t\": \"a\\nb\"}\n```\n",
    );
    let sourced = doc.form.expect("a form");
    assert_eq!(sourced.source, FormSource::SkillExample);
    let kinds: Vec<String> = sourced.form.fields().map(|f| format!("{} {:?}", f.key, f.kind)).collect();
    insta::assert_snapshot!(kinds.join("\n"));
    assert!(sourced.form.fields().all(|f| !f.required));
}

#[test]
fn scheduled_skills_take_no_input() {
    for text in [
        "## Schedule\nEvery Monday.",
        "### Manual trigger\nRun it.",
        "It takes no payload.",
        "---\ntrigger: scheduled\n---\nx",
    ] {
        let doc = SkillDoc::parse(text);
        assert!(doc.scheduled, "{text}");
        assert_eq!(doc.form, Some(SourcedForm { form: Form::default(), source: FormSource::SkillSchedule }), "{text}");
    }
    let with_table = SkillDoc::parse("## Schedule\n## Input\n| Key | Type |\n|---|---|\n| a | text |\n");
    assert!(with_table.scheduled);
    assert_eq!(form_of(&with_table).fields().count(), 1);
}

#[test]
fn cost_from_head_or_text() {
    let cost = |text: &str| SkillDoc::parse(text).cost;
    assert_eq!(cost("---\ncost: 3\n---\n- Cost: 2 credits"), Some(3.0));
    assert_eq!(cost("- **Cost:** 0.5 credits per run"), Some(0.5));
    assert_eq!(cost("COST: 1 credit"), Some(1.0));
    assert_eq!(cost("cost: free"), None);
    assert_eq!(cost("cost: ... credits"), None);
}

#[test]
fn outputs_from_list_or_example() {
    let keys = |text: &str| SkillDoc::parse(text).outputs.into_iter().map(|o| (o.key, o.kind)).collect::<Vec<_>>();
    let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
    assert_eq!(keys("---\noutput:\n  - name: doc\n    type: File\n---\n"), [pair("doc", "file")]);
    assert_eq!(keys("## Output\n```json\n{\"b\": 1, \"a\": []}\n```"), [pair("b", "number"), pair("a", "array")]);
    assert_eq!(keys("# Nothing"), []);
}

#[test]
fn headings_inside_fences_are_none() {
    let doc = SkillDoc::parse("## Input\n```bash\n# Output\n```\n| Key | Type |\n|---|---|\n| a | text |\n");
    assert_eq!(form_of(&doc).fields().count(), 1);
}

#[test]
fn hostile_texts_do_no_harm() {
    for text in
        ["|".repeat(50_000), "---\n".repeat(20_000), "#".repeat(100_000), "```\n".repeat(50_001), "{\n".repeat(3_000)]
    {
        let text = format!("## Input\n{text}\n## Trigger\n```\n{text}");
        assert_eq!(SkillDoc::parse(&text).workflow_id, None);
    }
}
