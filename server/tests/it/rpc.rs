//! The app's own calls.

use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{TestApp, Told, id, text};

/// The arguments of each call; none of them changes anything by itself.
fn arguments(path: &str) -> Value {
    match path {
        "/rpc/start_run" => {
            json!({ "environment": "dev", "workflow": "text-summary", "draft": "d", "input": { "text": "x" } })
        }
        "/rpc/get_run" => json!({ "id": "01hzy3v4k5m6n7p8q9r0s1t2v7" }),
        "/rpc/act_on_run" => json!({ "id": "01hzy3v4k5m6n7p8q9r0s1t2v7", "act": "stop_waiting" }),
        "/rpc/get_home" => json!({ "environment": "dev" }),
        "/rpc/remove_workflow" => json!({ "environment": "dev", "id": "x" }),
        "/rpc/workflow_page" => json!({
            "request": { "environment": "dev", "workflow": "text-summary", "draft": "d", "from": null, "as_json": false }
        }),
        _ => json!({}),
    }
}

fn calls() -> Vec<String> {
    let calls = server::routes().into_iter().filter(|(_, path)| path.starts_with("/rpc/"));
    let calls: Vec<_> = calls.inspect(|(method, path)| assert_eq!(*method, "POST", "{path}")).collect();
    assert!(calls.len() >= 7, "{calls:?}");
    calls.into_iter().map(|(_, path)| path).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn calls_are_json_of_this_site() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    for path in calls() {
        let body = arguments(&path).to_string();
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""] {
            let request = app.request(Method::POST, &path).header("content-type", kind).cookie(&me);
            let answer = request.body(body.clone()).told().await;
            assert_eq!(answer.status, 415, "{path} {kind}");
            assert_eq!(answer.json()["kind"], "invalid", "{path}");
        }
        for (name, value) in [("sec-fetch-site", "cross-site"), ("origin", "https://evil.example"), ("origin", "null")]
        {
            let answer = app.json(&path, &arguments(&path)).cookie(&me).instead(name, value).told().await;
            assert_eq!(answer.status, 403, "{path} {name}");
            assert_eq!(answer.json()["kind"], "forbidden", "{path}");
        }
        let get = app.get(&path).cookie(&me).told().await;
        assert_eq!(get.status, 405, "{path}");
        // A form of an old browser would be led back to wherever its Referer says.
        let request =
            app.json(&path, &json!([])).header("accept", "text/html").header("referer", "https://evil.example");
        assert_eq!(request.told().await.location(), "", "{path}");
    }
    assert_eq!(app.triggers().await, 0);
    let unknown = app.json("/rpc/nothing", &json!({})).cookie(&me).told().await;
    assert_eq!((unknown.status, unknown.json()["kind"].clone()), (404, json!("not_found")));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guests_and_programs_get_nothing() {
    let app = TestApp::start().await;
    let token = app.token().await;
    for path in calls() {
        for request in [
            app.json(&path, &arguments(&path)),
            app.json(&path, &arguments(&path)).bearer_auth(&token),
            app.json(&path, &arguments(&path)).cookie("codika_session=made-up"),
        ] {
            let answer = request.told().await;
            assert_eq!(answer.status, 401, "{path}: {}", answer.body);
            assert_eq!(answer.json()["kind"], "logged_out", "{path}");
        }
    }
    assert_eq!(app.triggers().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_refused_has_its_status_and_words() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let call = async |path: &str, body: Value| app.json(path, &body).cookie(&me).told().await;
    // These need no arguments.
    for path in calls().iter().filter(|path| !["/rpc/list_runs", "/rpc/count_moving"].contains(&path.as_str())) {
        for nonsense in [json!({ "surprise": 1 }), json!(7), json!([])] {
            let answer = call(path, nonsense).await;
            assert_eq!(answer.status, 400, "{path}: {}", answer.body);
            assert!(answer.json()["message"].is_string(), "{path}");
        }
    }
    let start = |workflow: &str, input: Value| json!({ "environment": "dev", "workflow": workflow, "draft": "d", "input": input });
    let wrong = call("/rpc/start_run", start("text-summary", json!({ "text": 7 }))).await;
    assert_eq!((wrong.status, &wrong.json()["fields"][0]["path"]), (422, &json!("text")));
    assert_eq!(call("/rpc/start_run", start("no-such", json!({}))).await.status, 404);
    assert_eq!(call("/rpc/get_home", json!({ "environment": "qa" })).await.status, 404);
    assert_eq!(call("/rpc/get_home", json!({ "environment": "../etc" })).await.status, 400);
    let large = call("/rpc/start_run", start("text-summary", text(&"x".repeat(2_000_000)))).await;
    assert_eq!((large.status, &large.json()["kind"]), (413, &json!("invalid")), "{}", large.body);
    let larger = call("/rpc/start_run", start("text-summary", text(&"x".repeat(5_000_000)))).await;
    assert_eq!((larger.status, &larger.json()["kind"]), (413, &json!("invalid")), "{}", larger.body);
    assert_eq!(app.triggers().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_call_starts_the_run_that_the_form_would() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let run = app.json("/rpc/start_run", &arguments("/rpc/start_run")).cookie(&me).told().await;
    assert_eq!(run.status, 200, "{}", run.body);
    let form = app.form("/dev/workflows/text-summary?draft=d", &[("in.text", "x")]).cookie(&me).told().await;
    assert_eq!(form.location(), format!("/runs/{}", id(&run.json())));
    app.until(&token, id(&run.json()), "success").await;
    let conflict = json!({ "environment": "dev", "workflow": "text-summary", "draft": "d", "input": { "text": "y" } });
    let conflict = app.json("/rpc/start_run", &conflict).cookie(&me).told().await;
    assert_eq!((conflict.status, &conflict.json()["run"]), (409, &run.json()["id"]));
    assert_eq!(app.triggers().await, 1);
}
