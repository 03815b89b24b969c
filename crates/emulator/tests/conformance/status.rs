//! Status: statements 14 to 20.

use emulator::{Config, fixtures as f};
use reqwest::StatusCode;
use serde_json::json;

use super::{error_text, members};
use crate::client::Bench;

#[tokio::test]
async fn s14_an_execution_is_always_there() {
    let bench = Bench::start().await;
    let id = bench.trigger("text-summary", json!({ "text": "A." })).await;
    let path = format!("/getexecutionstatuspublic/{}/{id}", f::DEV_INSTANCE);
    let (status, body) = bench.get(&path, f::DEV_ORG_KEY).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(members(&body), ["success", "execution"]);
    assert_eq!(body["execution"]["executionId"], id.as_str());
    let created_at = body["execution"]["createdAt"].as_str().expect("a time");
    assert!(created_at.ends_with('Z') && created_at.len() == 24, "{created_at}");
}

#[tokio::test]
async fn s15_a_running_execution_is_pending_and_nothing_else() {
    let bench = Bench::start().await;
    let id = bench.trigger("never-answers", json!({})).await;
    let view = bench.status(&id).await;
    assert_eq!(members(&view), ["executionId", "status", "createdAt"]);
    assert_eq!(view["status"], "pending");
}

#[tokio::test]
async fn s16_success() {
    let bench = Bench::start().await;
    let view = bench.run("text-summary", json!({ "text": "A. B." })).await;
    assert_eq!(members(&view), ["executionId", "status", "createdAt", "duration", "resultData"]);
    assert_eq!(view["status"], "success");
    assert!(view["duration"].is_u64());
    assert!(view["resultData"].is_object());
}

#[tokio::test]
async fn s17_failure() {
    let bench = Bench::start().await;
    let id = bench.trigger("always-fails", json!({ "message": "CRM answered 429" })).await;
    bench.ended(&id).await;
    // The run failed; the question was answered.
    let path = format!("/getexecutionstatuspublic/{}/{id}", f::DEV_INSTANCE);
    let (status, body) = bench.get(&path, f::DEV_ORG_KEY).await;
    assert_eq!((status, &body["success"]), (StatusCode::OK, &json!(true)));
    let view = &body["execution"];
    assert_eq!(view["status"], "failed");
    assert_eq!(view["errorDetails"]["message"], "CRM answered 429");
    assert_eq!(view["errorDetails"]["type"], "external_api_error");
    assert!(view.get("resultData").is_none());
}

#[tokio::test]
async fn s18_runs_shorter_and_longer_than_a_client_waits() {
    let bench = Bench::with(Config { speed: 0.0, ..Config::default() }).await;
    assert_eq!(bench.run("text-summary", json!({ "text": "A." })).await["status"], "success");
    // 900 s at normal speed is far beyond the 120 s the command line tool waits.
    bench.control("switches", json!({ "speed": 1.0 })).await;
    let long = bench.trigger("slow-report", json!({ "seconds": 900 })).await;
    let short = bench.run("text-summary", json!({ "text": "A." })).await;
    assert!(short["duration"].as_u64().is_some_and(|ms| (1500..4000).contains(&ms)), "{short}");
    assert_eq!(bench.status(&long).await["status"], "pending");
}

#[tokio::test]
async fn s19_unknown_executions() {
    let bench = Bench::start().await;
    let id = bench.trigger("text-summary", json!({ "text": "A." })).await;
    for path in [
        format!("/status/{}/{id}", f::PROD_INSTANCE),
        format!("/status/{}/019a0000-0000-7000-8000-000000000000", f::DEV_INSTANCE),
    ] {
        let (status, body) = bench.get(&path, f::DEV_ORG_KEY).await;
        assert_eq!(status, StatusCode::NOT_FOUND);
        assert!(error_text(&body, true).contains("not found"));
    }
}

#[tokio::test]
async fn s20_an_end_never_changes() {
    let bench = Bench::start().await;
    let id = bench.trigger("table-profile", json!({ "csv": "a\n1" })).await;
    let end = bench.ended(&id).await;
    for _ in 0..3 {
        assert_eq!(bench.status(&id).await, end);
    }
}
