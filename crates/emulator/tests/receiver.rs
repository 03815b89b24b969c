//! An n8n that does everything a running workflow may do to the platform: both callbacks, an upload, an answer
//! long after its webhook was answered, one that comes twice, and one with a wrong secret.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Json, Router, routing::post};
use emulator::{Config, fixtures as f};
use reqwest::Client;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::sleep};

use crate::client::{Bench, SPEED};

/// What the platform answered to each callback: status and code.
type Told = Arc<Mutex<Vec<(u16, Value)>>>;

struct Platform {
    http: Client,
    body: Value,
    told: Told,
}

impl Platform {
    fn metadata(&self, name: &str) -> &str {
        self.body["executionMetadata"][name].as_str().expect("metadata")
    }

    /// Calls the address that the metadata gave.
    async fn call(&self, address: &str, secret: &str, mut members: Value) -> Value {
        members["executionId"] = self.metadata("executionId").into();
        members["executionSecret"] = secret.into();
        let answer = self.http.post(self.metadata(address)).json(&members).send().await.expect("an answer");
        self.note(answer).await
    }

    async fn upload(&self, text: &str) -> Value {
        let part = |name: &str, value: &str| {
            format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let body = [
            part("executionId", self.metadata("executionId")),
            part("executionSecret", self.metadata("executionSecret")),
            format!(
                "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"n.txt\"\r\nContent-Type: text/plain\r\n\r\n{text}\r\n--b--\r\n"
            ),
        ];
        let url = self.metadata("callbackUrl").replace("submitworkflowresult", "uploadworkflowoutput");
        let request = self.http.post(url).header("Content-Type", "multipart/form-data; boundary=b");
        let answer = request.body(body.concat()).send().await.expect("an answer");
        self.note(answer).await
    }

    async fn note(&self, answer: reqwest::Response) -> Value {
        let status = answer.status().as_u16();
        let body: Value = answer.json().await.expect("JSON");
        self.told.lock().expect("not poisoned").push((status, body["code"].clone()));
        body
    }

    async fn play(self) {
        let secret = self.metadata("executionSecret").to_owned();
        match self.body["play"].as_str().expect("what to play") {
            "error" => {
                let error =
                    json!({ "errorType": "external_api_error", "errorMessage": "No paper", "failedNodeName": "Print" });
                self.call("errorCallbackUrl", &secret, error).await;
            }
            "upload" => {
                let uploaded = self.upload("hello").await;
                self.call("callbackUrl", &secret, json!({ "resultData": { "report": uploaded["documentId"] } })).await;
            }
            "twice" => {
                for number in 1..=2 {
                    self.call("callbackUrl", &secret, json!({ "resultData": number })).await;
                }
                self.call("errorCallbackUrl", &secret, json!({ "errorMessage": "too late" })).await;
            }
            "wrong secret" => {
                self.call("callbackUrl", "guessed", json!({ "resultData": "stolen" })).await;
                self.call("callbackUrl", &secret, json!({ "resultData": "mine" })).await;
            }
            "late" => {
                sleep(Duration::from_millis(300)).await;
                self.call("callbackUrl", &secret, json!({ "resultData": "late", "n8nExecutionId": "7" })).await;
            }
            other => panic!("cannot play {other}"),
        }
    }
}

/// `late` answers its webhook at once and works afterwards; the others answer when they are done.
async fn receiver(told: Told) -> String {
    // Another test of this process may have been first.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = Client::new();
    let work = move |Json(body): Json<Value>| {
        let platform = Platform { http: http.clone(), told: Arc::clone(&told), body };
        async move {
            if platform.body["play"] == "late" {
                tokio::spawn(platform.play());
            } else {
                platform.play().await;
            }
            Json(json!({}))
        }
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base_url = format!("http://{}", listener.local_addr().expect("an address"));
    let router = Router::new().route("/webhook/{*path}", post(work));
    tokio::spawn(async move { axum::serve(listener, router).await });
    base_url
}

#[tokio::test]
async fn a_workflow_elsewhere_ends_by_its_callbacks_once() {
    let told = Told::default();
    let n8n = receiver(Arc::clone(&told)).await;
    let workflows = json!({ "workflows": [{ "id": "elsewhere" }] });
    let scenario = Some(serde_json::from_value(workflows).expect("a scenario"));
    let bench = Bench::with(Config { n8n: Some(n8n), scenario, speed: SPEED, ..Config::default() }).await;
    // The first word ends the run; those that come after it have to be waited for.
    let played = async |play: &str, callbacks: usize| {
        let end = bench.run("elsewhere", json!({ "play": play })).await;
        while told.lock().expect("not poisoned").len() < callbacks {
            sleep(Duration::from_millis(5)).await;
        }
        (end, std::mem::take(&mut *told.lock().expect("not poisoned")))
    };
    let gone = (404, json!("EXECUTION_NOT_PENDING"));
    let good = (200, Value::Null);
    let one_good = vec![good.clone()];

    let (end, said) = played("error", 1).await;
    assert_eq!((&end["status"], &end["errorDetails"]["failedNodeName"]), (&json!("failed"), &json!("Print")));
    assert_eq!(said, one_good);

    let (end, said) = played("upload", 2).await;
    let document = end["resultData"]["report"].as_str().expect("a document").to_owned();
    let url = format!("{}/_emulator/files/{document}", bench.emulator.base_url());
    assert_eq!(bench.http.get(url).send().await.expect("an answer").text().await.expect("text"), "hello");
    assert_eq!(said, [good.clone(), good.clone()]);

    let (end, said) = played("twice", 3).await;
    assert_eq!(end["resultData"], 1);
    assert_eq!(said, [good.clone(), gone.clone(), gone]);

    let (end, said) = played("wrong secret", 2).await;
    assert_eq!(end["resultData"], "mine");
    assert_eq!(said, [(401, json!("UNAUTHORIZED")), good.clone()]);

    let (end, said) = played("late", 1).await;
    assert_eq!((&end["status"], &end["resultData"]), (&json!("success"), &json!("late")));
    assert!(end["duration"].as_u64().is_some_and(|ms| ms >= 300), "{end}");
    assert_eq!(said, one_good);
    let list = bench.get(&format!("/listexecutionspublic/{}?limit=1", f::DEV_INSTANCE), f::DEV_ORG_KEY).await.1;
    assert_eq!(list["data"]["executions"][0]["n8nExecutionId"], "7");
}
