//! The client the dashboard uses, against the emulator: two independent readings of one protocol agree.

use std::time::Duration;

use codika::{
    BaseUrl, CallErrorKind, Client, ClientConfig, ExecutionId, ExecutionState, Key, PathStyle, StatusReply,
    TriggerOutcome,
};
use emulator::fixtures as f;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use tokio::time::{Instant, sleep};

use crate::client::Bench;

fn client(bench: &Bench, style: PathStyle) -> Client {
    client_with(bench, style, f::DEV_ORG_KEY)
}

fn client_with(bench: &Bench, style: PathStyle, org_key: &str) -> Client {
    let base_url = BaseUrl::parse(bench.emulator.base_url()).expect("a base URL");
    let mut config = ClientConfig::new(base_url, f::DEV_INSTANCE);
    config.instance_key = Some(Key::parse(f::DEV_INSTANCE_KEY).expect("a key"));
    config.org_key = Some(Key::parse(org_key).expect("a key"));
    config.path_style = style;
    Client::new(config).expect("a client")
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().expect("an object")
}

async fn accepted(client: &Client, workflow: &str, payload: Value) -> ExecutionId {
    client.verify_path_style().await;
    match client.trigger(workflow, &object(payload)).await {
        TriggerOutcome::Accepted { execution_id, warning: None, .. } => execution_id,
        other => panic!("{other:?}"),
    }
}

async fn ended(client: &Client, id: &ExecutionId) -> StatusReply {
    let deadline = Instant::now() + Duration::from_secs(15);
    loop {
        let reply = client.status(id).await.expect("a status");
        if reply.state.is_terminal() {
            return reply;
        }
        assert!(Instant::now() < deadline);
        sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn every_style_triggers_and_polls() {
    let bench = Bench::start().await;
    for style in [PathStyle::Auto, PathStyle::Short, PathStyle::Function, PathStyle::Documented] {
        let client = client(&bench, style);
        let id = accepted(&client, "text-summary", json!({ "text": "A. B." })).await;
        let reply = ended(&client, &id).await;
        assert_eq!(reply.state, ExecutionState::Success);
        assert_eq!(reply.execution_id.as_deref(), Some(id.as_str()));
    }
}

#[tokio::test]
async fn auto_finds_the_one_style_that_answers() {
    let bench = Bench::start().await;
    for (style, expected) in [("function", PathStyle::Function), ("documented", PathStyle::Documented)] {
        bench.control("switches", json!({ "path_styles": [style] })).await;
        let client = client(&bench, PathStyle::Auto);
        accepted(&client, "text-summary", json!({ "text": "A." })).await;
        assert_eq!(client.path_style(), expected);
    }
    assert_eq!(bench.ledger().await["counts"]["triggers"], 2, "no trigger is a probe");
}

#[tokio::test]
async fn results_arrive_byte_for_byte() {
    let bench = Bench::start().await;
    let client = client(&bench, PathStyle::Short);
    for (index, shape) in ["table", "nested", "wrapped", "json_strings", "hostile", "deep"].into_iter().enumerate() {
        let payload = json!({ "kilobytes": 300, "shape": shape });
        let id = accepted(&client, "sized-result", payload).await;
        let reply = ended(&client, &id).await;
        assert_eq!(reply.state, ExecutionState::Success, "{shape}");
        let digest = Sha256::digest(reply.result.expect("a result"));
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(bench.ledger().await["triggers"][index]["result_sha256"], digest, "{shape}");
    }
}

#[tokio::test]
async fn reads_understand_each_other() {
    let bench = Bench::start().await;
    let client = client(&bench, PathStyle::Short);
    let id = accepted(&client, "lead-score", json!({ "email": "a@b.example", "segment": "smb" })).await;
    ended(&client, &id).await;

    let instance = client.instance(true).await.expect("an instance");
    assert_eq!(instance.process_instance_id, f::DEV_INSTANCE);
    let skills = client.skills().await.expect("skills");
    assert!(skills.skills.iter().any(|skill| skill.workflow_template_id == "lead-score"));
    let key = client.verify().await.expect("a key");
    assert_eq!(key.organization_id.as_deref(), Some(f::ORGANIZATION));
    let list = client.list_executions(Some("lead-score"), None, 10).await.expect("a list");
    assert_eq!((list.count, list.executions.len()), (1, 1));
    assert_eq!(list.executions[0].execution_id, id.as_str());
    let instances = client.list_instances(None, false, 100).await.expect("a list");
    assert_eq!(instances.instances.len(), 4);
    let details = client.execution_details(&id, true, true).await.expect("details");
    assert_eq!(details.execution.codika_execution_id, id.as_str());
    assert!(details.execution.n8n_execution.is_some());
}

#[tokio::test]
async fn an_organization_key_switches_and_reads_projects() {
    let bench = Bench::start().await;
    let client = client_with(&bench, PathStyle::Short, f::MANAGER_KEY);
    for (on, already) in [(false, false), (false, true), (true, false), (true, true)] {
        let switched = if on { client.activate().await } else { client.deactivate().await };
        let switched = switched.expect("switched");
        assert_eq!(switched.already, already);
        assert_eq!(client.instance(false).await.expect("an instance").is_active, Some(on));
    }
    let projects = client.list_projects(false, 10).await.expect("projects");
    assert_eq!((projects.count, projects.organization_id.as_str()), (1, f::ORGANIZATION));
    let project = client.project(&projects.projects[0].id).await.expect("a project");
    assert_eq!((project.id.as_str(), project.process_id.as_deref()), (f::PROJECT, Some(f::PROCESS)));
    let error = client.project("none").await.expect_err("unknown");
    assert_eq!(error.kind, CallErrorKind::NotFound);
}

#[tokio::test]
async fn refusals_keep_their_kinds() {
    let bench = Bench::start().await;
    let client = client(&bench, PathStyle::Short);
    let outcome = client.trigger("no-such-workflow", &Map::new()).await;
    assert!(matches!(outcome, TriggerOutcome::Rejected { status: 404, .. }), "{outcome:?}");
    let unknown = ExecutionId::parse("019a0000-0000-7000-8000-000000000000").expect("an id");
    let error = client.status(&unknown).await.expect_err("unknown");
    assert_eq!(error.kind, CallErrorKind::NotFound);
    let error = client.list_projects(false, 10).await.expect_err("no scope");
    assert_eq!(error.kind, CallErrorKind::Forbidden);
    bench.control(&format!("instances/{}", f::DEV_INSTANCE), json!({ "archived": true })).await;
    let outcome = client.trigger("text-summary", &Map::new()).await;
    assert!(matches!(outcome, TriggerOutcome::Rejected { status: 412, .. }), "{outcome:?}");
}

#[tokio::test]
async fn damaged_triggers_are_unconfirmed() {
    let bench = Bench::start().await;
    let client = client(&bench, PathStyle::Short);
    let faults = [
        json!({ "drop_reply": true }),
        json!({ "reset": "before_headers" }),
        json!({ "reset": "after_headers" }),
        json!({ "reset": "mid_body" }),
        json!({ "truncate": 9 }),
        json!({ "status": 503, "body": "<html>", "content_type": "text/html" }),
        json!({ "body": { "success": true } }),
        json!({ "redirect": "http://127.0.0.1:1/" }),
    ];
    for fault in faults {
        bench.control("faults", fault.clone()).await;
        let outcome = client.trigger("text-summary", &object(json!({ "text": "A." }))).await;
        assert!(matches!(outcome, TriggerOutcome::Unconfirmed { .. }), "{fault}: {outcome:?}");
    }
    assert_eq!(bench.ledger().await["counts"]["triggers"], 8);
}
