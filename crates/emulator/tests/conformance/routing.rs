//! Routing and authentication: statements 1 to 5 and 7.

use emulator::fixtures as f;
use reqwest::{Method, StatusCode};
use serde_json::json;

use super::{CALLBACKS, doors, error_text};
use crate::client::{Bench, answer};

fn body_for(path: &str) -> serde_json::Value {
    let lower = path.to_lowercase();
    if lower.contains("getprojectpublic") || lower.contains("getmetadata") {
        json!({ "projectId": f::PROJECT })
    } else if lower.contains("instancepublic") {
        json!({ "processInstanceId": f::DEV_INSTANCE })
    } else {
        json!({})
    }
}

#[tokio::test]
async fn s01_every_path_in_every_spelling() {
    let bench = Bench::start().await;
    let execution = bench.trigger("text-summary", json!({ "text": "A." })).await;
    for door in doors(f::DEV_INSTANCE, "text-summary", &execution) {
        let (first, rest) = door.function[1..].split_once('/').unwrap_or((&door.function[1..], ""));
        let rest = if rest.is_empty() { String::new() } else { format!("/{rest}") };
        let shouted = format!("/{}{rest}", first.to_uppercase());
        for path in [&door.function, &door.documented, &shouted, &format!("{}/", door.function)] {
            let request = bench.request(door.method.clone(), path, f::MANAGER_KEY);
            let request = if door.method == Method::POST && !path.to_lowercase().contains("verify") {
                request.json(&body_for(path))
            } else {
                request
            };
            let (status, body) = answer(request).await;
            // Whoever switches what is switched already has nothing to do.
            let is_switch = path.to_lowercase().contains("activate");
            let fine = status == StatusCode::OK || (is_switch && status == StatusCode::CONFLICT);
            assert!(fine, "{path}: {status} {body}");
        }
        let activate = json!({ "processInstanceId": f::DEV_INSTANCE });
        bench.post("/activateprocessinstancepublic", f::MANAGER_KEY, activate).await;
    }
    for path in CALLBACKS {
        for path in [path.to_owned(), path.to_lowercase(), format!("{path}/")] {
            let (status, body) = bench.post(&path, f::DEV_INSTANCE_KEY, json!({ "executionId": 1 })).await;
            assert_ne!(status, StatusCode::NOT_FOUND, "{path}: {body}");
        }
    }
    for path in ["/nothing", "/webhook", "/webhook/a/b/c", "/statuses/a/b"] {
        let (status, _) = bench.get(path, f::DEV_INSTANCE_KEY).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn s02_no_key_a_malformed_key_and_a_strange_key() {
    let bench = Bench::start().await;
    for door in doors(f::DEV_INSTANCE, "text-summary", "none") {
        for key in ["", "nonsense", "ck_nobody", "cko_nobody", f::EXPIRED_KEY, f::REVOKED_KEY] {
            let request = bench.request(door.method.clone(), &door.function, key);
            let (status, body) = answer(request.json(&body_for(&door.function))).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{} {key}: {body}", door.function);
            error_text(&body, door.flat);
            // Whoever may not ask is not told what was wrong with the question.
            let request = bench.request(door.method.clone(), &door.function, key).body("{");
            let (status, body) = answer(request).await;
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{} {key}: {body}", door.function);
        }
    }
    let verify = bench.request(Method::POST, "/verifyapikey", f::DEV_ORG_KEY);
    let verify = verify.header("Content-Type", "application/json").header("Content-Length", "0");
    let (status, body) = answer(verify).await;
    assert_eq!(status, StatusCode::OK);
    let data = &body["data"];
    assert_eq!(data["type"], "org-api-key");
    assert_eq!(data["organizationId"], f::ORGANIZATION);
    assert_eq!(data["keyPrefix"], f::DEV_ORG_KEY[..12]);
    assert!(!body.to_string().contains(f::DEV_ORG_KEY));
    for (key, kind) in [(f::ADMIN_KEY, "admin-api-key"), (f::PERSONAL_KEY, "personal-api-key")] {
        let (_, body) = bench.post("/verifyapikey", key, json!({})).await;
        assert_eq!(body["data"]["type"], kind);
    }
}

#[tokio::test]
async fn s03_both_headers_in_any_case_and_the_query() {
    let bench = Bench::start().await;
    let execution = bench.trigger("text-summary", json!({ "text": "A." })).await;
    let base = bench.emulator.base_url();
    let status = format!("{base}/status/{}/{execution}", f::DEV_INSTANCE);
    for header in ["X-API-Key", "x-api-key", "X-Process-Manager-Key", "x-PROCESS-manager-KEY"] {
        for key in [f::DEV_INSTANCE_KEY, f::DEV_ORG_KEY, f::ADMIN_KEY] {
            let (status, body) = answer(bench.http.get(&status).header(header, key)).await;
            assert_eq!(status, StatusCode::OK, "{header} {key}: {body}");
        }
    }
    let query = format!("?api_key={}", f::DEV_INSTANCE_KEY);
    assert_eq!(answer(bench.http.get(format!("{status}{query}"))).await.0, StatusCode::OK);
    let trigger = format!("{base}/webhook/{}/text-summary{query}", f::DEV_INSTANCE);
    assert_eq!(answer(bench.http.post(trigger).body("{}")).await.0, StatusCode::OK);
    let skills = format!("{base}/getprocessskillspublic/{}{query}", f::DEV_INSTANCE);
    assert_eq!(answer(bench.http.get(skills)).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn s04_nobody_reaches_what_belongs_to_others() {
    let bench = Bench::start().await;
    let execution = bench.trigger("text-summary", json!({ "text": "A." })).await;
    let strangers = [f::PROD_INSTANCE_KEY, f::OTHER_INSTANCE_KEY, f::OTHER_ORG_KEY];
    for key in strangers {
        for door in doors(f::DEV_INSTANCE, "text-summary", &execution) {
            // These have no instance in them; they are about the caller's own things.
            if ["verify", "listproc", "listproj"].iter().any(|own| door.function.contains(own)) {
                continue;
            }
            let request = bench.request(door.method.clone(), &door.function, key);
            let (status, body) = answer(request.json(&body_for(&door.function))).await;
            let refused = [StatusCode::FORBIDDEN, StatusCode::NOT_FOUND].contains(&status);
            assert!(refused, "{} {key}: {status} {body}", door.function);
            error_text(&body, door.flat);
        }
    }
    let (_, body) = bench.get("/listprocessinstancespublic", f::OTHER_ORG_KEY).await;
    assert_eq!(body["data"]["organizationId"], f::OTHER_ORGANIZATION);
    assert_eq!(body["data"]["count"], 1);
    assert_eq!(body["data"]["instances"][0]["processInstanceId"], f::OTHER_INSTANCE);
    let (_, body) = bench.get("/listprojectspublic", f::OTHER_ORG_KEY).await;
    assert_eq!(body["data"]["count"], 0);
    // A member sees only what was shared.
    let path = format!("/listexecutionspublic/{}", f::PROD_INSTANCE);
    assert_eq!(bench.get(&path, f::MEMBER_KEY).await.0, StatusCode::FORBIDDEN);
    let (_, body) = bench.get("/listprocessinstancespublic", f::MEMBER_KEY).await;
    assert_eq!(body["data"]["count"], 1);
}

#[tokio::test]
async fn s05_a_missing_scope_is_named() {
    let bench = Bench::start().await;
    for door in doors(f::DEV_INSTANCE, "text-summary", "none") {
        let path = door.function.as_str();
        let scope = match path {
            _ if path.contains("verify") => continue,
            _ if path.contains("skills") => "skills:read",
            _ if path.contains("listexecutions") || path.contains("details") => "executions:read",
            _ if path.contains("activate") => "instances:manage",
            _ if path.contains("instance") => "instances:read",
            _ if path.contains("project") => "projects:read",
            _ if path.contains("metadata") => "deploy:use-case",
            _ => "workflows:trigger",
        };
        let request = bench.request(door.method.clone(), path, f::SCOPELESS_KEY);
        let (status, body) = answer(request.json(&body_for(path))).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{path}: {body}");
        assert!(error_text(&body, door.flat).contains(scope), "{path}: {body}");
    }
}

#[tokio::test]
async fn s07_every_error_is_json_that_says_so() {
    let bench = Bench::start().await;
    let trigger = format!("/webhook/{}/text-summary", f::DEV_INSTANCE);
    let requests = [
        bench.request(Method::GET, "/no/such/path", f::DEV_INSTANCE_KEY),
        bench.request(Method::GET, &trigger, f::DEV_INSTANCE_KEY),
        bench.request(Method::POST, &trigger, f::DEV_INSTANCE_KEY).body("{\"payload\":"),
        bench.request(Method::POST, &trigger, "ck_wrong").body("{}"),
        bench.request(Method::POST, "/submitworkflowresult", "").body("]"),
        bench.request(Method::POST, "/uploadworkflowoutput", "").body("no parts"),
        bench.request(Method::POST, "/getprocessinstancepublic", f::DEV_ORG_KEY).body(""),
    ];
    for request in requests {
        let (status, body) = answer(request).await;
        assert!(status.is_client_error(), "{status}");
        assert_eq!(body["success"], false, "{body}");
    }
}

/// Not a statement of the list: what a lone instance key may do when the platform is strict.
#[tokio::test]
async fn restricted_instance_keys_only_trigger_and_poll() {
    let bench = Bench::start().await;
    bench.control("restricted", json!({ "restricted": true })).await;
    let execution = bench.trigger("text-summary", json!({ "text": "A." })).await;
    assert_eq!(bench.ended(&execution).await["status"], "success");
    for door in doors(f::DEV_INSTANCE, "text-summary", &execution) {
        let free = ["trigger", "webhook", "status"].iter().any(|word| door.function.contains(word));
        if free || door.function.contains("verify") {
            continue;
        }
        let request = bench.request(door.method.clone(), &door.function, f::DEV_INSTANCE_KEY);
        let (status, body) = answer(request.json(&body_for(&door.function))).await;
        assert_eq!(status, StatusCode::FORBIDDEN, "{}: {body}", door.function);
    }
    let skills = format!("/getprocessskillspublic/{}", f::DEV_INSTANCE);
    assert_eq!(bench.get(&skills, f::DEV_ORG_KEY).await.0, StatusCode::OK);
    bench.control("restricted", json!({ "restricted": false })).await;
    assert_eq!(bench.get(&skills, f::DEV_INSTANCE_KEY).await.0, StatusCode::OK);
}
