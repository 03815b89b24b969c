//! Lists over REST.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::{Setup, TestApp, Told, id, text};

async fn list(app: &TestApp, token: &str, query: &str) -> Value {
    let answer = app.get(&format!("/api/v1/runs{query}")).bearer_auth(token).told().await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.json()
}

fn ids(page: &Value) -> Vec<String> {
    page["items"].as_array().expect("items").iter().map(|run| id(run).to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_hold_every_run_once() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let mut started = BTreeSet::new();
    for n in 0..7 {
        started.insert(id(&app.start_run(&token, "text-summary", text(&format!("run {n}"))).await).to_owned());
    }
    let mut seen = Vec::new();
    let mut query = "?limit=3".to_owned();
    for pages in 1.. {
        let page = list(&app, &token, &query).await;
        seen.extend(ids(&page));
        if pages == 1 {
            // What starts meanwhile belongs before the first page, so it shifts nothing.
            app.start_run(&token, "text-summary", text("late")).await;
        }
        let Some(next) = page["next"].as_str() else {
            assert_eq!(pages, 3);
            break;
        };
        query = format!("?limit=3&after={next}");
    }
    assert_eq!(seen.len(), 7, "no doubles");
    assert_eq!(seen.iter().cloned().collect::<BTreeSet<_>>(), started);
    let mut newest_first = seen.clone();
    newest_first.sort_by(|a, b| b.cmp(a));
    assert_eq!(seen, newest_first);
    let all = list(&app, &token, "?limit=100").await;
    assert_eq!((ids(&all).len(), &all["next"]), (8, &Value::Null));
    assert!(all["items"][0].get("input").is_none(), "lists carry neither input nor result");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn filters_narrow_the_list() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let good = app.start_run(&token, "text-summary", text("x")).await;
    let bad = app.start_run(&token, "always-fails", json!({})).await;
    let body = json!({ "environment": "prod", "workflow": "text-summary", "input": text("x") });
    let prod = app.json("/api/v1/runs", &body).bearer_auth(&token).told().await.json();
    app.until(&token, id(&good), "success").await;
    app.until(&token, id(&prod), "success").await;
    app.until(&token, id(&bad), "failed").await;

    for (query, expected) in [
        ("?status=failed", vec![&bad]),
        ("?status=success", vec![&prod, &good]),
        ("?status=success,failed", vec![&prod, &bad, &good]),
        ("?status=success&status=failed", vec![&prod, &bad, &good]),
        ("?workflow=always-fails", vec![&bad]),
        ("?environment=prod", vec![&prod]),
        ("?environment=dev&workflow=text-summary&status=success", vec![&good]),
        ("?environment=prod&status=failed", vec![]),
        ("?workflow=never-heard-of", vec![]),
    ] {
        let expected: Vec<_> = expected.into_iter().map(|run| id(run).to_owned()).collect();
        assert_eq!(ids(&list(&app, &token, query).await), expected, "{query}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_filters_are_named() {
    let app = TestApp::start().await;
    let token = app.token().await;
    for (query, named) in [
        ("?limit=0", "limit"),
        ("?limit=101", "limit"),
        ("?limit=ten", "limit"),
        ("?limit=-1", "limit"),
        ("?status=done", "done"),
        ("?environment=Not%20a%20slug", "environment"),
        ("?workflow=a/b", "workflow"),
        ("?colour=red", "colour"),
        ("?after=nonsense", "page"),
    ] {
        let answer = app.get(&format!("/api/v1/runs{query}")).bearer_auth(&token).told().await;
        let problem = answer.problem(400);
        assert!(problem["detail"].as_str().is_some_and(|words| words.contains(named)), "{query}: {problem}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn environments_and_workflows_are_described() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let environments = app.get("/api/v1/environments").bearer_auth(&token).told().await.json();
    let kinds = [&environments["items"][0]["kind"], &environments["items"][1]["kind"]];
    assert_eq!(kinds, ["dev", "prod"]);
    assert_eq!(environments["next"], Value::Null);
    assert_eq!(environments["items"][0]["process_instance_id"], emulator::fixtures::DEV_INSTANCE);

    let workflows = app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await.json();
    let items = workflows["items"].as_array().expect("items");
    let summary = items.iter().find(|workflow| workflow["id"] == "text-summary").expect("the text workflow");
    assert_eq!(summary["name"], "Text summary");
    assert_eq!(summary["environment"], "dev");
    assert_eq!(summary["source"], "instance");
    assert!(summary["description"].as_str().is_some_and(|words| !words.is_empty()), "{summary}");
    assert!(summary["input_schema"].to_string().contains("\"text\""), "{summary}");

    app.get("/api/v1/workflows").bearer_auth(&token).told().await.problem(400);
    app.get("/api/v1/workflows?environment=NO").bearer_auth(&token).told().await.problem(400);
    app.get("/api/v1/workflows?environment=qa").bearer_auth(&token).told().await.problem(404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_an_environment_lists_are_empty() {
    let settings = ["DEV_PROCESS_INSTANCE_ID", "DEV_CODIKA_API_KEY", "PROD_PROCESS_INSTANCE_ID", "PROD_CODIKA_API_KEY"];
    let settings = settings.map(|name| (name, String::new())).to_vec();
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let token = app.token().await;
    let environments = app.get("/api/v1/environments").bearer_auth(&token).told().await.json();
    assert_eq!(environments, json!({ "items": [], "next": null }));
    let home = app.get("/").cookie(&app.log_in().await).told().await;
    home.shows(200, &["DEV_PROCESS_INSTANCE_ID"]);
}
