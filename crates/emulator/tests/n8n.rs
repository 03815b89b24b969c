//! Workflows that somebody else carries out: a real n8n, or a test that plays one.

use std::sync::{Arc, Mutex};

use axum::{Json, Router, extract::Path, http::HeaderMap, routing::post};
use emulator::{Config, N8nError, Scenario, StartError, fixtures as f};
use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::client::{Bench, SPEED};

type Seen = Arc<Mutex<Vec<Value>>>;

fn scenario(value: Value) -> Option<Scenario> {
    Some(serde_json::from_value(value).expect("a scenario"))
}

/// A webhook that reports the sum of `a` and `b` before it answers, as n8n does in `lastNode` mode.
async fn fake_n8n() -> (String, Seen) {
    let seen = Seen::default();
    let noted = Arc::clone(&seen);
    let work = move |Path(path): Path<String>, headers: HeaderMap, Json(body): Json<Value>| {
        let noted = Arc::clone(&noted);
        async move {
            let auth = headers.get("x-auth").map(|value| value.to_str().expect("text").to_owned());
            let metadata = body["executionMetadata"].clone();
            let sum = body["a"].as_i64().unwrap_or(0) + body["b"].as_i64().unwrap_or(0);
            let result = json!({
                "executionId": metadata["executionId"], "executionSecret": metadata["executionSecret"],
                "resultData": { "sum": sum }, "n8nExecutionId": "99",
            });
            noted.lock().expect("not poisoned").push(json!({ "path": path, "auth": auth, "body": body }));
            let url = metadata["callbackUrl"].as_str().expect("a URL").to_owned();
            reqwest::Client::new().post(url).json(&result).send().await.expect("reported");
            Json(json!({}))
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().route("/webhook/{*path}", post(work));
    tokio::spawn(async move { axum::serve(listener, router).await });
    (base_url, seen)
}

#[tokio::test]
async fn n8n_gets_flat_fields_and_reports_back() {
    let (n8n, seen) = fake_n8n().await;
    let bench = Bench::with(Config {
        n8n: Some(n8n),
        n8n_auth: Some("X-Auth: opensesame".to_owned()),
        speed: SPEED,
        scenario: scenario(json!({ "workflows": [{ "id": "add", "endpoint": "add-two" }] })),
        ..Config::default()
    })
    .await;
    let ended = bench.run("add", json!({ "a": 1, "b": 2, "executionMetadata": "mine" })).await;
    assert_eq!(ended["resultData"], json!({ "sum": 3 }));
    bench.control("switches", json!({ "payload_copy": true })).await;
    bench.run("add", json!({ "a": 5 })).await;
    // Demo workflows stay here.
    bench.run("text-summary", json!({ "text": "A." })).await;

    let seen = seen.lock().expect("not poisoned").clone();
    assert_eq!(seen.len(), 2);
    assert_eq!(seen[0]["path"], format!("{}/{}/add-two", f::PROCESS, f::DEV_INSTANCE));
    assert_eq!(seen[0]["auth"], "opensesame");
    assert_eq!(seen[0]["body"]["executionMetadata"]["workflowId"], "add");
    assert!(seen[0]["body"].get("payload").is_none());
    assert_eq!(seen[1]["body"]["payload"], json!({ "a": 5 }));
}

#[tokio::test]
async fn an_n8n_that_is_not_there_fails_the_execution() {
    let bench = Bench::with(Config {
        n8n: Some("http://127.0.0.1:1".to_owned()),
        scenario: scenario(json!({ "workflows": [{ "id": "add" }] })),
        ..Config::default()
    })
    .await;
    let ended = bench.run("add", json!({})).await;
    assert_eq!(ended["status"], "failed");
    assert_eq!(ended["errorDetails"]["type"], "node_failure");
}

#[tokio::test]
async fn a_scenario_sets_the_stage() {
    let bench = Bench::with(Config {
        scenario: scenario(json!({
            "switches": { "restricted": true, "speed": 0.0 },
            "faults": [{ "endpoint": "status", "status": 503 }],
            "instances": { f::PROD_INSTANCE: { "is_active": false } },
            "keys": [{ "key": f::DEV_ORG_KEY, "revoked": true }],
            "workflows": [{ "id": "by-hand", "input_schema": [{ "key": "a", "type": "string" }] }],
        })),
        ..Config::default()
    })
    .await;
    let id = bench.trigger("by-hand", json!({ "a": "x" })).await;
    let path = format!("/status/{}/{id}", f::DEV_INSTANCE);
    let faulty = bench.request(reqwest::Method::GET, &path, f::DEV_INSTANCE_KEY);
    assert_eq!(faulty.send().await.expect("an answer").status(), 503);
    let prod = format!("/webhook/{}/by-hand", f::PROD_INSTANCE);
    assert_eq!(bench.post(&prod, f::PROD_INSTANCE_KEY, json!({})).await.0, 412);
    let skills = format!("/getprocessskillspublic/{}", f::DEV_INSTANCE);
    assert_eq!(bench.get(&skills, f::DEV_ORG_KEY).await.0, 401);
    assert_eq!(bench.get(&skills, f::DEV_INSTANCE_KEY).await.0, 403);

    // Without n8n the execution waits for whoever knows its secret.
    let url = format!("{}/_emulator/executions", bench.emulator.base_url());
    let (_, executions) = crate::client::answer(bench.http.get(url)).await;
    let result = json!({
        "executionId": id, "executionSecret": executions["executions"][0]["execution_secret"],
        "resultData": "done",
    });
    bench.post("/submitworkflowresult", "", result).await;
    assert_eq!(bench.status(&id).await["resultData"], "done");
}

#[tokio::test]
async fn a_wrong_scenario_is_refused() {
    let wrong = [
        (json!({ "instances": { "none": {} } }), "instances are wrong: there is no instance none"),
        (
            json!({ "instances": { "new": { "environment": "dev", "instance_key": f::PROD_INSTANCE_KEY } } }),
            "instances are wrong: another key is spelled like this",
        ),
        (json!({ "keys": [{ "key": "none" }] }), "keys are wrong: there is no key that begins with 'none'"),
        (json!({ "switches": { "sped": 1 } }), "switches are wrong: unknown field `sped`"),
        (json!({ "switches": { "speed": -1 } }), "switches are wrong: speed must be between"),
        (json!({ "faults": [{ "endpoint": "nowhere" }] }), "faults are wrong: unknown variant `nowhere`"),
        (json!({ "faults": [{ "workflow": "mine", "status": 500 }] }), "faults are wrong: there is no workflow 'mine'"),
        (json!({ "workflows": [{ "id": "a" }, { "id": "a" }] }), "workflows are wrong: workflow ids are unique"),
        (
            json!({ "signing_secrets": [{ "processInstanceId": "a", "workflowId": "b", "secret": "?" }] }),
            "signing_secrets are wrong: a signing secret is base64",
        ),
    ];
    for (value, why) in wrong {
        let config = Config { scenario: scenario(value.clone()), ..Config::default() };
        let error = emulator::Emulator::start(config).await.err().unwrap_or_else(|| panic!("{value} was taken"));
        assert!(error.to_string().contains(why), "{error}");
        assert!(error.remedy().contains("docs/emulator.md"));
    }
}

#[tokio::test]
async fn a_scenario_can_give_a_demo_instance_another_key() {
    let key = "ck_ROTATED_for_this_test";
    let scenario = scenario(json!({ "instances": { f::DEV_INSTANCE: { "instance_key": key } } }));
    let bench = Bench::with(Config { scenario, ..Config::default() }).await;
    let path = format!("/webhook/{}/never-answers", f::DEV_INSTANCE);
    assert_eq!(bench.post(&path, key, json!({})).await.0, 200);
    assert_eq!(bench.post(&path, f::DEV_INSTANCE_KEY, json!({})).await.0, 401);
    assert_eq!(bench.emulator.config().environments[0].instance_key, key);
}

#[tokio::test]
async fn addresses_that_are_none_are_refused() {
    let started = async |config: Config| emulator::Emulator::start(config).await.err().expect("refused");
    let error = started(Config { n8n: Some("nonsense".to_owned()), ..Config::default() }).await;
    assert!(matches!(error, StartError::N8n(N8nError::Address(_))), "{error}");
    let error = started(Config { public_url: Some("nonsense".to_owned()), ..Config::default() }).await;
    assert!(matches!(error, StartError::PublicUrl(_)), "{error}");
}

#[tokio::test]
async fn a_scenario_brings_its_own_instance_and_tells_what_becomes_of_runs() {
    let (instance, key) = ("0198f2a0-0000-7000-8000-00000000e001", "ck_MINE_for_this_test");
    let bench = Bench::with(Config {
        speed: SPEED,
        scenario: scenario(json!({
            "demo": false,
            "instances": { instance: { "environment": "prod", "title": "Mine", "instance_key": key } },
            "workflows": [{
                "id": "flip", "triggers": [{ "type": "schedule", "cronExpression": "0 9 * * 1" }],
                "answers": [
                    { "duration_ms": 100, "result": { "coin": "heads" } },
                    { "error": { "type": "timeout", "message": "It rolled away" } },
                    { "input": { "cheat": true }, "result": "edge" },
                ],
            }],
        })),
        ..Config::default()
    })
    .await;
    let end = async |payload: Value| {
        let (_, started) = bench.post(&format!("/webhook/{instance}/flip"), key, json!({ "payload": payload })).await;
        let path = format!("/status/{instance}/{}", started["executionId"].as_str().expect("an id"));
        loop {
            let (_, view) = bench.get(&path, key).await;
            if view["execution"]["status"] != "pending" {
                break view["execution"].clone();
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
    };
    let mut ends = Vec::new();
    for _ in 0..3 {
        ends.push(end(json!({})).await);
    }
    assert!(ends.iter().any(|end| end["resultData"]["coin"] == "heads"), "{ends:?}");
    assert!(ends.iter().any(|end| end["errorDetails"]["message"] == "It rolled away"), "{ends:?}");
    assert_eq!(end(json!({ "cheat": true })).await["resultData"], "edge");

    let list = bench.get("/listprocessinstancespublic?environment=prod", f::DEV_ORG_KEY).await.1;
    let titles: Vec<_> =
        list["data"]["instances"].as_array().expect("a list").iter().map(|one| &one["title"]).collect();
    assert!(titles.contains(&&json!("Mine")), "{titles:?}");
    assert_eq!(bench.get(&format!("/listexecutionspublic/{instance}"), f::OTHER_ORG_KEY).await.0, 403);
}
