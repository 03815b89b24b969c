//! A Codika that hangs, a client that leaves, a server that stops: none changes what becomes of a run.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::support::{PATIENCE, Setup, TestApp, Told, id, text};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_survives_a_restart() {
    let emulator = emulator::Config { speed: 1.0, ..emulator::Config::default() };
    let mut app = TestApp::with(Setup { emulator, ..Setup::default() }).await;
    let (token, me) = (app.token().await, app.log_in().await);
    let run = app.start_run(&token, "text-summary", text("A sentence. And one more.")).await;
    app.until(&token, id(&run), "pending").await;
    app.stop_server().await;
    app.serve().await;
    let done = app.until(&token, id(&run), "success").await;
    assert!(done["result"]["summary"].is_string(), "{done}");
    assert_eq!(app.triggers().await, 1);
    assert_eq!(app.get("/runs").cookie(&me).told().await.status, 200, "sessions survive it too");
    assert_eq!(app.served().engine.set_up_token(), None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn stopping_waits_for_a_trigger_under_way() {
    let mut app = TestApp::start().await;
    let token = app.token().await;
    app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await;
    app.fault(json!({ "endpoint": "trigger", "next": 1, "delay_ms": 1_500 })).await;
    let run = app.start_run(&token, "text-summary", text("x")).await;
    assert_eq!(run["status"], "submitting");
    app.stop_server().await;
    app.serve().await;
    app.until(&token, id(&run), "success").await;
    assert_eq!(app.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stop_stores_what_has_no_answer_and_takes_less_than_ten_seconds() {
    let mut app = TestApp::start().await;
    let token = app.token().await;
    app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await;
    app.fault(json!({ "endpoint": "trigger", "next": 1, "delay_ms": 60_000 })).await;
    let run = app.start_run(&token, "text-summary", text("x")).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let before = Instant::now();
    app.stop_server().await;
    assert!(before.elapsed() < Duration::from_millis(9_500), "{:?}", before.elapsed());
    // Without a next start.
    assert_eq!(app.value(&format!("SELECT status FROM runs WHERE id = '{}'", id(&run))).await, "unconfirmed");
    assert_eq!(app.triggers().await, 1);
}

fn submit(address: &str, token: &str, body: &str) -> String {
    format!(
        "POST /api/v1/runs HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// As soon as it is stored.
async fn only_run(app: &TestApp, token: &str) -> Value {
    let found = async {
        loop {
            let listed = app.get("/api/v1/runs").bearer_auth(token).told().await.json();
            if let Some(run) = listed["items"].as_array().and_then(|items| items.first()) {
                return run.clone();
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, found).await.expect("the run is stored")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_leaves_changes_nothing() {
    let app = TestApp::start().await;
    let token = app.token().await;
    app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await;
    app.fault(json!({ "endpoint": "trigger", "next": 1, "delay_ms": 1_000 })).await;
    let body = json!({ "environment": "dev", "workflow": "text-summary", "input": text("gone") }).to_string();
    let address = app.base.strip_prefix("http://").expect("an address");
    let mut socket = tokio::net::TcpStream::connect(address).await.expect("a connection");
    socket.write_all(submit(address, &token, &body).as_bytes()).await.expect("sent");
    // The answer is never read; the connection is gone as soon as the run is known.
    let found = only_run(&app, &token).await;
    drop(socket);
    app.until(&token, id(&found), "success").await;
    assert_eq!(app.triggers().await, 1);
}

/// Codika's list was never read and hangs, so the submit is held up for a moment before anything is stored.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_client_that_leaves_before_anything_is_stored_changes_nothing_either() {
    let mut app = TestApp::start().await;
    let token = app.token().await;
    app.stop_server().await;
    app.sql("DELETE FROM offers").await;
    for endpoint in ["instance", "skills"] {
        app.fault(json!({ "endpoint": endpoint, "always": true, "delay_ms": 30_000 })).await;
    }
    app.serve().await;
    let body = json!({ "environment": "dev", "workflow": "text-summary", "input": text("gone at once") }).to_string();
    let address = app.base.strip_prefix("http://").expect("an address").to_owned();
    let mut socket = tokio::net::TcpStream::connect(&address).await.expect("a connection");
    socket.write_all(submit(&address, &token, &body).as_bytes()).await.expect("sent");
    tokio::time::sleep(Duration::from_millis(5)).await;
    drop(socket);
    let found = only_run(&app, &token).await;
    app.until(&token, id(&found), "success").await;
    assert_eq!(app.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_upstream_that_hangs_delays_nobody() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    // What the environment offers was read while Codika still answered.
    app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await;
    app.fault(json!({ "always": true, "delay_ms": 30_000 })).await;

    let started = Instant::now();
    let run = app.start_run(&token, "text-summary", text("x")).await;
    assert_eq!(run["status"], "submitting");
    assert!(started.elapsed() < Duration::from_secs(1), "{:?} for REST", started.elapsed());
    let started = Instant::now();
    let sent = app.form("/dev/workflows/text-summary?draft=d", &[("in.text", "x")]).cookie(&me).told().await;
    assert_eq!(sent.status, 303);
    assert!(started.elapsed() < Duration::from_secs(1), "{:?} for the form", started.elapsed());

    let started = Instant::now();
    app.get(sent.location()).cookie(&me).told().await.shows(200, &["Submitting"]);
    for path in ["/dev", "/runs", "/dev/workflows/text-summary?draft=e", "/api/v1/environments"] {
        let answer = app.get(path).cookie(&me).bearer_auth(&token).told().await;
        assert_eq!(answer.status, 200, "{path}");
    }
    assert!(started.elapsed() < Duration::from_secs(5), "{:?} for five pages", started.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_upstream_that_is_gone_is_explained() {
    let app = TestApp::with(Setup {
        settings: vec![("CODIKA_BASE_URL", "http://127.0.0.1:1".to_owned())],
        ..Setup::default()
    })
    .await;
    let (token, me) = (app.token().await, app.log_in().await);
    let run = app.start_run(&token, "text-summary", text("x")).await;
    let run = app.until(&token, id(&run), "not_sent").await;
    assert_eq!(run["error"]["kind"], "unreachable");
    app.get("/dev").cookie(&me).told().await.shows(200, &["Workflows"]);
    let page = app.get(&format!("/runs/{}", id(&run))).cookie(&me).told().await;
    page.shows(200, &["Not sent, safe to send again", "value=\"send_again\""]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_trigger_that_breaks_off_is_never_repeated() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await;
    app.fault(json!({ "endpoint": "trigger", "next": 1, "status": 500 })).await;
    let run = app.start_run(&token, "text-summary", text("x")).await;
    app.until(&token, id(&run), "unconfirmed").await;
    let page = format!("/runs/{}", id(&run));
    app.get(&page).cookie(&me).told().await.shows(200, &["This run may have started", "value=\"did_not_start\""]);
    assert_eq!(app.triggers().await, 1);
    // A named person says that it did not start; only then it may be sent again.
    assert_eq!(app.form(&page, &[("act", "did_not_start")]).cookie(&me).told().await.status, 303);
    app.until(&token, id(&run), "not_sent").await;
    assert_eq!(app.form(&page, &[("act", "send_again")]).cookie(&me).told().await.status, 303);
    app.until(&token, id(&run), "success").await;
    assert_eq!(app.triggers().await, 2);
}
