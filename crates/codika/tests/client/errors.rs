//! Errors of the reading calls.

use std::time::Duration;

use codika::{CallError, CallErrorKind, Client};
use tokio::net::TcpListener;

use crate::support::{Server, answer, config, html, hurried, json, read_request};

async fn error_of(answer: Vec<u8>) -> CallError {
    let server = Server::answering(answer, true).await;
    let error = server.client().skills().await.unwrap_err();
    assert_eq!(server.seen.connections(), 1, "nothing is repeated: {error:?}");
    error
}

#[tokio::test]
async fn the_kind_follows_the_status_in_both_families_and_without_json() {
    use CallErrorKind::*;
    for (status, kind) in [
        (400, Refused),
        (401, KeyRejected),
        (402, Refused),
        (403, Forbidden),
        (404, NotFound),
        (408, Server),
        (409, Refused),
        (412, Inactive),
        (425, Server),
        (429, RateLimited { retry_after: None }),
        (500, Server),
        (503, Server),
        (301, Protocol),
        (308, Protocol),
    ] {
        let family_a = json(status, r#"{"success":false,"error":"why","code":"C"}"#);
        let family_b = json(status, r#"{"success":false,"error":{"code":"C","message":"why"},"requestId":"r1"}"#);
        for (body, request_id) in [(family_a, None), (family_b, Some("r1"))] {
            let error = error_of(body).await;
            assert_eq!((error.kind, error.status), (kind, Some(status)));
            if status >= 400 {
                assert_eq!((error.message.as_str(), error.code.as_str()), ("why", "C"));
                assert_eq!(error.request_id.as_deref(), request_id);
                assert!(error.from_api);
            }
        }
        let error = error_of(html(status)).await;
        assert_eq!((error.kind, error.from_api), (kind, false));
        assert_eq!(error.code, format!("HTTP_{status}"));
        assert!(error.message.starts_with(&format!("HTTP {status}")), "{}", error.message);
    }
}

#[tokio::test]
async fn success_false_is_an_error_under_any_status() {
    let error = error_of(json(200, r#"{"success":false,"error":"why"}"#)).await;
    assert_eq!((error.kind, error.message.as_str()), (CallErrorKind::Refused, "why"));
    assert_eq!(error.code, "HTTP_200");
}

#[tokio::test]
async fn messages_are_capped_and_clean() {
    let body = format!(r#"{{"error":"a\u0000b\u202ec\n{}"}}"#, "x".repeat(5_000));
    let error = error_of(json(400, &body)).await;
    assert!(error.message.starts_with("abc x"), "{}", error.message);
    assert_eq!(error.message.chars().count(), 2_001);
    let error = error_of(answer(403, "X-Request-Id: from-header\r\n", br#"{"error":{},"message":"  "}"#)).await;
    assert_eq!(error.message, "HTTP 403 Forbidden");
    assert_eq!(error.request_id.as_deref(), Some("from-header"));
}

#[tokio::test]
async fn a_2xx_must_be_a_json_object_with_the_documented_members() {
    for body in ["<html>hi</html>", "", "[1]", "\"x\""] {
        assert_eq!(error_of(json(200, body)).await.kind, CallErrorKind::NotJson, "{body}");
    }
    let error = error_of(json(200, r#"{"success":true,"requestId":"r2"}"#)).await;
    assert_eq!((error.kind, error.request_id.as_deref()), (CallErrorKind::Protocol, Some("r2")));
}

#[tokio::test]
async fn a_rate_limit_carries_its_wait() {
    for (header, seconds) in [("7", Some(7)), ("1000000000", Some(300)), ("-3", None), ("tomorrow", None)] {
        let error = error_of(answer(429, &format!("Retry-After: {header}\r\n"), b"{}")).await;
        let retry_after = seconds.map(Duration::from_secs);
        assert_eq!(error.kind, CallErrorKind::RateLimited { retry_after }, "{header}");
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    for status in [301, 302, 307, 308] {
        let other = Server::answering(json(200, r#"{"data":{"skills":[]}}"#), false).await;
        let error = error_of(answer(status, &format!("Location: {}/\r\n", other.url()), b"")).await;
        assert_eq!(error.kind, CallErrorKind::Protocol);
        assert_eq!(other.seen.connections(), 0);
    }
}

#[tokio::test]
async fn network_failures_have_their_kinds() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let nobody = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let no_tls = Server::blurting(b"plain text\r\n").await;
    let silent = Server::answering("", true).await;
    let resetting = Server::raw(|mut stream, seen| async move {
        read_request(&mut stream, &seen).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    let cut = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", false).await;
    for (url, kind, code) in [
        (nobody, CallErrorKind::Unreachable, "NO_ANSWER"),
        (format!("http://{}.example", "a".repeat(64)), CallErrorKind::Unreachable, "NO_ANSWER"),
        (format!("https://{}", no_tls.address), CallErrorKind::Tls, "NO_ANSWER"),
        (silent.url(), CallErrorKind::Timeout, "NO_ANSWER"),
        (resetting.url(), CallErrorKind::Unreachable, "NO_ANSWER"),
        (no_tls.url(), CallErrorKind::Protocol, "NO_ANSWER"),
        (cut.url(), CallErrorKind::Unreachable, "HTTP_200"),
    ] {
        let config = if kind == CallErrorKind::Timeout { hurried(&url) } else { config(&url) };
        let error = Client::new(config).unwrap().skills().await.unwrap_err();
        assert_eq!((error.kind, error.code.as_str(), error.from_api), (kind, code, false), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_configuration_that_cannot_work_is_refused() {
    let mut bad_id = config("http://127.0.0.1:1");
    bad_id.instance_id = "../other".to_owned();
    assert!(Client::new(bad_id).is_err());
    let mut bad_agent = config("http://127.0.0.1:1");
    bad_agent.user_agent = "line\nbreak".to_owned();
    assert!(Client::new(bad_agent).is_err());
}
