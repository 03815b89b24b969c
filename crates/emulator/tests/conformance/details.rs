//! Details: statements 30 to 33.

use emulator::fixtures as f;
use reqwest::StatusCode;
use serde_json::{Value, json};

use super::{error_text, members};
use crate::client::Bench;

const LEAD: &str = r#"{"email":"ann@acme.example","segment":"smb"}"#;

async fn details(bench: &Bench, id: &str, query: &str) -> Value {
    let path = format!("/getexecutiondetailspublic/{}/{id}{query}", f::DEV_INSTANCE);
    let (status, body) = bench.get(&path, f::DEV_ORG_KEY).await;
    assert_eq!(status, StatusCode::OK);
    body
}

fn emulated(ms: i64) -> String {
    format!("{:.3}", jiff::Timestamp::from_millisecond(ms).expect("a time"))
}

async fn lead(bench: &Bench) -> String {
    let id = bench.trigger("lead-score", serde_json::from_str(LEAD).expect("JSON")).await;
    bench.ended(&id).await;
    id
}

#[tokio::test]
async fn s30_the_members_of_the_answer() {
    let bench = Bench::start().await;
    let pending = bench.trigger("never-answers", json!({})).await;
    let done = lead(&bench).await;
    for id in [&pending, &done] {
        let body = details(&bench, id, "").await;
        let mut top = members(&body);
        top.sort_unstable();
        assert_eq!(top, ["execution", "requestId", "success"]);
        let expected = ["codikaExecutionId", "n8nExecutionId", "status", "n8nExecution"];
        assert_eq!(members(&body["execution"]), expected);
    }
    let body = details(&bench, &pending, "").await;
    assert_eq!(body["execution"]["n8nExecution"], Value::Null);
    let body = details(&bench, &done, "").await;
    let list = format!("/listexecutionspublic/{}?limit=1", f::DEV_INSTANCE);
    let (_, list) = bench.get(&list, f::DEV_ORG_KEY).await;
    assert_eq!(list["data"]["executions"][0]["n8nExecutionId"], body["execution"]["n8nExecutionId"]);
}

#[tokio::test]
async fn s31_slim_and_deep() {
    let bench = Bench::start().await;
    let id = lead(&bench).await;
    let text = async |query: &str| details(&bench, &id, query).await["execution"].to_string();
    let (full, slim) = (text("").await, text("?slim=true").await);
    let (deep, both) = (text("?deep=true").await, text("?deep=true&slim=true").await);
    for (text, is_slim, is_deep) in
        [(&full, false, false), (&slim, true, false), (&deep, false, true), (&both, true, true)]
    {
        assert_eq!(!text.contains("pairedItem"), is_slim);
        assert_eq!(!text.contains("workflowData"), is_slim);
        assert_eq!(text.contains("_subExecutions"), is_deep);
    }
    assert!(slim.len() < full.len() && both.len() < deep.len());
    let body = details(&bench, &id, "?deep=true").await;
    let node = &body["execution"]["n8nExecution"]["data"]["resultData"]["runData"]["Enrich company"][0];
    let inner = &node["_subExecutions"][0]["data"]["resultData"]["runData"];
    let trigger = "When Executed by Another Workflow";
    assert_eq!(members(inner), [trigger, "Find domain", "Look up company"]);
    assert_eq!(inner[trigger][0]["data"]["main"][0][0]["json"], json!({ "email": "ann@acme.example" }));
    assert_eq!(inner["Look up company"][0]["data"], node["data"]);
    assert_eq!(node["_subExecutions"][0]["id"], node["metadata"]["subExecution"]["executionId"]);
}

#[tokio::test]
async fn s32_the_trace_is_what_happened() {
    let bench = Bench::start().await;
    let id = lead(&bench).await;
    let ended = bench.status(&id).await;
    let body = details(&bench, &id, "").await;
    let trace = &body["execution"]["n8nExecution"];
    assert!(trace["startedAt"].is_string() && trace["stoppedAt"].is_string());
    let runs = &trace["data"]["resultData"]["runData"];
    let expected = [
        "HTTP Trigger",
        "Codika Init",
        "Validate input",
        "Enrich company",
        "Score",
        "Write reasons",
        "Codika Submit Result",
    ];
    assert_eq!(members(runs), expected);
    let took: u64 = expected.iter().filter_map(|node| runs[node][0]["executionTime"].as_u64()).sum();
    assert_eq!(ended["duration"], took);
    // Every node names the one whose output was its input, and starts when that one is done.
    for pair in expected.windows(2) {
        let (before, after) = (&runs[pair[0]][0], &runs[pair[1]][0]);
        assert_eq!(after["source"], json!([{ "previousNode": pair[0] }]));
        let time = |run: &Value, name: &str| run[name].as_i64().unwrap_or_else(|| panic!("{name} of {run}"));
        let end = time(before, "startTime") + time(before, "executionTime");
        // Two clocks, one of them counting whole milliseconds.
        assert!((time(after, "startTime") - end).abs() <= 250, "{before} {after}");
        assert_eq!(time(after, "executionIndex"), time(before, "executionIndex") + 1);
    }
    let first = runs["HTTP Trigger"][0]["startTime"].as_i64().map(emulated);
    assert_eq!(trace["startedAt"].as_str().map(str::to_owned), first);
    let result = &runs["Write reasons"][0]["data"]["main"][0][0]["json"];
    assert_eq!(*result, ended["resultData"]);
    // What a real trace holds, and a dashboard must hide.
    let webhook = &runs["HTTP Trigger"][0]["data"]["main"][0][0]["json"];
    assert_eq!(webhook["body"]["email"], "ann@acme.example");
    let secret = webhook["body"]["executionMetadata"]["executionSecret"].as_str().expect("a secret");
    assert!(webhook["headers"]["x-codika-webhook-auth"].is_string());
    assert_eq!(trace["customData"]["codikaExecutionSecret"], secret);
    let init = &runs["Codika Init"][0]["data"]["main"][0][0]["json"];
    assert_eq!(init["executionSecret"], secret);

    let failed = bench.trigger("always-fails", json!({})).await;
    bench.ended(&failed).await;
    let body = details(&bench, &failed, "").await;
    let result = &body["execution"]["n8nExecution"]["data"]["resultData"];
    assert_eq!(result["runData"]["Fetch contacts"][0]["executionStatus"], "error");
    assert!(result["runData"]["Fetch contacts"][0]["error"]["message"].is_string());
    assert_eq!(result["error"]["node"]["name"], "Fetch contacts");
}

#[tokio::test]
async fn s33_unknown_details() {
    let bench = Bench::start().await;
    let path = format!("/getexecutiondetailspublic/{}/none", f::DEV_INSTANCE);
    let (status, body) = bench.get(&path, f::DEV_ORG_KEY).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    error_text(&body, true);
}
