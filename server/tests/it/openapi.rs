//! The description of the REST API says what the server does.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{TestApp, Told, id, text};

fn description() -> Value {
    serde_json::from_str(include_str!("../../src/rest/openapi.json")).expect("JSON")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn its_paths_are_the_routers() {
    let described = description();
    let mut in_document = BTreeSet::new();
    for (path, methods) in described["paths"].as_object().expect("paths") {
        for method in methods.as_object().expect("methods").keys().filter(|name| *name != "parameters") {
            in_document.insert((method.to_uppercase(), format!("/api/v1{path}")));
        }
    }
    let in_router: BTreeSet<_> = server::routes()
        .into_iter()
        .filter(|(_, path)| path.starts_with("/api/"))
        .map(|(method, path)| (method.to_string(), path))
        .collect();
    assert_eq!(in_document, in_router);
    assert_eq!(described["openapi"], "3.1.0");
    assert_eq!(described["servers"][0]["url"], "/api/v1");
}

#[test]
fn every_reference_leads_somewhere() {
    fn references<'a>(value: &'a Value, found: &mut Vec<&'a str>) {
        match value {
            Value::Object(members) => {
                for (name, member) in members {
                    match member.as_str() {
                        Some(target) if name == "$ref" => found.push(target),
                        _ => references(member, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            _ => {}
        }
    }
    let described = description();
    let mut found = Vec::new();
    references(&described, &mut found);
    assert!(found.len() > 20);
    for target in found {
        let pointer = target.strip_prefix('#').expect("a reference into this document");
        assert!(described.pointer(pointer).is_some(), "{target}");
    }
}

#[test]
fn every_operation_is_complete() {
    let described = description();
    let mut names = BTreeSet::new();
    for (path, methods) in described["paths"].as_object().expect("paths") {
        for (method, operation) in
            methods.as_object().expect("methods").iter().filter(|(name, _)| *name != "parameters")
        {
            let what = format!("{method} {path}");
            assert!(operation["summary"].is_string(), "{what}");
            assert!(names.insert(operation["operationId"].as_str().expect("an id").to_owned()), "{what}");
            let answers = operation["responses"].as_object().expect("responses");
            let open = path == "/openapi.json";
            assert_eq!(operation["security"] == json!([]), open, "{what}");
            assert!(open || answers.contains_key("401"), "{what}: every guarded call may be refused");
            for (status, answer) in answers {
                let is_reference = answer["$ref"].is_string();
                assert!(is_reference || answer["description"].is_string(), "{what} {status}");
            }
        }
    }
}

/// The statuses and error kinds of the model are all described, and no others.
#[test]
fn its_words_are_the_models() {
    let described = description();
    let words = |name: &str| -> BTreeSet<String> {
        let list = described["components"]["schemas"][name]["enum"].as_array().expect("an enumeration");
        list.iter().map(|word| word.as_str().expect("a word").to_owned()).collect()
    };
    let statuses = model::RunStatus::ALL.into_iter().map(|status| status.as_str().to_owned()).collect();
    assert_eq!(words("RunStatus"), statuses);
    for kind in words("ErrorKind") {
        assert!(serde_json::from_value::<model::ErrorKind>(json!(kind)).is_ok(), "{kind}");
    }
}

/// Every member of real answers is described, and every required one is there.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn answers_are_as_described() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let described = description();
    let get = async |path: &str| app.get(path).bearer_auth(&token).told().await.json();
    let good = app.start_run(&token, "text-summary", text("A sentence.")).await;
    let bad = app.start_run(&token, "always-fails", json!({})).await;
    let good = app.until(&token, id(&good), "success").await;
    let bad = app.until(&token, id(&bad), "failed").await;
    let refused = get("/api/v1/runs/nonsense").await;
    let invalid = json!({ "environment": "dev", "workflow": "text-summary", "input": {} });
    let invalid = app.json("/api/v1/runs", &invalid).bearer_auth(&token).told().await.json();
    for (schema, value) in [
        ("Run", &good),
        ("Run", &bad),
        ("RunError", &bad["error"]),
        ("RunList", &get("/api/v1/runs").await),
        ("RunSummary", &get("/api/v1/runs").await["items"][0]),
        ("EnvironmentList", &get("/api/v1/environments").await),
        ("Environment", &get("/api/v1/environments").await["items"][0]),
        ("WorkflowList", &get("/api/v1/workflows?environment=dev").await),
        ("Workflow", &get("/api/v1/workflows?environment=dev").await["items"][0]),
        ("Problem", &refused),
        ("Problem", &invalid),
        ("FieldError", &invalid["errors"][0]),
    ] {
        let schema_of = &described["components"]["schemas"][schema];
        let properties = schema_of["properties"].as_object().unwrap_or_else(|| panic!("{schema} has no properties"));
        let members = value.as_object().unwrap_or_else(|| panic!("{schema}: {value}"));
        for name in members.keys() {
            assert!(properties.contains_key(name), "{schema} does not describe {name}: {value}");
        }
        for name in schema_of["required"].as_array().expect("required members") {
            assert!(members.contains_key(name.as_str().expect("a name")), "{schema} lacks {name}: {value}");
        }
    }
}
