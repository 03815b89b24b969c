//! The start page: what it shows, and that it needs nothing else.

use emulator::{Config, fixtures as f};
use serde_json::{Value, json};

use crate::client::{Bench, SPEED, answer};

#[tokio::test]
async fn the_start_page_needs_nothing_else() {
    let bench = Bench::start().await;
    let execution = bench.trigger("always-fails", json!({ "message": "<img onerror=x>" })).await;
    bench.ended(&execution).await;
    let page = bench.http.get(bench.emulator.base_url()).send().await.expect("an answer");
    let html = page.text().await.expect("a page");
    assert!(html.contains(&execution));
    assert!(html.contains("text-summary") && html.contains(f::DEV_INSTANCE_KEY));
    for asset in ["<link", "src=", "@import", "url("] {
        assert!(!html.contains(asset), "{asset}");
    }
}

#[tokio::test]
async fn an_execution_on_the_page_leads_to_what_it_received_and_answered() {
    let bench = Bench::start().await;
    let payload = json!({ "kilobytes": 1, "shape": "hostile" });
    let execution = bench.trigger("sized-result", payload).await;
    let url = format!("{}/_emulator/executions/{execution}", bench.emulator.base_url());
    let page = bench.http.get(bench.emulator.base_url()).send().await.expect("an answer").text().await.expect("a page");
    assert!(page.contains(&format!("href=\"/_emulator/executions/{execution}\"")), "{page}");
    let text = loop {
        let text = bench.http.get(&url).send().await.expect("an answer").text().await.expect("a body");
        if !text.contains("\"pending\"") {
            break text;
        }
    };
    // Byte for byte: no library of this test reads that number.
    assert!(text.contains("\"payload\":{\"kilobytes\":1,\"shape\":\"hostile\"}") && text.contains("1e400"), "{text}");
    let failed = bench.trigger("always-fails", json!({ "message": "Out of paper" })).await;
    bench.ended(&failed).await;
    let url = |id: &str| format!("{}/_emulator/executions/{id}", bench.emulator.base_url());
    let (_, shown) = answer(bench.http.get(url(&failed))).await;
    assert_eq!((&shown["error"]["message"], &shown["result"]), (&json!("Out of paper"), &Value::Null));
    let (status, missing) = answer(bench.http.get(url("none"))).await;
    assert_eq!((status.as_u16(), missing), (404, json!({ "error": "there is no execution none" })));
}

#[tokio::test]
async fn the_page_is_about_the_instance_of_the_scenario() {
    let (instance, key) = ("0198f2a0-0000-7000-8000-00000000e001", "ck_MINE_for_this_test");
    let scenario = json!({
        "demo": false,
        "instances": { instance: { "environment": "dev", "title": "Lead <desk>", "instance_key": key } },
        "workflows": [{ "id": "mine", "answers": [{ "result": 1 }] }],
    });
    let scenario = Some(serde_json::from_value(scenario).expect("a scenario"));
    let bench = Bench::with(Config { speed: SPEED, scenario, ..Config::default() }).await;
    let page = bench.http.get(bench.emulator.base_url()).send().await.expect("an answer").text().await.expect("a page");
    assert!(page.contains("Lead &lt;desk&gt;, dev"), "{page}");
    assert!(page.contains(&format!("data-url=\"/webhook/{instance}/mine\" data-key=\"{key}\"")), "{page}");
    assert!(page.contains(&format!("/webhook/{instance}/mine \\")) && page.contains(&format!("X-API-Key: {key}")));
    assert!(!page.contains(f::PAUSED_INSTANCE));
}
