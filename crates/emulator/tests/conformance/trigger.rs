//! Triggers: statements 8 to 13.

use std::collections::HashSet;

use emulator::{Config, fixtures as f};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::error_text;
use crate::client::{Bench, SPEED, answer};

fn path(workflow: &str) -> String {
    format!("/triggerwebhookpublic/{}/{workflow}", f::DEV_INSTANCE)
}

#[tokio::test]
async fn s08_a_trigger_is_answered_at_once() {
    let bench = Bench::start().await;
    let (status, body) = bench.post(&path("text-summary"), f::DEV_ORG_KEY, json!({ "payload": {} })).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(super::members(&body), ["success", "executionId", "message"]);
    assert_eq!(body["success"], true);
    assert!(body["message"].is_string());
}

#[tokio::test]
async fn s09_every_call_is_an_execution_of_its_own() {
    let bench = Bench::start().await;
    let mut ids = HashSet::new();
    for _ in 0..20 {
        let id = bench.trigger("text-summary", json!({ "text": "Same." })).await;
        let (version, variant) = (id.as_bytes()[14], id.as_bytes()[19]);
        assert_eq!((id.len(), version), (36, b'7'), "{id}");
        assert!(b"89ab".contains(&variant), "{id}");
        ids.insert(id);
    }
    assert_eq!(ids.len(), 20);
}

#[tokio::test]
async fn s10_what_the_workflow_gets() {
    let bench = Bench::start().await;
    let cases = [
        (r#"{"payload":{"a":1},"sibling":2}"#, json!({ "a": 1 })),
        (r#"{"a":{"payload":3}}"#, json!({ "a": { "payload": 3 } })),
        (r#"{"payload":{}}"#, json!({})),
        ("", json!({})),
    ];
    for (index, (body, expected)) in cases.into_iter().enumerate() {
        let request = bench.request(Method::POST, &path("every-field"), f::DEV_INSTANCE_KEY);
        let (status, answer) = answer(request.body(body)).await;
        assert_eq!(status, StatusCode::OK, "{body}: {answer}");
        assert_eq!(bench.ledger().await["triggers"][index]["payload"], expected, "{body}");
    }
    let ended = bench.run("every-field", json!({ "a_string": "ok", "unknown": [null] })).await;
    assert_eq!(ended["resultData"]["echo"], json!({ "a_string": "ok", "unknown": [null] }));
}

#[tokio::test]
async fn s11_an_execution_is_readable_before_the_answer_is() {
    let bench = Bench::start().await;
    let id = bench.trigger("text-summary", json!({ "text": "A." })).await;
    let paths = [
        format!("/status/{}/{id}", f::DEV_INSTANCE),
        format!("/getexecutiondetailspublic/{}/{id}", f::DEV_INSTANCE),
        format!("/listexecutionspublic/{}", f::DEV_INSTANCE),
    ];
    for path in &paths {
        let (status, body) = bench.get(path, f::DEV_ORG_KEY).await;
        assert_eq!(status, StatusCode::OK);
        assert!(body.to_string().contains(&id), "{path}: {body}");
    }
    bench.control("switches", json!({ "registration_delay_ms": 3_600_000 })).await;
    for (path, expected) in paths.iter().zip([404, 404, 200]) {
        let (status, body) = bench.get(path, f::DEV_ORG_KEY).await;
        assert_eq!(status.as_u16(), expected, "{path}");
        assert!(!body.to_string().contains(&id), "{path}: {body}");
    }
}

#[tokio::test]
async fn s11_an_execution_is_registered_while_its_trigger_waits_for_the_answer() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "endpoint": "trigger", "delay_ms": 5000 })).await;
    let trigger = bench.trigger("never-answers", json!({}));
    let readers = async {
        let list = format!("/listexecutionspublic/{}", f::DEV_INSTANCE);
        let id = loop {
            let (_, body) = bench.get(&list, f::DEV_ORG_KEY).await;
            if let Some(id) = body["data"]["executions"][0]["executionId"].as_str() {
                break id.to_owned();
            }
        };
        assert_eq!(bench.status(&id).await["status"], "pending");
        let details = format!("/getexecutiondetailspublic/{}/{id}", f::DEV_INSTANCE);
        assert_eq!(bench.get(&details, f::DEV_ORG_KEY).await.0, StatusCode::OK);
    };
    tokio::select! {
        biased;
        _ = trigger => panic!("the trigger was answered first"),
        () = readers => {}
    }
}

#[tokio::test]
async fn s12_document_ingestion_cannot_be_triggered() {
    let workflows = json!({ "workflows": [{ "id": "ingest", "triggers": [{ "type": "data_ingestion" }] }] });
    let scenario = Some(serde_json::from_value(workflows).expect("a scenario"));
    let bench = Bench::with(Config { scenario, ..Config::default() }).await;
    let (status, answer) = bench.post(&path("ingest"), f::DEV_ORG_KEY, json!({})).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    error_text(&answer, true);
}

#[tokio::test]
async fn s12_what_cannot_be_triggered() {
    let bench = Bench::start().await;
    let mut cases: Vec<(String, &str, Value, u16)> = vec![
        ("/webhook/none/text-summary".to_owned(), f::DEV_ORG_KEY, json!({}), 404),
        (path("no-such-workflow"), f::DEV_ORG_KEY, json!({}), 404),
        (path("enrich-company"), f::DEV_ORG_KEY, json!({}), 404),
        (path("inbox-triage"), f::DEV_ORG_KEY, json!({}), 404),
        (path("text-summary"), f::DEV_ORG_KEY, json!([1]), 400),
        (path("text-summary"), f::DEV_ORG_KEY, json!("text"), 400),
        (path("text-summary"), f::DEV_ORG_KEY, json!({ "payload": [] }), 400),
    ];
    for (instance, key) in [
        (f::PAUSED_INSTANCE, f::PAUSED_INSTANCE_KEY),
        (f::ARCHIVED_INSTANCE, f::ARCHIVED_INSTANCE_KEY),
        (f::FAILED_INSTANCE, f::FAILED_INSTANCE_KEY),
    ] {
        cases.push((format!("/webhook/{instance}/text-summary"), key, json!({}), 412));
    }
    for (path, key, body, expected) in cases {
        let (status, answer) = bench.post(&path, key, body).await;
        assert_eq!(status.as_u16(), expected, "{path}: {answer}");
        error_text(&answer, true);
    }
    let request = bench.request(Method::POST, &path("text-summary"), f::DEV_ORG_KEY).body("{");
    let (status, refused) = answer(request).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    error_text(&refused, true);
    // An instance that is paused while it works stops taking triggers.
    bench.control(&format!("instances/{}", f::DEV_INSTANCE), json!({ "is_active": false })).await;
    let (status, _) = bench.post(&path("text-summary"), f::DEV_ORG_KEY, json!({})).await;
    assert_eq!(status, StatusCode::PRECONDITION_FAILED);
    assert_eq!(bench.ledger().await["triggers"][0]["execution_id"], Value::Null);
}

#[tokio::test]
async fn s13_a_scheduled_workflow_runs_by_hand() {
    let bench = Bench::start().await;
    let ended = bench.run("weekly-digest", json!({})).await;
    assert_eq!(ended["status"], "success");
    assert_eq!(ended["resultData"]["figures"].as_array().map(Vec::len), Some(4));
}

/// Not a statement of the list: a key that stops working while a client polls.
#[tokio::test]
async fn a_key_can_be_revoked_while_it_is_used() {
    let bench = Bench::with(Config { speed: SPEED, ..Config::default() }).await;
    let id = bench.trigger("never-answers", json!({})).await;
    bench.control("keys", json!({ "key": f::DEV_INSTANCE_KEY, "revoked": true })).await;
    let path = format!("/status/{}/{id}", f::DEV_INSTANCE);
    assert_eq!(bench.get(&path, f::DEV_INSTANCE_KEY).await.0, StatusCode::UNAUTHORIZED);
    bench.control("keys", json!({ "key": f::DEV_INSTANCE_KEY, "revoked": false })).await;
    assert_eq!(bench.get(&path, f::DEV_INSTANCE_KEY).await.0, StatusCode::OK);
}
