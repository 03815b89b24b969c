//! The verdict when the network fails. In no case is there a second attempt.

use std::time::{Duration, Instant};

use codika::{Client, ClientConfig, NotSentReason, TriggerOutcome, UnconfirmedReason};
use serde_json::Map;
use tokio::{io::AsyncWriteExt as _, net::TcpListener};

use crate::support::{Server, answer, bomb, config, hurried, json, read_request};

async fn not_sent(config: ClientConfig) -> (NotSentReason, String) {
    let outcome = Client::new(config).unwrap().trigger("wf", &Map::new()).await;
    let TriggerOutcome::NotSent { reason, detail } = outcome else {
        panic!("{outcome:?}");
    };
    (reason, detail)
}

async fn unconfirmed(server: &Server) -> (UnconfirmedReason, Option<u16>) {
    unconfirmed_under(server.config(), server).await
}

/// For servers that would never end the exchange themselves.
async fn unconfirmed_in_time(server: &Server) -> (UnconfirmedReason, Option<u16>) {
    let started = Instant::now();
    let verdict = unconfirmed_under(hurried(&server.url()), server).await;
    assert!(started.elapsed() < Duration::from_secs(5), "the deadline holds");
    verdict
}

async fn unconfirmed_under(config: ClientConfig, server: &Server) -> (UnconfirmedReason, Option<u16>) {
    let outcome = Client::new(config).unwrap().trigger("wf", &Map::new()).await;
    assert_eq!(server.seen.connections(), 1, "never a second attempt");
    let TriggerOutcome::Unconfirmed { reason, status, .. } = outcome else {
        panic!("{outcome:?}");
    };
    (reason, status)
}

#[tokio::test]
async fn refused_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    drop(listener);
    let (reason, detail) = not_sent(config(&url)).await;
    assert_eq!(reason, NotSentReason::Connect);
    assert!(detail.contains("refused") && !detail.contains("webhook"), "{detail}");
}

#[tokio::test]
async fn an_unknown_host_is_not_sent() {
    // A label past 63 characters fails in the resolver itself, without a network.
    let (reason, _) = not_sent(config(&format!("http://{}.example", "a".repeat(64)))).await;
    assert_eq!(reason, NotSentReason::Dns);
}

#[tokio::test]
async fn failed_handshakes_are_not_sent() {
    let plain = Server::blurting(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let closing = Server::blurting(b"").await;
    for server in [plain, closing] {
        let (reason, detail) = not_sent(config(&format!("https://{}", server.address))).await;
        assert_eq!(reason, NotSentReason::Tls, "{detail}");
    }
}

#[tokio::test]
async fn a_handshake_that_hangs_is_not_sent() {
    let server = Server::raw(|stream, _| async move {
        std::future::pending::<()>().await;
        drop(stream);
    })
    .await;
    let (reason, _) = not_sent(hurried(&format!("https://{}", server.address))).await;
    assert_eq!(reason, NotSentReason::ConnectTimeout);
}

#[tokio::test]
async fn a_reset_after_the_request_is_unconfirmed() {
    let server = Server::raw(|mut stream, seen| async move {
        read_request(&mut stream, &seen).await;
        stream.set_zero_linger().unwrap();
    })
    .await;
    assert_eq!(unconfirmed(&server).await, (UnconfirmedReason::ConnectionLost, None));
    assert_eq!(server.seen.requests().len(), 1);
}

#[tokio::test]
async fn a_reset_at_once_is_unconfirmed() {
    let server = Server::raw(|stream, _| async move { stream.set_zero_linger().unwrap() }).await;
    assert_eq!(unconfirmed(&server).await, (UnconfirmedReason::ConnectionLost, None));
}

#[tokio::test]
async fn silence_is_a_timeout() {
    let server = Server::answering("", true).await;
    assert_eq!(unconfirmed_in_time(&server).await, (UnconfirmedReason::Timeout, None));
}

#[tokio::test]
async fn a_body_that_never_ends_is_a_timeout() {
    let server = Server::answering("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{\"success\":", true).await;
    assert_eq!(unconfirmed_in_time(&server).await, (UnconfirmedReason::Timeout, Some(200)));
}

#[tokio::test]
async fn a_drip_ends_at_the_total_deadline() {
    let server = Server::raw(|mut stream, seen| async move {
        read_request(&mut stream, &seen).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n").await;
        while stream.write_all(b" ").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    assert_eq!(unconfirmed_in_time(&server).await, (UnconfirmedReason::Timeout, Some(200)));
}

#[tokio::test]
async fn a_cut_answer_is_unconfirmed_even_when_it_began_as_a_refusal() {
    for status in [200, 404] {
        let head = format!("HTTP/1.1 {status} X\r\nContent-Length: 99\r\n\r\n{{\"success\":false}}");
        let server = Server::answering(head, false).await;
        assert_eq!(unconfirmed(&server).await, (UnconfirmedReason::ConnectionLost, Some(status)));
    }
}

#[tokio::test]
async fn what_is_not_http_is_garbled() {
    let server = Server::answering("SSH-2.0-OpenSSH_9.2\r\n", false).await;
    assert_eq!(unconfirmed(&server).await, (UnconfirmedReason::Garbled, None));
    let corrupt = answer(200, "Content-Encoding: gzip\r\n", b"this was never compressed");
    let server = Server::answering(corrupt, false).await;
    assert_eq!(unconfirmed(&server).await, (UnconfirmedReason::Garbled, Some(200)));
}

#[tokio::test]
async fn large_answers_are_cut_at_the_cap_before_and_after_decompression() {
    for large in [bomb(50_000_000), json(200, &"x".repeat(70_000))] {
        let server = Server::answering(large, true).await;
        assert_eq!(unconfirmed(&server).await, (UnconfirmedReason::TooLarge, Some(200)));
    }
    let endless = Server::raw(|mut stream, seen| async move {
        read_request(&mut stream, &seen).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await;
        while stream.write_all(&[b'x'; 4096]).await.is_ok() {}
    })
    .await;
    assert_eq!(unconfirmed(&endless).await, (UnconfirmedReason::TooLarge, Some(200)));
}

#[tokio::test]
async fn compressed_answers_are_read() {
    let body = crate::support::gzip(br#"{"success":true,"executionId":"e1"}"#);
    let server = Server::answering(answer(200, "Content-Encoding: gzip\r\n", &body), false).await;
    let outcome = server.trigger().await;
    assert!(matches!(outcome, TriggerOutcome::Accepted { .. }), "{outcome:?}");
}
