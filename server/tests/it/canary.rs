//! No key, password or token ever leaves the server.

use std::fs;

use engine::NewKeys;
use reqwest::Method;
use serde_json::json;

use crate::{
    environments::{admin, lab},
    support::{Answer, PASSWORD, TestApp, Told, id, logged, text},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_secret_is_in_any_answer_log_or_file() {
    let app = TestApp::start().await;
    let (session, token) = (app.log_in().await, app.token().await);
    let mut secrets: Vec<String> = Vec::new();
    for environment in app.emulator.config().environments {
        secrets.push(environment.instance_key);
    }
    let run = app.start_run(&token, "text-summary", text("A sentence. And one more.")).await;
    app.until(&token, id(&run), "success").await;
    // A key that somebody types, one that replaces it and is refused, and one that cannot be used at all.
    let (admin, engine) = (admin(&app, &token).await, app.served().engine.clone());
    let lab = engine.add_environment(&admin, lab(&app.emulator)).await.expect("added");
    let in_lab =
        app.json("/api/v1/runs", &json!({ "environment": "lab", "workflow": "text-summary", "input": text("x") }));
    let in_lab = in_lab.bearer_auth(&token).told().await.json();
    app.until(&token, id(&in_lab), "success").await;
    for planted in [
        "ck_planted_canary_0123456789abcdef",
        "ck_planted canary with a blank",
        "cko_planted_canary_in_the_wrong_field",
    ] {
        secrets.push(planted.to_owned());
        let keys = NewKeys { instance: Some(planted.into()), organization: None, pending: None };
        let done = engine.replace_keys(&admin, &lab.slug, keys).await;
        assert!(!format!("{done:?}").contains("canary"), "{done:?}");
    }
    app.fault(json!({ "endpoint": "trigger", "next": 1, "status": 401 })).await;
    let refused_in_lab =
        app.json("/api/v1/runs", &json!({ "environment": "lab", "workflow": "text-summary", "input": text("y") }));
    let refused_in_lab = refused_in_lab.bearer_auth(&token).told().await.json();
    app.until(&token, id(&refused_in_lab), "rejected").await;
    let failed = app.start_run(&token, "always-fails", json!({})).await;
    app.until(&token, id(&failed), "failed").await;
    app.fault(json!({ "endpoint": "trigger", "next": 1, "status": 401 })).await;
    let refused = app.start_run(&token, "text-summary", text("refused")).await;
    app.until(&token, id(&refused), "rejected").await;

    let mut answers: Vec<(String, Answer)> = Vec::new();
    for (method, path) in server::routes() {
        for run in [&run, &failed, &refused, &refused_in_lab] {
            let address = path.replace("{env}", "dev").replace("{print}", "0").replace("{*file}", "x");
            let address = match address.starts_with("/dev/workflows/") {
                true => "/dev/workflows/text-summary?draft=d".to_owned(),
                false => address.replace("{id}", id(run)),
            };
            // Streams have no end; their events are checked below.
            if address.ends_with("/events") || address == "/logout" {
                continue;
            }
            for credential in ["", session.as_str()] {
                let request = match (method.as_str(), address.starts_with("/rpc/") || address.starts_with("/api/")) {
                    ("GET", _) => app.request(Method::GET, &address),
                    (_, true) => app.json(&address, &json!({ "environment": "dev", "id": id(run) })),
                    (_, false) => app.form(&address, &[("in.text", "")]),
                };
                let request = if address.starts_with("/api/") { request.bearer_auth(&token) } else { request };
                answers.push((format!("{method} {address}"), request.cookie(credential).told().await));
            }
        }
        if path.starts_with("/api/v1/workflows") {
            let listed = app.get("/api/v1/workflows?environment=dev").bearer_auth(&token).told().await;
            answers.push((path, listed));
        }
    }
    assert!(answers.iter().filter(|(_, answer)| answer.status == 200).count() > 40, "most of these were let in");
    for lab in ["/lab", "/lab/workflows/text-summary?draft=d"] {
        answers.push((lab.to_owned(), app.get(lab).cookie(&session).told().await));
    }
    for tab in ["input", "events", "raw"] {
        let address = format!("/runs/{}?tab={tab}", id(&refused));
        answers.push((address.clone(), app.get(&address).cookie(&session).told().await));
    }
    for (what, answer) in &answers {
        let whole = format!("{:?}{}", answer.headers, answer.body);
        for secret in &secrets {
            assert!(!whole.contains(secret.as_str()), "{what} tells a key");
        }
        assert!(!whole.contains(PASSWORD), "{what} tells a password");
        assert!(!whole.contains(&token), "{what} tells a token");
    }

    secrets.extend([PASSWORD.to_owned(), token, session.split('=').nth(1).expect("a value").to_owned()]);
    let log = logged();
    assert!(log.len() > 1_000, "the log was captured");
    for line in log.lines() {
        assert!(!secrets.iter().any(|secret| line.contains(secret.as_str())), "the log tells a secret: {line}");
    }
    for entry in fs::read_dir(app.folder.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let bytes = fs::read(&path).expect("a file");
        for secret in &secrets {
            let told = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
            assert!(!told, "{} holds a secret in plain", path.display());
        }
    }
}
