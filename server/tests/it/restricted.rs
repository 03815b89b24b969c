//! A key that reaches only trigger and status, as an instance key may.

use serde_json::json;

use crate::support::{Setup, TestApp, Told, id};

async fn restricted() -> TestApp {
    let emulator = emulator::Config { restricted: true, speed: 0.02, ..emulator::Config::default() };
    TestApp::with(Setup { emulator, ..Setup::default() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn home_says_what_could_not_be_discovered() {
    let app = restricted().await;
    let me = app.log_in().await;
    let home = app.get("/dev").cookie(&me).told().await;
    home.shows(200, &["No workflows yet", "Add workflow", "notice", "key"]);
    assert!(!home.body.contains("Text summary"));
    let token = app.token().await;
    let listed = app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await.json();
    assert_eq!(listed["items"], json!([]));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_workflow_added_by_its_id_runs_like_any_other() {
    let app = restricted().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let schema = json!([{ "key": "text", "type": "text", "label": "Your text", "required": true }]).to_string();
    let pairs = [("id", "text-summary"), ("name", "Sum up"), ("schema", schema.as_str())];
    let added = app.form("/dev/add-workflow", &pairs).cookie(&me).told().await;
    assert_eq!((added.status, added.location()), (303, "/dev/workflows/text-summary"));
    app.get("/dev").cookie(&me).told().await.shows(200, &["Sum up"]);

    let form = "/dev/workflows/text-summary?draft=d";
    app.get(form).cookie(&me).told().await.shows(200, &["Your text", "name=\"in.text\""]);
    app.form(form, &[("in.text", "")]).cookie(&me).told().await.shows(422, &["field-error"]);
    let sent = app.form(form, &[("in.text", "A sentence. And another.")]).cookie(&me).told().await;
    let run = sent.location().strip_prefix("/runs/").expect("a run").to_owned();
    let done = app.until(&token, &run, "success").await;
    assert!(done["result"]["summary"].is_string(), "{done}");
    app.get(sent.location()).cookie(&me).told().await.shows(200, &["Sum up", "Success"]);
    let listed = app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await.json();
    assert_eq!(
        (&listed["items"][0]["id"], &listed["items"][0]["source"]),
        (&json!("text-summary"), &json!("operator"))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_upstream_that_answers_in_no_spelling_is_called_unverified() {
    let settings = vec![("CODIKA_PATH_STYLE", "auto".to_owned())];
    let mut app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let (token, me) = (app.token().await, app.log_in().await);
    let words = "The connection to Codika is unverified";
    let home = app.get("/dev").cookie(&me).told().await;
    assert!(!home.body.contains(words), "the emulator answers in JSON");

    app.stop_server().await;
    app.switch(json!({ "path_styles": [] })).await;
    app.serve().await;
    app.get("/dev").cookie(&me).told().await.shows(200, &[words, "CODIKA_PATH_STYLE", "CODIKA_BASE_URL"]);
    let run = app.start_run(&token, "text-summary", json!({ "text": "A sentence." })).await;
    let refused = app.until(&token, id(&run), "rejected").await;
    app.get(&format!("/runs/{}", id(&refused))).cookie(&me).told().await.shows(200, &[words, "CODIKA_PATH_STYLE"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_list_any_id_may_be_run() {
    let app = restricted().await;
    let token = app.token().await;
    let run = app.start_run(&token, "text-summary", json!({ "text": "A sentence. And another." })).await;
    app.until(&token, id(&run), "success").await;
    let unknown = app.start_run(&token, "never-heard-of", json!({})).await;
    let refused = app.until(&token, id(&unknown), "rejected").await;
    assert!(refused["error"]["message"].is_string(), "{refused}");
    let body = json!({ "environment": "dev", "workflow": "never-heard-of", "input": [] });
    app.json("/api/v1/runs", &body).bearer_auth(&token).told().await.problem(422);
}
