//! Fixed path styles, and finding one out.

use std::time::Duration;

use codika::{Client, ExecutionId, PathStyle, TriggerOutcome};
use serde_json::Map;
use tokio::net::TcpListener;

use crate::support::{EXECUTION, INSTANCE, Server, html, hurried, json};

const MADE_UP: &str = "00000000-0000-7000-8000-000000000000";

/// Routes only the listed first segments, as the platform would; everything else is a page.
async fn platform(known: &'static [&'static str]) -> Server {
    Server::routing(move |line| {
        let segment = line.split('/').nth(1).unwrap_or_default();
        let post = line.starts_with("POST");
        match known.contains(&segment) {
            true if post => json(200, &format!(r#"{{"success":true,"executionId":"{EXECUTION}"}}"#)),
            true => json(404, r#"{"success":false,"error":"Execution not found"}"#),
            false => html(404),
        }
    })
    .await
}

fn client(server: &Server, style: PathStyle) -> Client {
    let mut config = server.config();
    config.path_style = style;
    Client::new(config).unwrap()
}

#[tokio::test]
async fn fixed_styles_never_ask() {
    for (style, trigger, status, skills) in [
        (PathStyle::Short, "webhook", "status", "getprocessskillspublic"),
        (PathStyle::Function, "triggerwebhookpublic", "getexecutionstatuspublic", "getprocessskillspublic"),
        (PathStyle::Documented, "triggerWebhookPublic", "getExecutionStatusPublic", "getProcessSkillsPublic"),
    ] {
        let server = platform(&[]).await;
        let client = client(&server, style);
        assert!(client.verify_path_style().await, "the operator's word is enough");
        client.trigger("wf", &Map::new()).await;
        let id = ExecutionId::parse("e1").unwrap();
        assert!(client.status(&id).await.is_err() && client.skills().await.is_err());
        let expected = [
            format!("POST /{trigger}/{INSTANCE}/wf"),
            format!("GET /{status}/{INSTANCE}/e1"),
            format!("GET /{skills}/{INSTANCE}"),
        ];
        assert_eq!(server.seen.lines(), expected);
        assert_eq!(client.path_style(), style);
    }
}

#[tokio::test]
async fn auto_takes_the_first_style_answered_in_json_and_a_trigger_is_never_a_probe() {
    for (known, style, trigger, asked) in [
        (&["webhook", "status"][..], PathStyle::Short, "webhook", 1),
        (&["triggerwebhookpublic", "getexecutionstatuspublic"], PathStyle::Function, "triggerwebhookpublic", 2),
        (&["triggerWebhookPublic", "getExecutionStatusPublic"], PathStyle::Documented, "triggerWebhookPublic", 3),
    ] {
        let server = platform(known).await;
        let client = client(&server, PathStyle::Auto);
        assert!(!client.path_style_verified());
        assert_eq!(server.seen.connections(), 0, "making a client sends nothing");
        for _ in 0..2 {
            client.verify_path_style().await;
            let outcome = client.trigger("wf", &Map::new()).await;
            assert!(matches!(outcome, TriggerOutcome::Accepted { .. }), "{outcome:?}");
        }
        assert!(client.path_style_verified());
        assert_eq!(client.path_style(), style);
        let lines = server.seen.lines();
        let probes: Vec<_> = lines.iter().filter(|line| line.starts_with("GET")).collect();
        assert_eq!(probes.len(), asked);
        assert!(probes.iter().all(|line| line.ends_with(&format!("/{INSTANCE}/{MADE_UP}"))), "{probes:?}");
        let posts: Vec<_> = lines.iter().filter(|line| line.starts_with("POST")).collect();
        assert_eq!(posts, [&format!("POST /{trigger}/{INSTANCE}/wf"); 2]);
        assert!(lines.iter().take(asked).all(|line| line.starts_with("GET")), "{lines:?}");
    }
}

#[tokio::test]
async fn without_a_json_answer_short_is_used_and_not_asked_about_on_every_call() {
    let server = platform(&[]).await;
    let client = client(&server, PathStyle::Auto);
    for _ in 0..3 {
        client.verify_path_style().await;
        let outcome = client.trigger("wf", &Map::new()).await;
        assert!(matches!(outcome, TriggerOutcome::Rejected { status: 404, .. }), "{outcome:?}");
    }
    assert!(!client.path_style_verified());
    assert_eq!(client.path_style(), PathStyle::Short);
    assert_eq!(server.seen.requests().len(), 3 + 3, "one round of three questions");
}

#[tokio::test]
async fn the_question_is_put_again_after_a_while() {
    let server = platform(&[]).await;
    let mut config = server.config();
    config.path_style = PathStyle::Auto;
    config.timeouts.probe_again = Duration::ZERO;
    let client = Client::new(config).unwrap();
    for rounds in 1..=2 {
        assert!(!client.verify_path_style().await);
        assert_eq!(server.seen.requests().len(), 3 * rounds);
    }
}

#[tokio::test]
async fn calls_arriving_together_cause_one_round() {
    let server = platform(&["getexecutionstatuspublic"]).await;
    let client = client(&server, PathStyle::Auto);
    let checks: Vec<_> = (0..20)
        .map(|_| {
            tokio::spawn({
                let client = client.clone();
                async move { client.verify_path_style().await }
            })
        })
        .collect();
    for check in checks {
        assert!(check.await.unwrap());
    }
    assert_eq!(server.seen.requests().len(), 2);
}

#[tokio::test]
async fn a_silent_host_is_asked_once_and_an_absent_one_costs_nothing() {
    let silent = Server::answering("", true).await;
    let mut config = hurried(&silent.url());
    config.path_style = PathStyle::Auto;
    assert!(!Client::new(config).unwrap().verify_path_style().await);
    assert_eq!(silent.seen.requests().len(), 1, "the other spellings would fare no better");

    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut absent = hurried(&format!("http://{}", listener.local_addr().unwrap()));
    drop(listener);
    absent.path_style = PathStyle::Auto;
    let outcome = Client::new(absent).unwrap().trigger("wf", &Map::new()).await;
    assert!(matches!(outcome, TriggerOutcome::NotSent { .. }), "{outcome:?}");
}

#[tokio::test]
async fn a_trigger_asks_nothing_before_it_is_sent() {
    let server = platform(&["webhook", "status"]).await;
    let client = client(&server, PathStyle::Auto);
    client.trigger("wf", &Map::new()).await;
    assert_eq!(server.seen.lines(), [format!("POST /webhook/{INSTANCE}/wf")]);
    assert!(client.first_byte_within() <= Duration::from_secs(3));
}
