//! Starting and reading runs over REST.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, Told, id, text};

fn body(workflow: &str, input: &Value) -> Value {
    json!({ "environment": "dev", "workflow": workflow, "input": input })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_is_answered_at_once_and_ends_in_its_result() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let input = text("One short sentence. Another short sentence about sentences.");
    let answer = app.json("/api/v1/runs", &body("text-summary", &input)).bearer_auth(&token).told().await;
    assert_eq!(answer.status, 202);
    let run = answer.json();
    assert_eq!(answer.location(), format!("/api/v1/runs/{}", id(&run)));
    assert!(["submitting", "pending"].contains(&run["status"].as_str().unwrap_or_default()), "{run}");
    assert_eq!(run["environment"], "dev");
    assert_eq!(run["workflow"], "text-summary");
    assert_eq!(run["input"], input);
    assert!(run.get("result").is_none() && run.get("error").is_none(), "{run}");

    let done = app.until(&token, id(&run), "success").await;
    assert!(done["result"]["summary"].as_str().is_some_and(|summary| summary.contains("sentence")), "{done}");
    assert!(done["execution_id"].is_string());
    assert!(done["duration_ms"].is_i64());
    for time in ["created_at", "submitted_at", "finished_at"] {
        let text = done[time].as_str().unwrap_or_default();
        assert!(text.parse::<jiff::Timestamp>().is_ok() && text.ends_with('Z'), "{time}: {text}");
    }
    let members: Vec<_> = done.as_object().expect("an object").keys().map(String::as_str).collect();
    let design = [
        "id",
        "environment",
        "workflow",
        "status",
        "input",
        "result",
        "execution_id",
        "created_at",
        "submitted_at",
        "finished_at",
        "duration_ms",
    ];
    assert_eq!(members, design);

    let ledger = app.ledger().await;
    assert_eq!(ledger["counts"]["triggers"], 1);
    assert_eq!(ledger["triggers"][0]["execution_id"], done["execution_id"]);
    assert_eq!(ledger["triggers"][0]["payload"], input);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_failed_run_says_what_happened_and_what_to_do() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let run = app.start_run(&token, "always-fails", json!({ "message": "canary of the author" })).await;
    let failed = app.until(&token, id(&run), "failed").await;
    assert_eq!(failed["error"]["kind"], "workflow_failed");
    assert!(failed["error"]["message"].as_str().is_some_and(|words| !words.is_empty()), "{failed}");
    assert!(failed["error"]["hint"].as_str().is_some_and(|words| !words.is_empty()), "{failed}");
    assert!(failed.get("result").is_none());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_key_is_one_run() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let send = async |key: &str, words: &str| {
        let request = app.json("/api/v1/runs", &body("text-summary", &text(words)));
        request.bearer_auth(&token).header("idempotency-key", key).told().await
    };
    let first = send("k-1", "same").await;
    assert_eq!(first.status, 202);
    assert_eq!(first.header("idempotency-replayed"), "");
    let again = send("k-1", "same").await;
    assert_eq!(again.status, 202);
    assert_eq!(again.header("idempotency-replayed"), "true");
    assert_eq!(again.json()["id"], first.json()["id"]);

    let other = send("k-1", "another").await.problem(422);
    assert_eq!(other["run"], first.json()["id"]);
    assert_ne!(send("k-2", "same").await.json()["id"], first.json()["id"]);

    // The order of the members makes no difference.
    let reordered = r#"{"input":{"text":"same"},"workflow":"text-summary","environment":"dev"}"#;
    let request = app.request(Method::POST, "/api/v1/runs").header("content-type", "application/json; charset=utf-8");
    let again = request.bearer_auth(&token).header("idempotency-key", "k-1").body(reordered).told().await;
    assert_eq!(again.json()["id"], first.json()["id"]);

    for bad in ["", &"k".repeat(201)] {
        send(bad, "same").await.problem(422);
    }
    let not_ascii = app.json("/api/v1/runs", &body("text-summary", &text("same"))).bearer_auth(&token);
    not_ascii.header("idempotency-key", "schlüssel").told().await.problem(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_belongs_to_its_person() {
    let app = TestApp::start().await;
    app.add_member("max@example.com").await;
    let mut runs = Vec::new();
    for person in [crate::support::EMAIL, "max@example.com"] {
        let request = app.json("/api/v1/runs", &body("text-summary", &text("same")));
        let request = request.bearer_auth(app.token_of(person).await).header("idempotency-key", "k");
        let answer = request.told().await;
        assert_eq!(answer.status, 202);
        runs.push(answer.json()["id"].clone());
    }
    assert_ne!(runs[0], runs[1]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn fifty_requests_with_one_key_are_one_execution() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let sends = (0..50).map(|_| {
        let request = app.json("/api/v1/runs", &body("text-summary", &text("same")));
        request.bearer_auth(&token).header("idempotency-key", "storm").told()
    });
    let answers = futures::future::join_all(sends).await;
    let first = answers[0].json();
    for answer in &answers {
        assert_eq!(answer.status, 202, "{}", answer.body);
        assert_eq!(answer.json()["id"], first["id"]);
    }
    app.until(&token, id(&first), "success").await;
    assert_eq!(app.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn only_a_token_opens_the_api() {
    let app = TestApp::start().await;
    let (token, cookie) = (app.token().await, app.log_in().await);
    let wrong = ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic YTpi", &format!("Token {token}")];
    for credential in wrong {
        let answer = app.get("/api/v1/runs").header("authorization", credential).told().await;
        answer.problem(401);
        assert_eq!(answer.header("www-authenticate"), "Bearer");
    }
    let secret = cookie.split('=').nth(1).expect("a value");
    app.get("/api/v1/runs").cookie(&cookie).told().await.problem(401);
    app.get("/api/v1/runs").bearer_auth(secret).told().await.problem(401);
    app.get(&format!("/api/v1/runs?token={token}")).told().await.problem(401);
    app.json("/api/v1/runs", &body("text-summary", &text("x"))).cookie(&cookie).told().await.problem(401);
    let lower = app.get("/api/v1/runs").header("authorization", format!("bearer {token}")).told().await;
    assert_eq!(lower.status, 200, "the scheme's case makes no difference");
    let page = app.get("/runs").bearer_auth(&token).told().await;
    assert_eq!((page.status, page.location()), (303, "/login?next=/runs"));
    assert_eq!(app.get("/events").bearer_auth(&token).told().await.status, 401);
    assert_eq!(app.triggers().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_cannot_be_run_is_refused_and_nothing_is_sent() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let send = async |body: Value| app.json("/api/v1/runs", &body).bearer_auth(&token).told().await;

    let unknown = send(body("no-such-workflow", &text("x"))).await.problem(404);
    assert!(unknown["detail"].as_str().is_some_and(|words| words.contains("no-such-workflow")), "{unknown}");
    send(body("../../etc", &text("x"))).await.problem(422);
    send(json!({ "environment": "qa", "workflow": "text-summary", "input": {} })).await.problem(404);
    send(json!({ "environment": "<b>", "workflow": "text-summary", "input": {} })).await.problem(404);

    for (input, path) in [
        (json!({}), "text"),
        (json!({ "text": 7 }), "text"),
        (json!({ "text": { "a": 1 } }), "text"),
        (json!({ "text": "x".repeat(6_000) }), "text"),
        (json!({ "text": "x", "sentences": "three" }), "sentences"),
        (json!({ "text": "x", "style": "poem" }), "style"),
    ] {
        let problem = send(body("text-summary", &input)).await.problem(422);
        assert_eq!(problem["errors"][0]["path"], path, "{problem}");
        assert!(problem["errors"][0]["message"].as_str().is_some_and(|words| !words.is_empty()), "{problem}");
    }
    for input in [json!([]), json!("text"), json!(null), json!(7)] {
        let problem = send(body("text-summary", &input)).await.problem(422);
        assert_eq!(problem["errors"][0]["path"], "", "{problem}");
    }
    for unreadable in [json!([]), json!({}), json!({ "environment": "dev" }), json!({ "surprise": 1 })] {
        send(unreadable).await.problem(400);
    }
    assert_eq!(app.triggers().await, 0);
    let listed = app.get("/api/v1/runs").bearer_auth(&token).told().await.json();
    assert_eq!(listed["items"], json!([]), "nothing was stored either");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn bodies_are_json_and_have_a_limit() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let good = body("text-summary", &text("x")).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonx"] {
        let request = app.request(Method::POST, "/api/v1/runs").header("content-type", kind);
        request.bearer_auth(&token).body(good.clone()).told().await.problem(415);
    }
    app.request(Method::POST, "/api/v1/runs").bearer_auth(&token).body(good).told().await.problem(415);

    let two_megabytes = app.json("/api/v1/runs", &body("text-summary", &text(&"x".repeat(2_000_000))));
    let problem = two_megabytes.bearer_auth(&token).told().await.problem(413);
    assert!(problem["detail"].as_str().is_some_and(|words| words.contains("1000000")), "{problem}");
    let five_megabytes = app.json("/api/v1/runs", &body("text-summary", &text(&"x".repeat(5_000_000))));
    five_megabytes.bearer_auth(&token).told().await.problem(413);

    let raw = async |bytes: Vec<u8>| {
        let request = app.request(Method::POST, "/api/v1/runs").header("content-type", "application/json");
        request.bearer_auth(&token).body(bytes).told().await
    };
    raw(b"{".to_vec()).await.problem(400);
    raw(b"{\"environment\":\"dev\",\"workflow\":\"\xff\",\"input\":{}}".to_vec()).await.problem(400);
    let deep = format!("{{\"environment\":\"dev\",\"workflow\":\"text-summary\",\"input\":{}", "[".repeat(100_000));
    raw(deep.into_bytes()).await.problem(400);
    assert_eq!(app.triggers().await, 0);
    assert_eq!(app.get("/healthz").told().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_runs_of_others_are_not_there() {
    let app = TestApp::start().await;
    app.add_member("max@example.com").await;
    let (admin, member) = (app.token().await, app.token_of("max@example.com").await);
    let mine = app.start_run(&admin, "text-summary", text("mine")).await;
    let his = app.start_run(&member, "text-summary", text("his")).await;

    for path in ["", "/events"] {
        let foreign = app.get(&format!("/api/v1/runs/{}{path}", id(&mine))).bearer_auth(&member).told().await;
        let unknown = app.get(&format!("/api/v1/runs/01hzy3v4k5m6n7p8q9r0s1t2v7{path}"));
        let unknown = unknown.bearer_auth(&member).told().await;
        foreign.problem(404);
        assert_eq!(foreign.body, unknown.body, "nobody can tell which ids exist");
    }
    app.get("/api/v1/runs/nonsense").bearer_auth(&admin).told().await.problem(404);
    let seen = app.get("/api/v1/runs").bearer_auth(&member).told().await.json();
    assert_eq!(seen["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(seen["items"][0]["id"], his["id"]);
    assert_eq!(app.get(&format!("/api/v1/runs/{}", id(&his))).bearer_auth(&admin).told().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn other_addresses_and_methods_are_problems_too() {
    let app = TestApp::start().await;
    let token = app.token().await;
    app.get("/api/v1/nothing").bearer_auth(&token).told().await.problem(404);
    app.get("/api/v1").told().await.problem(404);
    app.request(Method::DELETE, "/api/v1/runs").bearer_auth(&token).told().await.problem(405);
    app.request(Method::PUT, "/api/v1/openapi.json").told().await.problem(405);
    let described = app.get("/api/v1/openapi.json").told().await;
    assert_eq!((described.status, described.header("content-type")), (200, "application/json"));
}
