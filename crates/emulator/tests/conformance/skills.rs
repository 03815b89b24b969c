//! Skills: statements 21 to 23.

use std::collections::HashSet;

use emulator::{Config, fixtures as f};
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{error_text, members};
use crate::client::Bench;

fn path() -> String {
    format!("/getprocessskillspublic/{}", f::DEV_INSTANCE)
}

#[tokio::test]
async fn s21_skills_for_both_kinds_of_key() {
    let bench = Bench::start().await;
    for key in [f::DEV_ORG_KEY, f::DEV_INSTANCE_KEY] {
        let (status, body) = bench.get(&path(), key).await;
        assert_eq!(status, StatusCode::OK);
        assert_eq!(members(&body), ["success", "data"]);
        assert_eq!(body["data"]["processInstanceId"], f::DEV_INSTANCE);
        for skill in body["data"]["skills"].as_array().expect("skills") {
            let expected = ["name", "description", "workflowTemplateId", "contentMarkdown", "relativePath"];
            assert_eq!(members(skill), expected);
            assert!(skill.as_object().expect("members").values().all(Value::is_string), "{skill}");
        }
    }
}

#[tokio::test]
async fn s21_no_skills_are_an_empty_list() {
    let playing = async |workflows: Value| {
        let scenario = json!({ "demo": false, "workflows": workflows });
        let scenario = Some(serde_json::from_value(scenario).expect("a scenario"));
        let bench = Bench::with(Config { scenario, ..Config::default() }).await;
        bench.get(&path(), f::DEV_ORG_KEY).await
    };
    let (status, body) = playing(json!([{ "id": "silent" }])).await;
    assert_eq!((status, &body["success"], &body["data"]["skills"]), (StatusCode::OK, &json!(true), &json!([])));
    // One without frontmatter is called as its folder, and nothing is null.
    let (_, body) = playing(json!([{ "id": "bare", "skill": "# Bare" }])).await;
    assert_eq!(body["data"]["skills"][0]["name"], "bare");
    assert_eq!(body["data"]["skills"][0]["description"], "");
}

#[tokio::test]
async fn s22_errors_of_either_family() {
    let bench = Bench::start().await;
    let (status, body) = bench.get(&path(), f::SCOPELESS_KEY).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    error_text(&body, false);
    bench.control("switches", json!({ "skills_errors": "flat" })).await;
    let (_, body) = bench.get(&path(), f::SCOPELESS_KEY).await;
    assert!(error_text(&body, true).contains("skills:read"));
}

#[tokio::test]
async fn s23_skills_keep_the_rules() {
    let bench = Bench::start().await;
    let (_, body) = bench.get(&path(), f::DEV_ORG_KEY).await;
    let request = json!({ "processInstanceId": f::DEV_INSTANCE });
    let (_, instance) = bench.post("/getprocessinstancepublic", f::DEV_ORG_KEY, request).await;
    let workflows = instance["data"]["deployment"]["workflows"].as_array().expect("workflows");
    let known: HashSet<&str> = workflows.iter().filter_map(|workflow| workflow["workflowId"].as_str()).collect();
    let (mut names, mut targets) = (HashSet::new(), HashSet::new());
    for skill in body["data"]["skills"].as_array().expect("skills") {
        let text = |member: &str| skill[member].as_str().expect("text").to_owned();
        let name = text("name");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(!name.is_empty() && name.len() <= 64 && name.chars().all(plain), "{name}");
        assert!(!name.contains("anthropic") && !name.contains("claude"), "{name}");
        let description = text("description");
        assert!(!description.is_empty() && description.chars().count() <= 1024, "{name}");
        assert!(text("contentMarkdown").lines().count() < 500, "{name}");
        let target = text("workflowTemplateId");
        assert!(known.contains(target.as_str()), "{target}");
        assert!(names.insert(name) && targets.insert(target));
    }
    assert!(targets.contains("weekly-digest") && !targets.contains("enrich-company"));
}
