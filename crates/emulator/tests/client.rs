//! An emulator of its own for each test, and a small client that speaks plain HTTP to it.

use std::time::Duration;

use emulator::{Config, Emulator, fixtures as f};
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep};

/// Twenty times faster than life.
pub const SPEED: f64 = 0.05;

pub struct Bench {
    pub emulator: Emulator,
    pub http: Client,
}

impl Bench {
    pub async fn start() -> Self {
        Self::with(Config { speed: SPEED, ..Config::default() }).await
    }

    pub async fn with(config: Config) -> Self {
        // Another test of this process may have been first.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .timeout(Duration::from_secs(20))
            .build()
            .expect("a client");
        let emulator = Emulator::start(config).await.expect("an emulator");
        Self { emulator, http }
    }

    pub fn request(&self, method: Method, path: &str, key: &str) -> RequestBuilder {
        let header = if key.starts_with("ck_") { "X-API-Key" } else { "X-Process-Manager-Key" };
        self.http.request(method, format!("{}{path}", self.emulator.base_url())).header(header, key)
    }

    pub async fn get(&self, path: &str, key: &str) -> (StatusCode, Value) {
        answer(self.request(Method::GET, path, key)).await
    }

    pub async fn post(&self, path: &str, key: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(Method::POST, path, key).json(&body)).await
    }

    /// Triggers a workflow of the dev instance and returns the execution id.
    pub async fn trigger(&self, workflow: &str, payload: Value) -> String {
        let path = format!("/webhook/{}/{workflow}", f::DEV_INSTANCE);
        let (status, body) = self.post(&path, f::DEV_INSTANCE_KEY, json!({ "payload": payload })).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["executionId"].as_str().expect("an execution id").to_owned()
    }

    pub async fn status(&self, execution: &str) -> Value {
        let path = format!("/status/{}/{execution}", f::DEV_INSTANCE);
        let (status, mut body) = self.get(&path, f::DEV_INSTANCE_KEY).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        body["execution"].take()
    }

    /// Polls until the execution has ended, at most ten seconds.
    pub async fn ended(&self, execution: &str) -> Value {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let view = self.status(execution).await;
            if view["status"] != "pending" {
                return view;
            }
            assert!(Instant::now() < deadline, "{execution} did not end");
            sleep(Duration::from_millis(10)).await;
        }
    }

    /// Triggers and waits for the end.
    pub async fn run(&self, workflow: &str, payload: Value) -> Value {
        let execution = self.trigger(workflow, payload).await;
        self.ended(&execution).await
    }

    pub async fn control(&self, path: &str, body: Value) -> Value {
        let url = format!("{}/_emulator/{path}", self.emulator.base_url());
        let answer = self.http.post(url).json(&body).send().await.expect("an answer");
        let status = answer.status();
        let body = answer.text().await.expect("a body");
        assert_eq!(status, StatusCode::OK, "{body}");
        serde_json::from_str(&body).expect("JSON")
    }

    pub async fn ledger(&self) -> Value {
        let url = format!("{}/_emulator/ledger", self.emulator.base_url());
        answer(self.http.get(url)).await.1
    }
}

pub async fn answer(request: RequestBuilder) -> (StatusCode, Value) {
    let answer = request.send().await.expect("an answer");
    let status = answer.status();
    let text = answer.text().await.expect("a body");
    let body = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"));
    (status, body)
}
