//! Reading one execution's state.

use codika::{CallError, CallErrorKind, Client, ExecutionId, ExecutionState, StatusReply};

use crate::support::{EXECUTION, INSTANCE, INSTANCE_KEY, ORG_KEY, Server, answer, bomb, json};

async fn status_of(answer: Vec<u8>) -> Result<StatusReply, CallError> {
    let server = Server::answering(answer, false).await;
    server.client().status(&ExecutionId::parse(EXECUTION).unwrap()).await
}

async fn status_with(execution: &str) -> StatusReply {
    status_of(json(200, &format!(r#"{{"success":true,"execution":{execution}}}"#))).await.unwrap()
}

#[tokio::test]
async fn a_finished_run() {
    let reply = status_with(
        r#"{"executionId":"e1","status":"success","createdAt":"2026-03-04T14:30:01.000Z","duration":2310,
            "resultData": { "summary" : "Three",  "total":3.0e0 } }"#,
    )
    .await;
    assert_eq!(reply.state, ExecutionState::Success);
    assert_eq!(reply.execution_id.as_deref(), Some("e1"));
    assert_eq!(reply.created_at.as_deref(), Some("2026-03-04T14:30:01.000Z"));
    assert_eq!(reply.duration_ms, Some(2310));
    assert_eq!(reply.result.unwrap(), r#"{ "summary" : "Three",  "total":3.0e0 }"#);
    assert_eq!(reply.error_details, None);
}

#[tokio::test]
async fn a_failed_run_keeps_every_member_of_its_details() {
    let reply = status_with(
        r#"{"status":"failed","duration":812.4,"errorDetails":{"type":"external_api_error","message":"CRM answered 429",
            "code":429,"failedNodeName":"Fetch contacts","httpStatus":429,"stack":["a","b"]}}"#,
    )
    .await;
    assert_eq!((reply.state, reply.duration_ms), (ExecutionState::Failed, Some(812)));
    let details = reply.error_details.unwrap();
    assert_eq!(details.kind.as_deref(), Some("external_api_error"));
    assert_eq!(details.message.as_deref(), Some("CRM answered 429"));
    assert_eq!(details.code.as_deref(), Some("429"));
    assert_eq!(details.failed_node_name.as_deref(), Some("Fetch contacts"));
    assert_eq!(details.extra["httpStatus"], 429);
    assert_eq!(details.extra["stack"][1], "b");
}

#[tokio::test]
async fn the_words_map_as_documented() {
    for (state, words) in [
        (ExecutionState::Success, &["success"][..]),
        (ExecutionState::Failed, &["failed", "error", "crashed", "canceled", "cancelled"]),
        (ExecutionState::Pending, &["pending", "running", "queued", "new", "waiting"]),
    ] {
        for word in words {
            let reply = status_with(&format!(r#"{{"status":"{word}"}}"#)).await;
            assert_eq!(reply.state, state, "{word}");
            assert_eq!(reply.word.as_str(), *word);
        }
    }
    for word in ["Success", "almost done", ""] {
        let reply = status_with(&format!(r#"{{"status":"{word}"}}"#)).await;
        assert_eq!(reply.state, ExecutionState::Unknown(word.to_owned()));
    }
}

#[tokio::test]
async fn missing_null_and_misplaced_members_are_tolerated() {
    let reply = status_of(json(200, r#"{"execution":{"status":"pending"}}"#)).await.unwrap();
    assert_eq!(reply.state, ExecutionState::Pending);
    let reply = status_with(
        r#"{"status":"success","duration":"long","createdAt":7,"executionId":null,"resultData":null,"errorDetails":null,"new":{}}"#,
    )
    .await;
    assert_eq!(reply.state, ExecutionState::Success);
    assert_eq!((reply.duration_ms, reply.created_at, reply.result, reply.error_details), (None, None, None, None));
    assert_eq!(status_with(r#"{"status":"failed","duration":-1}"#).await.duration_ms, None);
    assert_eq!(status_with("{}").await.state, ExecutionState::Unknown(String::new()));
    let text_only = status_with(r#"{"status":"failed","errorDetails":"it broke"}"#).await;
    assert_eq!(text_only.error_details.unwrap().message.as_deref(), Some("it broke"));
}

#[tokio::test]
async fn results_of_any_kind_arrive_byte_for_byte() {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    let results: [&[u8]; 9] = [
        b"\"text\"",
        b"0",
        b"false",
        b"[1e400,9223372036854775808,-0]",
        br#"{"a":1,"a":2,"__proto__":{}}"#,
        br#"{"s":"\ud800 \u0000 <img onerror=x>"}"#,
        b"{\"raw\":\"\xff\xfe\x00\n\xc3\x28\"}",
        "{ \"é\" :\t\"\u{202e}\" }".as_bytes(),
        deep.as_bytes(),
    ];
    for result in results {
        let body = [b"{\"execution\":{\"status\":\"success\",\"resultData\":", result, b",\"duration\":1}}"].concat();
        let reply = status_of(answer(200, "", &body)).await.unwrap();
        assert_eq!(reply.result.unwrap(), result);
        assert_eq!(reply.duration_ms, Some(1));
    }
}

#[tokio::test]
async fn unreadable_details_do_not_hide_the_failure() {
    let deep = format!("{}{}", "[".repeat(50_000), "]".repeat(50_000));
    for stack in [deep.as_str(), "1e999", r#""\udfff""#] {
        let reply =
            status_with(&format!(r#"{{"status":"failed","errorDetails":{{"message":"m","stack":{stack}}}}}"#)).await;
        assert_eq!(reply.state, ExecutionState::Failed);
        let details = reply.error_details.unwrap();
        assert_eq!(details.message.as_deref(), Some("m"));
        assert!(details.extra.is_empty());
    }
}

#[tokio::test]
async fn details_are_short_and_steer_nothing() {
    let long = "x".repeat(20_000);
    let reply = status_with(&format!(
        r#"{{"status":"failed","errorDetails":{{"message":"a\u202e b\r\nsecond\u0000 line {long}","code":"{long}","failedNodeName":"\u202eN{long}"}}}}"#
    ))
    .await;
    let details = reply.error_details.unwrap();
    let message = details.message.unwrap();
    assert!(message.starts_with("a b\nsecond line xxx"), "{}", &message[..30]);
    for text in [message, details.code.unwrap(), details.failed_node_name.unwrap()] {
        assert!(text.chars().count() <= 2_001, "{} characters", text.chars().count());
        assert!(!text.contains(['\u{202e}', '\0', '\r']));
    }
}

#[tokio::test]
async fn an_answer_without_an_execution_says_nothing_about_it() {
    for body in [r#"{"success":true}"#, r#"{"success":true,"execution":null}"#, r#"{"success":true,"execution":"e1"}"#]
    {
        let error = status_of(json(200, body)).await.unwrap_err();
        assert_eq!(error.kind, CallErrorKind::Protocol, "{body}");
    }
}

#[tokio::test]
async fn a_result_past_the_cap_is_too_large() {
    let error = status_of(bomb(50_000_000)).await.unwrap_err();
    assert_eq!((error.kind, error.status), (CallErrorKind::TooLarge, Some(200)));
}

#[tokio::test]
async fn asks_with_the_instance_key_and_else_the_organization_key() {
    let server = Server::answering(json(200, r#"{"execution":{"status":"pending"}}"#), false).await;
    let id = ExecutionId::parse("e 1").unwrap();
    server.client().status(&id).await.unwrap();
    let mut config = server.config();
    config.instance_key = None;
    Client::new(config).unwrap().status(&id).await.unwrap();
    assert_eq!(server.seen.lines(), vec![format!("GET /status/{INSTANCE}/e%201"); 2]);
    let requests = server.seen.requests();
    assert!(requests[0].contains(INSTANCE_KEY) && !requests[0].contains(ORG_KEY));
    assert!(requests[1].contains(ORG_KEY));
}
