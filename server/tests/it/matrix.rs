//! Every door × {guest, session, token}: what is not in this table fails.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::{TestApp, Told};

/// Method, path, and what a guest, somebody with a session and a program with a token are answered.
const TABLE: &[(&str, &str, [u16; 3])] = &[
    // Pages: a token opens none of them.
    ("GET", "/", [303, 302, 303]),
    ("GET", "/runs", [303, 200, 303]),
    ("GET", "/runs/{id}", [303, 404, 303]),
    ("GET", "/{env}", [303, 200, 303]),
    ("GET", "/{env}/workflows/{id}", [303, 303, 303]),
    // Drawn pages.
    ("GET", "/login", [200, 200, 200]),
    ("POST", "/login", [401, 401, 401]),
    ("GET", "/setup", [200, 200, 200]),
    ("POST", "/setup", [403, 403, 403]),
    ("GET", "/{env}/add-workflow", [303, 200, 303]),
    ("POST", "/{env}/add-workflow", [303, 422, 303]),
    ("GET", "/settings", [303, 303, 303]),
    ("GET", "/settings/about", [303, 200, 303]),
    // Page forms.
    ("POST", "/logout", [303, 303, 303]),
    ("POST", "/preferences", [303, 303, 303]),
    ("POST", "/runs/{id}", [303, 422, 303]),
    ("GET", "/runs/{id}/result.json", [303, 404, 303]),
    ("POST", "/{env}/workflows/{id}", [303, 422, 303]),
    ("POST", "/{env}/workflows/{id}/remove", [303, 404, 303]),
    // The app's own calls, without arguments: whoever is let in is told that they are missing.
    ("POST", "/rpc/act_on_run", [400, 400, 400]),
    ("POST", "/rpc/count_moving", [401, 200, 401]),
    ("POST", "/rpc/get_home", [400, 400, 400]),
    ("POST", "/rpc/get_run", [400, 400, 400]),
    ("POST", "/rpc/list_runs", [401, 200, 401]),
    ("POST", "/rpc/remove_workflow", [400, 400, 400]),
    ("POST", "/rpc/start_run", [400, 400, 400]),
    ("POST", "/rpc/workflow_page", [400, 400, 400]),
    // Events.
    ("GET", "/events", [401, 200, 401]),
    // REST: a session opens none of it.
    ("GET", "/api/v1/environments", [401, 401, 200]),
    ("GET", "/api/v1/workflows", [401, 401, 400]),
    ("GET", "/api/v1/runs", [401, 401, 200]),
    ("POST", "/api/v1/runs", [401, 401, 400]),
    ("GET", "/api/v1/runs/{id}", [401, 401, 404]),
    ("POST", "/api/v1/runs/{id}/actions", [401, 401, 400]),
    ("GET", "/api/v1/runs/{id}/executions", [401, 401, 404]),
    ("GET", "/api/v1/runs/{id}/events", [401, 401, 404]),
    ("GET", "/api/v1/events", [401, 401, 200]),
    ("GET", "/api/v1/openapi.json", [200, 200, 200]),
    // For everybody.
    ("GET", "/healthz", [200, 200, 200]),
    ("GET", "/readyz", [200, 200, 200]),
    ("GET", "/pkg/{print}/{*file}", [404, 404, 404]),
];

/// Files of `public/`, which everybody may read. They are there once the bundle was built.
const FILES: &[&str] = &[
    "/favicon-done.svg",
    "/favicon-failed.svg",
    "/favicon-pending.svg",
    "/favicon-unclear.svg",
    "/favicon.svg",
    "/icons.svg",
    "/robots.txt",
];

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_door_lets_in_whom_it_should() {
    let app = TestApp::start().await;
    let (session, token) = (app.log_in().await, app.token().await);
    let rows = TABLE.iter().map(|(method, path, answers)| (format!("{method} {path}"), *answers));
    let mut table: BTreeMap<_, _> = rows.collect();
    assert_eq!(table.len(), TABLE.len(), "a door is listed twice");
    for (method, path) in server::routes() {
        if method == "GET" && FILES.contains(&path.as_str()) {
            assert_eq!(app.get(&path).told().await.status, 200, "{path}");
            continue;
        }
        let Some(expected) = table.remove(&format!("{method} {path}")) else {
            panic!("{method} {path} is in no table: who may pass?");
        };
        let address = path.replace("{env}", "dev").replace("{print}", "0").replace("{*file}", "app.css");
        let id = if address.starts_with("/dev/workflows/") { "text-summary" } else { "01hzy3v4k5m6n7p8q9r0s1t2v7" };
        let address = address.replace("{id}", id);
        for (who, wanted) in ["guest", "session", "token"].into_iter().zip(expected) {
            let request = match (method.as_str(), path.starts_with("/rpc/") || path.starts_with("/api/")) {
                ("GET", _) => app.get(&address),
                (_, true) => app.json(&address, &json!({})),
                (_, false) => app.form(&address, &[]),
            };
            let request = match who {
                "session" => request.cookie(&session_for(&app, &path, &session).await),
                "token" => request.bearer_auth(&token),
                _ => request,
            };
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), wanted, "{method} {path} as {who}");
        }
    }
    assert!(table.is_empty(), "these routes are not there: {table:?}");
    assert_eq!(app.triggers().await, 0);
}

/// Logging out ends a session, so that door gets one of its own.
async fn session_for(app: &TestApp, path: &str, session: &str) -> String {
    if path == "/logout" { app.log_in().await } else { session.to_owned() }
}

/// The people who work here are not all administrators.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_may_run_and_no_more() {
    let app = TestApp::start().await;
    app.add_member("max@example.com").await;
    let member = app.log_in_as("max@example.com").await;
    let call = async |path: &str, body: serde_json::Value| app.json(path, &body).cookie(&member).told().await;
    let add = app.form("/dev/add-workflow", &[("id", "x")]).cookie(&member).told().await;
    assert_eq!(add.status, 403);
    assert_eq!(app.get("/dev/add-workflow").cookie(&member).told().await.status, 403);
    let home = call("/rpc/get_home", json!({ "environment": "dev" })).await.json();
    assert_eq!(home["may_add"], false);
    let start = json!({ "environment": "dev", "workflow": "never-answers", "draft": "d", "input": {} });
    let run = call("/rpc/start_run", start).await.json();
    let admin = app.log_in().await;
    let foreign = json!({ "environment": "dev", "workflow": "never-answers", "draft": "d", "input": {} });
    let foreign = app.json("/rpc/start_run", &foreign).cookie(&admin).told().await.json();
    assert_ne!(run["id"], foreign["id"], "a draft's key belongs to its person");
    for (path, body) in [
        ("/rpc/get_run", json!({ "id": foreign["id"] })),
        ("/rpc/act_on_run", json!({ "id": foreign["id"], "act": "stop_waiting" })),
    ] {
        assert_eq!(call(path, body).await.status, 404, "{path}");
    }
    let listed = call("/rpc/list_runs", json!({})).await.json();
    assert_eq!(listed["page"]["items"].as_array().map(Vec::len), Some(1));
}
