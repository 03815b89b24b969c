//! What a trigger writes to the wire.

use codika::{Client, Key, NotSentReason, PathStyle, TriggerOutcome};
use serde_json::{Map, Value, json};

use crate::support::{EXECUTION, INSTANCE, Server, json as answer};

fn accepted() -> Vec<u8> {
    answer(200, &format!(r#"{{"success":true,"executionId":"{EXECUTION}","message":"Execution started"}}"#))
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

#[tokio::test]
async fn one_post_with_the_payload_and_nothing_beside_it() {
    let server = Server::answering(accepted(), false).await;
    let payload = object(json!({ "b": 1, "a": ["x", null], "payload": { "deep": 1.5 } }));
    let outcome = server.client().trigger("main-workflow", &payload).await;
    let TriggerOutcome::Accepted { execution_id, warning: None, request_id: None } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(execution_id.as_str(), EXECUTION);
    let request = server.seen.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    assert_eq!(body, r#"{"payload":{"b":1,"a":["x",null],"payload":{"deep":1.5}}}"#);
    assert!(head.starts_with(&format!("POST /webhook/{INSTANCE}/main-workflow HTTP/1.1\r\n")), "{head}");
    let head = head.to_ascii_lowercase();
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(head.contains("user-agent: codika-dashboard/"), "{head}");
}

#[tokio::test]
async fn no_input_is_an_empty_payload() {
    let server = Server::answering(accepted(), false).await;
    server.trigger().await;
    assert!(server.seen.requests()[0].ends_with("\r\n\r\n{\"payload\":{}}"));
}

#[tokio::test]
async fn exactly_one_key_header_chosen_by_prefix() {
    for (key, right, wrong) in [
        ("ck_abcdefgh", "x-api-key", "x-process-manager-key"),
        ("cko_abcdefgh", "x-process-manager-key", "x-api-key"),
        ("cka_abcdefgh", "x-process-manager-key", "x-api-key"),
        ("ckp_abcdefgh", "x-process-manager-key", "x-api-key"),
        ("abcdefgh", "x-process-manager-key", "x-api-key"),
    ] {
        let server = Server::answering(accepted(), false).await;
        let mut config = server.config();
        config.instance_key = Some(Key::parse(key).unwrap());
        Client::new(config).unwrap().trigger("wf", &Map::new()).await;
        let head = server.seen.requests()[0].to_ascii_lowercase();
        assert!(head.contains(&format!("{right}: {key}\r\n")), "{key}: {head}");
        assert!(!head.contains(wrong) && !head.contains("authorization"), "{key}: {head}");
        assert_eq!(head.matches(key).count(), 1, "{key}: {head}");
    }
}

#[tokio::test]
async fn the_organization_key_stands_in_for_a_missing_instance_key() {
    let server = Server::answering(accepted(), false).await;
    let mut config = server.config();
    config.instance_key = None;
    Client::new(config).unwrap().trigger("wf", &Map::new()).await;
    assert!(server.seen.requests()[0].contains(crate::support::ORG_KEY));
}

#[tokio::test]
async fn ids_are_encoded_and_a_base_path_is_kept() {
    let server = Server::answering(accepted(), false).await;
    let mut config = crate::support::config(&format!("{}/proxy/", server.url()));
    config.path_style = PathStyle::Function;
    Client::new(config).unwrap().trigger("a b%2f;é", &Map::new()).await;
    let line = format!("POST /proxy/triggerwebhookpublic/{INSTANCE}/a%20b%252f%3B%C3%A9");
    assert_eq!(server.seen.lines(), [line]);
}

#[tokio::test]
async fn a_connection_is_never_used_twice() {
    let keep_alive = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{{\"executionId\":\"{EXECUTION}\"}}",
        EXECUTION.len() + 18
    );
    let server = Server::answering(keep_alive, true).await;
    let client = server.client();
    for _ in 0..3 {
        let outcome = client.trigger("wf", &Map::new()).await;
        assert!(matches!(outcome, TriggerOutcome::Accepted { .. }), "{outcome:?}");
    }
    assert_eq!(server.seen.connections(), 3);
}

#[tokio::test]
async fn what_cannot_be_sent_is_not() {
    let server = Server::answering(accepted(), false).await;
    let mut keyless = server.config();
    (keyless.instance_key, keyless.org_key) = (None, None);
    keyless.path_style = PathStyle::Auto;
    let big = object(json!({ "text": "x".repeat(2_000) }));
    for (client, workflow, payload, expected) in [
        (Client::new(keyless).unwrap(), "wf", Map::new(), NotSentReason::NoKey),
        (server.client(), "..", Map::new(), NotSentReason::Unsendable),
        (server.client(), "a/b", Map::new(), NotSentReason::Unsendable),
        (server.client(), "wf", big, NotSentReason::PayloadTooLarge),
    ] {
        let outcome = client.trigger(workflow, &payload).await;
        assert!(matches!(outcome, TriggerOutcome::NotSent { reason, .. } if reason == expected), "{outcome:?}");
    }
    assert_eq!(server.seen.connections(), 0);
}
