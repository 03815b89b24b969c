//! What survives a restart of the emulator, and what is fixed.

use std::io::Write;

use crate::client::{Bench, SPEED};
use emulator::{Config, fixtures as f};
use serde_json::json;

fn config(folder: &tempfile::TempDir, speed: f64) -> Config {
    Config { data: Some(folder.path().to_path_buf()), speed, ..Config::default() }
}

#[tokio::test]
async fn finished_executions_stay_as_they_were() {
    let folder = tempfile::tempdir().expect("a folder");
    let bench = Bench::with(config(&folder, SPEED)).await;
    let good = bench.trigger("text-summary", json!({ "text": "One. Two." })).await;
    let bad = bench.trigger("always-fails", json!({})).await;
    let (good_end, bad_end) = (bench.ended(&good).await, bench.ended(&bad).await);
    let ledger = bench.ledger().await["triggers"].clone();
    bench.emulator.stop().await;

    let bench = Bench::with(config(&folder, SPEED)).await;
    assert_eq!(bench.status(&good).await, good_end);
    assert_eq!(bench.status(&bad).await, bad_end);
    assert_eq!(bench.ledger().await["triggers"], ledger);
    let path = format!("/getexecutiondetailspublic/{}/{good}", f::DEV_INSTANCE);
    let (_, details) = bench.get(&path, f::DEV_ORG_KEY).await;
    assert!(details["execution"]["n8nExecution"]["data"]["resultData"]["runData"].is_object());
}

#[tokio::test]
async fn odd_results_survive_byte_for_byte() {
    let folder = tempfile::tempdir().expect("a folder");
    let text = async |bench: &Bench, id: &str| {
        let path = format!("/status/{}/{id}", f::DEV_INSTANCE);
        let request = bench.request(reqwest::Method::GET, &path, f::DEV_INSTANCE_KEY);
        request.send().await.expect("an answer").text().await.expect("a body")
    };
    let bench = Bench::with(config(&folder, 0.0)).await;
    let mut before = Vec::new();
    for shape in ["deep", "hostile"] {
        let id = bench.trigger("sized-result", json!({ "shape": shape, "kilobytes": 10 })).await;
        // Polled as text: no JSON library reads all of this.
        let mut view = text(&bench, &id).await;
        while view.contains("pending") {
            tokio::task::yield_now().await;
            view = text(&bench, &id).await;
        }
        assert!(view.contains("\"success\",\"createdAt\""), "{}", &view[..200]);
        before.push((id, view));
    }
    bench.emulator.stop().await;

    let bench = Bench::with(config(&folder, 0.0)).await;
    for (id, view) in before {
        assert_eq!(text(&bench, &id).await, view);
    }
}

#[tokio::test]
async fn pending_executions_complete_after_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let bench = Bench::with(config(&folder, 100.0)).await;
    let open = bench.trigger("text-summary", json!({ "text": "One. Two." })).await;
    assert_eq!(bench.status(&open).await["status"], "pending");
    bench.emulator.stop().await;

    let bench = Bench::with(config(&folder, SPEED)).await;
    let ended = bench.ended(&open).await;
    assert_eq!(ended["status"], "success");
    let next = bench.trigger("text-summary", json!({ "text": "Three." })).await;
    assert_ne!(next, open);
}

#[tokio::test]
async fn a_torn_last_line_costs_only_itself() {
    let folder = tempfile::tempdir().expect("a folder");
    let bench = Bench::with(config(&folder, SPEED)).await;
    let done = bench.trigger("text-summary", json!({ "text": "One." })).await;
    let end = bench.ended(&done).await;
    bench.emulator.stop().await;
    let log = folder.path().join("executions.jsonl");
    let mut file = std::fs::OpenOptions::new().append(true).open(log).expect("the log");
    file.write_all(br#"{"created":{"id":"01"#).expect("written");

    let bench = Bench::with(config(&folder, SPEED)).await;
    assert_eq!(bench.status(&done).await, end);
}

#[tokio::test]
async fn ids_and_keys_never_change() {
    let bench = Bench::start().await;
    let url = format!("{}/_emulator/config", bench.emulator.base_url());
    let (_, config) = crate::client::answer(bench.http.get(url)).await;
    assert_eq!(config["base_url"], bench.emulator.base_url());
    assert_eq!(
        config["environments"][0],
        json!({
            "name": "dev",
            "process_instance_id": "019a0000-0000-7000-8000-00000000d001",
            "instance_key": "ck_DEMO_dev_instance_key_for_the_local_emulator_only_00000000000000",
            "org_key": "cko_DEMO_dev_organization_key_for_the_local_emulator_only_0000000000",
        })
    );
    assert_eq!(config["environments"][1]["name"], "prod");
    assert_eq!(serde_json::to_value(bench.emulator.config()).expect("JSON"), config);
    for environment in bench.emulator.config().environments {
        assert_eq!(environment.instance_key.len(), "ck_".len() + 64);
        assert_eq!(environment.org_key.len(), "cko_".len() + 64);
    }
}
