//! Deciding about runs over REST.

use serde_json::{Value, json};

use crate::support::{Answer, EMAIL, Setup, TestApp, Told, id, text};

async fn act(app: &TestApp, token: &str, run: &Value, body: Value) -> Answer {
    app.json(&format!("/api/v1/runs/{}/actions", id(run)), &body).bearer_auth(token).told().await
}

async fn executions(app: &TestApp, token: &str, run: &Value) -> Answer {
    app.get(&format!("/api/v1/runs/{}/executions", id(run))).bearer_auth(token).told().await
}

/// A run whose trigger arrived and whose answer got lost.
async fn in_doubt(app: &TestApp, token: &str) -> Value {
    app.fault(json!({ "endpoint": "trigger", "next": 1, "drop_reply": true })).await;
    let run = app.start_run(token, "text-summary", text("Said once.")).await;
    app.until(token, id(&run), "unconfirmed").await
}

/// What people did to a run according to the audit trail, oldest first.
async fn deeds(app: &TestApp, run: &Value) -> String {
    let entries =
        "SELECT group_concat(action || ' ' || email, ', ' ORDER BY audit.id) FROM audit JOIN users ON users.id = actor";
    app.value(&format!("{entries} WHERE subject = 'run:{}'", id(run))).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn waiting_is_stopped_closed_and_taken_up_again() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let run = app.start_run(&token, "never-answers", json!({})).await;
    app.until(&token, id(&run), "pending").await;
    let wrong = act(&app, &token, &run, json!({ "action": "send_again" })).await.problem(409);
    assert!(wrong["detail"].as_str().is_some_and(|words| words.contains("Running")), "{wrong}");
    for (action, status) in [("stop_waiting", "stalled"), ("close", "stalled"), ("look_again", "pending")] {
        let answer = act(&app, &token, &run, json!({ "action": action })).await;
        assert_eq!(answer.status, 200, "{action}: {}", answer.body);
        assert_eq!(answer.json()["status"], status, "{action}");
        assert_eq!(answer.json()["id"], run["id"]);
    }
    assert_eq!(app.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_did_not_start_is_sent_again_as_the_same_run() {
    let app = TestApp::start().await;
    let token = app.token().await;
    app.fault(json!({ "endpoint": "trigger", "next": 1, "status": 500 })).await;
    let run = app.start_run(&token, "text-summary", text("x")).await;
    app.until(&token, id(&run), "unconfirmed").await;
    assert_eq!(act(&app, &token, &run, json!({ "action": "did_not_start" })).await.json()["status"], "not_sent");
    assert_eq!(act(&app, &token, &run, json!({ "action": "send_again" })).await.status, 200);
    app.until(&token, id(&run), "success").await;
    assert_eq!(app.triggers().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_may_have_started_is_run_again_once() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let run = in_doubt(&app, &token).await;
    let again = act(&app, &token, &run, json!({ "action": "run_again_anyway" })).await.json();
    assert_ne!(again["id"], run["id"]);
    assert_eq!(act(&app, &token, &run, json!({ "action": "run_again_anyway" })).await.json()["id"], again["id"]);
    app.until(&token, id(&again), "success").await;
    assert_eq!(app.triggers().await, 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_execution_that_codika_lists_is_adopted() {
    let org_key = emulator::fixtures::DEV_ORG_KEY.to_owned();
    let app = TestApp::with(Setup { settings: vec![("DEV_CODIKA_ORG_KEY", org_key)], ..Setup::default() }).await;
    let token = app.token().await;
    let run = in_doubt(&app, &token).await;
    let listed = executions(&app, &token, &run).await.json();
    assert!(listed.get("why_not").is_none(), "{listed}");
    let [found] = listed["items"].as_array().expect("a list").as_slice() else { panic!("one execution: {listed}") };
    let missing = act(&app, &token, &run, json!({ "action": "adopt" })).await.problem(422);
    assert!(missing["detail"].as_str().is_some_and(|words| words.contains("execution_id")), "{missing}");
    act(&app, &token, &run, json!({ "action": "adopt", "execution_id": "made-up" })).await.problem(422);
    let adopted = act(&app, &token, &run, json!({ "action": "adopt", "execution_id": found["execution_id"] })).await;
    assert_eq!(adopted.status, 200, "{}", adopted.body);
    let done = app.until(&token, id(&run), "success").await;
    assert_eq!(done["execution_id"], found["execution_id"]);
    executions(&app, &token, &run).await.problem(409);
    assert_eq!(app.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_an_organization_key_the_list_says_why_it_is_empty() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let run = in_doubt(&app, &token).await;
    let listed = executions(&app, &token, &run).await.json();
    assert_eq!(listed["items"], json!([]));
    assert!(listed["why_not"].as_str().is_some_and(|words| words.contains("organization key")), "{listed}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_asked_wrongly_or_of_others_changes_nothing() {
    let app = TestApp::start().await;
    app.add_member("max@example.com").await;
    let (token, other) = (app.token().await, app.token_of("max@example.com").await);
    let run = app.start_run(&token, "never-answers", json!({})).await;
    app.until(&token, id(&run), "pending").await;
    for (body, status) in [
        (json!({ "action": "explode" }), 422),
        (json!({ "action": "stop_waiting", "execution_id": "x" }), 422),
        (json!({ "action": "stop_waiting", "surprise": 1 }), 400),
        (json!({ "action": 7 }), 400),
        (json!([]), 400),
    ] {
        act(&app, &token, &run, body).await.problem(status);
    }
    act(&app, &other, &run, json!({ "action": "stop_waiting" })).await.problem(404);
    executions(&app, &other, &run).await.problem(404);
    let plain = app.form(&format!("/api/v1/runs/{}/actions", id(&run)), &[("action", "stop_waiting")]);
    plain.bearer_auth(&token).told().await.problem(415);
    app.until(&token, id(&run), "pending").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn each_act_of_a_person_is_one_audit_entry_that_names_the_person() {
    let org_key = emulator::fixtures::DEV_ORG_KEY.to_owned();
    let app = TestApp::with(Setup { settings: vec![("DEV_CODIKA_ORG_KEY", org_key)], ..Setup::default() }).await;
    app.add_member("max@example.com").await;
    let (ann, max) = (app.token().await, app.token_of("max@example.com").await);
    let did = async |run: &Value, body: Value| {
        let answer = act(&app, &ann, run, body).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()
    };
    let started = "run.started max@example.com";

    let adopted = in_doubt(&app, &max).await;
    let listed = executions(&app, &ann, &adopted).await.json();
    did(&adopted, json!({ "action": "adopt", "execution_id": listed["items"][0]["execution_id"] })).await;
    assert_eq!(deeds(&app, &adopted).await, format!("{started}, run.adopted {EMAIL}"));

    let watched = app.start_run(&max, "never-answers", json!({})).await;
    app.until(&max, id(&watched), "pending").await;
    for action in ["stop_waiting", "close", "look_again"] {
        did(&watched, json!({ "action": action })).await;
    }
    let acts = ["watch_stopped", "closed", "watch_resumed"].map(|act| format!(", run.{act} {EMAIL}")).concat();
    assert_eq!(deeds(&app, &watched).await, format!("{started}{acts}"));

    let sent = in_doubt(&app, &max).await;
    for action in ["did_not_start", "send_again"] {
        did(&sent, json!({ "action": action })).await;
    }
    act(&app, &ann, &sent, json!({ "action": "send_again" })).await.problem(409);
    let acts = ["marked_not_started", "sent_again"].map(|act| format!(", run.{act} {EMAIL}")).concat();
    assert_eq!(deeds(&app, &sent).await, format!("{started}{acts}"), "what was refused is no act");

    let repeated = in_doubt(&app, &max).await;
    let again = did(&repeated, json!({ "action": "run_again_anyway" })).await;
    assert_eq!(did(&repeated, json!({ "action": "run_again_anyway" })).await["id"], again["id"]);
    assert_eq!(deeds(&app, &repeated).await, format!("{started}, run.run_again {EMAIL}"));
    assert_eq!(deeds(&app, &again).await, format!("run.started {EMAIL}"));
}
