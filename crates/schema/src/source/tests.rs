use serde_json::json;

use super::*;

#[test]
fn the_most_trustworthy_source_wins() {
    let form = |key: &str| Form::parse(&json!([{"key": key, "type": "string"}])).expect("a form");
    let (operator, trigger) = (form("operator"), form("trigger"));
    let skill = SkillDoc::parse("---\nname: x\n---\n## Input\n| Parameter | Type |\n|---|---|\n| skill | string |\n");
    let mut from = FormCandidates { operator: Some(&operator), trigger: Some(&trigger), skill: Some(&skill) };
    let source = |from| choose_form(from).map(|s: SourcedForm| s.source);
    assert_eq!(source(from), Some(FormSource::Operator));
    from.operator = None;
    assert_eq!(source(from), Some(FormSource::Trigger));
    from.trigger = None;
    assert_eq!(source(from), Some(FormSource::SkillTable));
    from.skill = None;
    assert_eq!(source(from), None);
}

#[test]
fn an_empty_trigger_schema_is_knowledge() {
    let nothing = Form::default();
    let skill = SkillDoc::parse("## Input\n| Parameter | Type |\n|---|---|\n| a | string |\n");
    let chosen = choose_form(FormCandidates { operator: None, trigger: Some(&nothing), skill: Some(&skill) });
    assert_eq!(chosen, Some(SourcedForm { form: nothing, source: FormSource::Trigger }));
}
