//! What the documentation shows, run as its readers would run it.

use std::{fs, process::Stdio};

use emulator::{Config, Emulator, Scenario};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::Command,
};

use crate::client::Bench;

const DOCS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs");

#[tokio::test]
async fn the_example_for_other_projects_runs() {
    let mut command = Command::new("sh");
    let script = format!("{DOCS}/examples/emulator-in-ci/ci.sh");
    let run = command.arg(script).env("CODIKA_EMULATOR", env!("CARGO_BIN_EXE_codika-emulator")).kill_on_drop(true);
    let output = run.output().await.expect("a shell");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(said.matches("ok: ").count(), 4, "{said}");
}

#[tokio::test]
async fn the_scenario_of_the_documentation_can_be_copied() {
    let text = fs::read_to_string(format!("{DOCS}/emulator.md")).expect("the documentation");
    let (_, from) = text.split_once("\n## Scenarios\n").expect("the chapter");
    let (_, from) = from.split_once("```json\n").expect("the example");
    let (example, _) = from.split_once("\n```").expect("its end");
    let scenario: Scenario = serde_json::from_str(example).expect("a scenario");
    let started = Emulator::start(Config { scenario: Some(scenario), ..Config::default() }).await;
    started.map(Emulator::stop).expect("an emulator").await;
}

#[tokio::test]
async fn the_stand_in_for_n8n_does_what_the_documentation_says() {
    let mut command = Command::new("node");
    let command =
        command.args([&format!("{DOCS}/examples/emulator-with-n8n/stand-in.mjs"), "0", "X-Codika-Auth: demo"]);
    let mut stand_in = command.stdout(Stdio::piped()).kill_on_drop(true).spawn().expect("Node.js");
    let mut lines = BufReader::new(stand_in.stdout.take().expect("its output")).lines();
    let first = lines.next_line().await.expect("a line").expect("a line");
    let port = first.strip_prefix("listening on ").expect("a port");

    let scenario = fs::read_to_string(format!("{DOCS}/examples/emulator-with-n8n/scenario.json")).expect("a file");
    let config = |credential: &str| Config {
        scenario: Some(serde_json::from_str(&scenario).expect("a scenario")),
        n8n: Some(format!("http://127.0.0.1:{port}")),
        n8n_auth: Some(credential.to_owned()),
        ..Config::default()
    };
    let bench = Bench::with(config("X-Codika-Auth: demo")).await;
    let ended = bench.run("greet", json!({ "name": "Ann" })).await;
    assert_eq!(ended["resultData"], json!({ "greeting": "Hello Ann!" }));
    let ended = bench.run("greet", json!({})).await;
    assert_eq!(ended["errorDetails"]["message"], "Nobody to greet");

    let bench = Bench::with(config("X-Codika-Auth: wrong")).await;
    let ended = bench.run("greet", json!({ "name": "Ann" })).await;
    assert_eq!(ended["errorDetails"]["message"], "n8n answered 403 Forbidden");
}
