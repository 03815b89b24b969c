//! The verdict over complete answers.

use std::time::Duration;

use codika::{TriggerOutcome, UnconfirmedReason};

use crate::support::{Server, answer, html, json};

async fn outcome_of(answer: Vec<u8>) -> TriggerOutcome {
    let server = Server::answering(answer, false).await;
    let outcome = server.trigger().await;
    assert_eq!(server.seen.requests().len(), 1, "one trigger is one request: {outcome:?}");
    outcome
}

#[tokio::test]
async fn any_2xx_that_names_an_execution_is_accepted() {
    for (status, body) in [
        (200, r#"{"success":true,"executionId":"e1","message":"Execution started"}"#),
        (201, r#"{"executionId":"e1"}"#),
        (202, r#"{"success":true,"id":"e1"}"#),
        (200, r#"{"success":true,"executionId":"e1","id":"other","unknown":{"x":[1e999]}}"#),
        (200, r#"{"success":null,"executionId":"e1"}"#),
        (200, r#"{"executionId":"e0","executionId":"e1"}"#),
    ] {
        let outcome = outcome_of(json(status, body)).await;
        let TriggerOutcome::Accepted { execution_id, warning: None, .. } = outcome else {
            panic!("{body}: {outcome:?}");
        };
        assert_eq!(execution_id.as_str(), "e1", "{body}");
    }
}

#[tokio::test]
async fn a_failure_that_names_an_execution_is_watched_with_a_warning() {
    for (status, body) in [
        (200, r#"{"success":false,"executionId":"e1","error":"half done","requestId":"r1"}"#),
        (400, r#"{"success":false,"executionId":"e1","error":{"message":"half done"},"requestId":"r1"}"#),
        (500, r#"{"success":false,"executionId":"e1","message":"half done","requestId":"r1"}"#),
    ] {
        let outcome = outcome_of(json(status, body)).await;
        let TriggerOutcome::Accepted { execution_id, warning, request_id } = outcome else {
            panic!("{body}: {outcome:?}");
        };
        assert_eq!(execution_id.as_str(), "e1");
        assert_eq!(warning.as_deref(), Some("half done"));
        assert_eq!(request_id.as_deref(), Some("r1"));
    }
}

#[tokio::test]
async fn a_complete_4xx_is_rejected_in_both_families_and_without_json() {
    for status in [400, 401, 402, 403, 404, 409, 412, 413, 422, 429, 451] {
        let family_a = json(status, r#"{"success":false,"error":"No such thing","code":"NOPE"}"#);
        let family_b =
            json(status, r#"{"success":false,"error":{"code":"NOPE","message":"No such thing"},"requestId":"r7"}"#);
        for (body, request) in [(family_a, None), (family_b, Some("r7"))] {
            let outcome = outcome_of(body).await;
            let TriggerOutcome::Rejected { status: told, message, code, request_id, retry_after: None } = outcome
            else {
                panic!("{status}: {outcome:?}");
            };
            assert_eq!((told, message.as_str(), code.as_str()), (status, "No such thing", "NOPE"));
            assert_eq!(request_id.as_deref(), request);
        }
        let outcome = outcome_of(html(status)).await;
        let TriggerOutcome::Rejected { message, code, .. } = outcome else {
            panic!("{status}: {outcome:?}");
        };
        assert!(message.starts_with(&format!("HTTP {status}")), "{message}");
        assert_eq!(code, format!("HTTP_{status}"));
    }
}

#[tokio::test]
async fn success_false_below_500_without_an_id_is_rejected() {
    for body in [
        r#"{"success":false,"error":"no credits","code":"X"}"#,
        r#"{"success":false,"error":"no credits","executionId":null}"#,
        r#"{"success":false,"error":"no credits","executionId":""}"#,
        r#"{"success":false,"error":"no credits","id":"err_1"}"#,
    ] {
        let outcome = outcome_of(json(200, body)).await;
        let rejected =
            matches!(&outcome, TriggerOutcome::Rejected { status: 200, message, .. } if message == "no credits");
        assert!(rejected, "{body}: {outcome:?}");
    }
}

#[tokio::test]
async fn a_429_says_how_long_to_wait() {
    let limited = answer(429, "Retry-After: 7\r\n", b"{\"success\":false,\"error\":\"slow down\"}");
    let outcome = outcome_of(limited).await;
    let TriggerOutcome::Rejected { status: 429, retry_after, .. } = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(retry_after, Some(Duration::from_secs(7)));
}

#[tokio::test]
async fn every_other_answer_is_unconfirmed() {
    use UnconfirmedReason::{BadExecutionId, NoExecutionId, ServerError};
    let long = format!(r#"{{"success":true,"executionId":"{}"}}"#, "x".repeat(201));
    let cases = [
        (408, r#"{"success":false,"error":"late"}"#, ServerError { status: 408 }),
        (425, r#"{"success":false,"error":"early"}"#, ServerError { status: 425 }),
        (500, r#"{"success":false,"error":"boom","code":"INTERNAL"}"#, ServerError { status: 500 }),
        (503, "<html>", ServerError { status: 503 }),
        (504, "", ServerError { status: 504 }),
        (599, "{}", ServerError { status: 599 }),
        (500, r#"{"success":false,"executionId":"../x"}"#, ServerError { status: 500 }),
        (200, r#"{"success":true}"#, NoExecutionId),
        (200, r#"{"success":true,"executionId":null}"#, NoExecutionId),
        (200, "{}", NoExecutionId),
        (200, "[]", NoExecutionId),
        (200, "null", NoExecutionId),
        (200, r#"{"success":true,"executionId":""}"#, BadExecutionId),
        (200, r#"{"success":true,"executionId":"../../x?y"}"#, BadExecutionId),
        (200, r#"{"success":true,"executionId":".."}"#, BadExecutionId),
        (200, r#"{"success":true,"executionId":"a\u0000b"}"#, BadExecutionId),
        (200, r#"{"success":true,"executionId":{"a":1}}"#, BadExecutionId),
        (200, r#"{"success":true,"executionId":"\ud800"}"#, BadExecutionId),
        (200, r#"{"success":false,"executionId":"a/b"}"#, BadExecutionId),
        (200, long.as_str(), BadExecutionId),
    ];
    for (status, body, expected) in cases {
        let outcome = outcome_of(json(status, body)).await;
        let TriggerOutcome::Unconfirmed { reason, status: told, .. } = outcome else {
            panic!("{status} {body}: {outcome:?}");
        };
        assert_eq!((reason, told), (expected, Some(status)), "{body}");
    }
}

#[tokio::test]
async fn a_200_page_is_unconfirmed_with_a_short_excerpt() {
    let page = format!("<script>\u{7}alert(1)</script>{}", "x".repeat(10_000));
    for body in [page.as_bytes(), b"\xff\xfe\x00{", b"", b"{\"success\":true,\"executionId\":\"e1\""] {
        let outcome = outcome_of(answer(200, "", body)).await;
        let TriggerOutcome::Unconfirmed { reason: UnconfirmedReason::NotJson { excerpt }, status: Some(200), .. } =
            outcome
        else {
            panic!("{outcome:?}");
        };
        assert!(excerpt.chars().count() <= 301 && !excerpt.contains(char::is_control), "{excerpt}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed_and_the_key_stays_here() {
    for status in [301, 302, 303, 307, 308] {
        let other = Server::answering(json(200, r#"{"success":true,"executionId":"stolen"}"#), false).await;
        let location = format!("Location: {}/webhook/x/y\r\n", other.url());
        let outcome = outcome_of(answer(status, &location, b"moved")).await;
        let expected = UnconfirmedReason::Redirect { status };
        assert!(
            matches!(&outcome, TriggerOutcome::Unconfirmed { reason, status: Some(s), .. } if *reason == expected && *s == status),
            "{outcome:?}"
        );
        assert_eq!(other.seen.connections(), 0, "{status}");
    }
}

#[tokio::test]
async fn depth_and_odd_bytes_beside_the_id_do_no_harm() {
    let deep = format!(r#"{{"x":{}{},"executionId":"e1"}}"#, "[".repeat(20_000), "]".repeat(20_000));
    let odd = b"{\"message\":\"\xff\x00\",\"executionId\":\"e1\"}";
    for body in [deep.as_bytes(), odd] {
        let outcome = outcome_of(answer(200, "", body)).await;
        assert!(
            matches!(&outcome, TriggerOutcome::Accepted { execution_id, .. } if execution_id.as_str() == "e1"),
            "{outcome:?}"
        );
    }
}
