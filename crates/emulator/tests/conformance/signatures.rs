//! Signed triggers: statement 6.

use std::sync::Arc;

use emulator::{Config, clock::FrozenClock, fixtures as f};
use reqwest::StatusCode;
use serde_json::json;

use crate::client::{Bench, SPEED, answer};

const TIMESTAMP: i64 = 1_767_225_600;
const ORDER: &str = r#"{"order":"A-17","qty":3}"#;
const ORDER_SIGNATURE: &str = "v1,bYOaChwaykXATKevNhIcWrIO9dJpSG5TjyHxJi9bIew=";
const EMPTY_SIGNATURE: &str = "v1,KPPCsjfyJMm6OlpKvPmA628J0sPQW+j5otUj8cEWGo0=";

async fn signed(bench: &Bench, workflow: &str, body: &str, signature: &str) -> StatusCode {
    let url = format!("{}/webhook/{}/{workflow}", bench.emulator.base_url(), f::DEV_INSTANCE);
    let request = bench
        .http
        .post(url)
        .header("webhook-id", "msg_demo_0001")
        .header("webhook-timestamp", TIMESTAMP.to_string())
        .header("webhook-signature", signature)
        .body(body.to_owned());
    let (status, body) = answer(request).await;
    assert_eq!(body["success"], status == StatusCode::OK, "{body}");
    status
}

#[tokio::test]
async fn s06_signatures() {
    let clock = Arc::new(FrozenClock::at(TIMESTAMP * 1000));
    let bench = Bench::with(Config { clock: clock.clone(), speed: SPEED, ..Config::default() }).await;
    let (ok, refused) = (StatusCode::OK, StatusCode::UNAUTHORIZED);

    assert_eq!(signed(&bench, "text-summary", ORDER, ORDER_SIGNATURE).await, ok);
    assert_eq!(signed(&bench, "text-summary", "", EMPTY_SIGNATURE).await, ok);
    let payload = bench.ledger().await["triggers"][0]["payload"].clone();
    assert_eq!(payload, json!({ "order": "A-17", "qty": 3 }));

    let both = format!("v1,AAAA {ORDER_SIGNATURE}");
    assert_eq!(signed(&bench, "text-summary", ORDER, &both).await, ok);
    let changed = ORDER.replace('3', "4");
    assert_eq!(signed(&bench, "text-summary", &changed, ORDER_SIGNATURE).await, refused);
    assert_eq!(signed(&bench, "text-summary", ORDER, EMPTY_SIGNATURE).await, refused);

    clock.set((TIMESTAMP + 300) * 1000);
    assert_eq!(signed(&bench, "text-summary", ORDER, ORDER_SIGNATURE).await, ok);
    for seconds in [301, -301] {
        clock.set((TIMESTAMP + seconds) * 1000);
        assert_eq!(signed(&bench, "text-summary", ORDER, ORDER_SIGNATURE).await, refused);
    }
    clock.set(TIMESTAMP * 1000);

    // Without a stored secret nothing fits; of several, any does.
    assert_eq!(signed(&bench, "table-profile", ORDER, ORDER_SIGNATURE).await, refused);
    for secret in ["whsec_AAAA", f::SIGNING_SECRET] {
        let stored = json!({
            "processInstanceId": f::DEV_INSTANCE, "workflowId": "table-profile", "secret": secret
        });
        bench.control("signing-secrets", stored).await;
    }
    assert_eq!(signed(&bench, "table-profile", ORDER, ORDER_SIGNATURE).await, ok);
}

#[tokio::test]
async fn s06_a_bad_key_does_not_harm_a_good_signature() {
    let clock = Arc::new(FrozenClock::at(TIMESTAMP * 1000));
    let bench = Bench::with(Config { clock, speed: SPEED, ..Config::default() }).await;
    let path = format!("/webhook/{}/text-summary", f::DEV_INSTANCE);
    for key in ["", "ck_nobody", f::OTHER_INSTANCE_KEY] {
        let request = bench
            .request(reqwest::Method::POST, &path, key)
            .header("webhook-id", "msg_demo_0001")
            .header("webhook-timestamp", TIMESTAMP.to_string())
            .header("webhook-signature", ORDER_SIGNATURE)
            .body(ORDER);
        assert_eq!(answer(request).await.0, StatusCode::OK, "{key}");
    }
}

#[tokio::test]
async fn s06_a_good_key_does_not_help_a_bad_signature() {
    let bench = Bench::start().await;
    let path = format!("/webhook/{}/text-summary", f::DEV_INSTANCE);
    let request = bench
        .request(reqwest::Method::POST, &path, f::DEV_INSTANCE_KEY)
        .header("webhook-signature", ORDER_SIGNATURE)
        .body("{}");
    assert_eq!(answer(request).await.0, StatusCode::UNAUTHORIZED);
}
