//! What the recorder writes down plays again: same forms, same skills, same results, and no key in the file.

use emulator::{Config, RecordError, Recorded, Recording, fixtures as f, record};
use serde_json::{Value, json};

use crate::client::Bench;

const INSTANCE: &str = "/getprocessinstancepublic";

async fn recorded(bench: &Bench, key: &str) -> Result<Recorded, RecordError> {
    let base_url = bench.emulator.base_url();
    record(&Recording { base_url, instance: f::DEV_INSTANCE, key, limit: 100 }).await
}

async fn playing(recorded: &Recorded) -> Bench {
    let scenario = serde_json::from_str(&recorded.scenario.to_string()).expect("a scenario");
    Bench::with(Config { speed: 0.0, scenario: Some(scenario), ..Config::default() }).await
}

async fn workflows_of(bench: &Bench) -> Vec<Value> {
    let body = json!({ "processInstanceId": f::DEV_INSTANCE, "includeWorkflowDetails": true });
    let (_, instance) = bench.post(INSTANCE, f::DEV_ORG_KEY, body).await;
    instance["data"]["deployment"]["workflows"].as_array().expect("workflows").clone()
}

#[tokio::test]
async fn a_recording_plays_the_same_forms_skills_and_results() {
    let original = Bench::with(Config { speed: 0.0, ..Config::default() }).await;
    let payloads = [
        ("text-summary", json!({ "text": "One sentence. Another one.", "sentences": 1 })),
        ("text-summary", json!({ "text": "Three. Four. Five." })),
        (
            "invoice-total",
            json!({
                "number": "A-1", "issued_on": "2026-01-02", "customer": { "name": "Ann" },
                "lines": [{ "description": "Work", "quantity": 3, "unit_price": 99.5, "vat_rate": "21" }],
            }),
        ),
        ("always-fails", json!({ "message": "Out of paper" })),
    ];
    let mut ends = Vec::new();
    for (workflow, payload) in &payloads {
        ends.push(original.run(workflow, payload.clone()).await);
    }
    let recorded = recorded(&original, f::DEV_ORG_KEY).await.expect("a recording");
    assert_eq!((recorded.executions, recorded.gaps.as_slice()), (4, [].as_slice()));

    let copy = playing(&recorded).await;
    assert_eq!(workflows_of(&copy).await, workflows_of(&original).await);
    let skills = format!("/getprocessskillspublic/{}", f::DEV_INSTANCE);
    assert_eq!(copy.get(&skills, f::DEV_ORG_KEY).await, original.get(&skills, f::DEV_ORG_KEY).await);
    // Backwards, so that a wrong choice by turn would show.
    for ((workflow, payload), end) in payloads.into_iter().zip(ends).rev() {
        let again = copy.run(workflow, payload).await;
        assert_eq!(again["status"], end["status"], "{workflow}");
        assert_eq!(again["resultData"], end["resultData"], "{workflow}");
        for member in ["type", "message", "code", "failedNodeName"] {
            assert_eq!(again["errorDetails"][member], end["errorDetails"][member], "{workflow}");
        }
    }
    let unheard = copy.run("table-profile", json!({ "csv": "a\n1" })).await;
    assert_eq!(unheard["errorDetails"]["message"], "The scenario holds no answer of this workflow");
}

#[tokio::test]
async fn no_key_and_no_secret_gets_into_the_file() {
    let original = Bench::with(Config { speed: 0.0, ..Config::default() }).await;
    let payload = json!({ "text": format!("My key is {}.", f::DEV_INSTANCE_KEY), "api_token": "hunter2" });
    original.run("text-summary", payload).await;
    let recorded = recorded(&original, f::DEV_ORG_KEY).await.expect("a recording");
    let text = recorded.scenario.to_string();
    assert!(text.contains("My key is [removed]"), "{text}");
    let fixtures = format!("{}/_emulator/fixtures", original.emulator.base_url());
    let (_, fixtures) = crate::client::answer(original.http.get(fixtures)).await;
    for key in fixtures["keys"].as_array().expect("keys") {
        assert!(!text.contains(key["key"].as_str().expect("a key")));
    }
    for secret in ["hunter2", "executionSecret", "webhook-auth"] {
        assert!(!text.contains(secret), "{secret}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_an_error_or_a_gap() {
    let original = Bench::with(Config { speed: 0.0, ..Config::default() }).await;
    original.run("always-fails", json!({})).await;
    let refused = recorded(&original, f::NARROW_KEY).await.err().expect("a refusal").to_string();
    assert!(refused.contains("instances:read"), "{refused}");

    original.control("faults", json!({ "endpoint": "details", "status": 500, "body": "oops" })).await;
    original.control("faults", json!({ "endpoint": "skills", "status": 503, "body": "oops" })).await;
    let recorded = recorded(&original, f::DEV_ORG_KEY).await.expect("a recording");
    assert_eq!(recorded.executions, 1);
    assert!(recorded.gaps[0].starts_with("get skills answered 503"), "{:?}", recorded.gaps);
    assert!(recorded.gaps[1].contains("without its input"), "{:?}", recorded.gaps);
    let again = playing(&recorded).await.run("always-fails", json!({ "message": "not recorded" })).await;
    assert_eq!(again["errorDetails"]["code"], "429");
}

/// The platform may know triggers that nobody wrote about.
#[tokio::test]
async fn what_a_scenario_cannot_say_is_a_gap_and_the_rest_plays() {
    let original = Bench::with(Config { speed: 0.0, ..Config::default() }).await;
    let workflows = json!([
        { "workflowId": "odd", "workflowName": null, "cost": null, "integrationUids": [7, "crm"], "triggers": [
            { "type": "telepathy" }, { "type": "service_event", "service": "email" }, { "type": "http" }
        ] },
        { "workflowName": "nameless" },
    ]);
    let data = json!({ "title": 3, "currentVersion": null, "deployment": { "workflows": workflows } });
    let body = json!({ "success": true, "data": data });
    original.control("faults", json!({ "endpoint": "instance", "body": body })).await;
    let recorded = recorded(&original, f::DEV_ORG_KEY).await.expect("a recording");
    assert_eq!(recorded.gaps.len(), 2, "{:?}", recorded.gaps);
    assert!(
        recorded.gaps[0].starts_with("workflow odd: without a trigger of type \"telepathy\""),
        "{:?}",
        recorded.gaps
    );
    assert!(recorded.gaps[1].contains("missing field `eventType`"), "{:?}", recorded.gaps);

    let copy = playing(&recorded).await;
    let workflows = workflows_of(&copy).await;
    assert_eq!(workflows.len(), 1);
    assert_eq!((&workflows[0]["workflowName"], &workflows[0]["integrationUids"]), (&json!("odd"), &json!(["crm"])));
    assert_eq!(workflows[0]["triggers"], json!([{ "type": "http", "method": "POST" }]));
}
