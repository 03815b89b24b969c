//! Scripted faults do to a connection what they say, and the ledger knows what happened behind them.

use std::time::Duration;

use crate::client::Bench;
use emulator::fixtures as f;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{Instant, timeout},
};

fn trigger_path() -> String {
    format!("/webhook/{}/text-summary", f::DEV_INSTANCE)
}

/// Speaks HTTP by hand and returns what came and how it ended.
async fn raw(bench: &Bench, path: &str) -> (String, std::io::Result<()>) {
    let address = bench.emulator.base_url().trim_start_matches("http://").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("connected");
    let body = r#"{"payload":{"text":"A."}}"#;
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nX-API-Key: {}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        f::DEV_INSTANCE_KEY,
        body.len(),
    );
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut received = Vec::new();
    let mut piece = [0; 1024];
    let end = loop {
        match stream.read(&mut piece).await {
            Ok(0) => break Ok(()),
            Ok(read) => received.extend_from_slice(&piece[..read]),
            Err(error) => break Err(error),
        }
    };
    (String::from_utf8_lossy(&received).into_owned(), end)
}

fn is_reset(end: &std::io::Result<()>) -> bool {
    end.as_ref().is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
}

async fn executions(bench: &Bench) -> usize {
    let ledger = bench.ledger().await;
    let triggers = ledger["triggers"].as_array().expect("triggers");
    triggers.iter().filter(|entry| !entry["execution_id"].is_null()).count()
}

#[tokio::test]
async fn a_made_up_answer_starts_nothing_and_is_spent() {
    let bench = Bench::start().await;
    bench
        .control(
            "faults",
            json!({
                "endpoint": "trigger", "status": 429, "body": "<b>slow down</b>",
                "content_type": "text/html", "headers": { "Retry-After": "7" }
            }),
        )
        .await;
    let send = || bench.request(Method::POST, &trigger_path(), f::DEV_INSTANCE_KEY).body("{}").send();
    let first = send().await.expect("an answer");
    assert_eq!(first.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(first.headers()["retry-after"], "7");
    assert_eq!(first.headers()["content-type"], "text/html");
    assert_eq!(first.text().await.expect("a body"), "<b>slow down</b>");
    assert_eq!(executions(&bench).await, 0);
    assert_eq!(send().await.expect("an answer").status(), StatusCode::OK);
    assert_eq!(bench.ledger().await["counts"]["triggers"], 2);
}

#[tokio::test]
async fn a_lost_reply_leaves_an_execution() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "endpoint": "trigger", "drop_reply": true })).await;
    let (received, end) = raw(&bench, &trigger_path()).await;
    assert_eq!(received, "");
    assert!(end.is_ok(), "{end:?}");
    let ledger = bench.ledger().await;
    let entry = &ledger["triggers"][0];
    assert_eq!(entry["payload"], json!({ "text": "A." }));
    let id = entry["execution_id"].as_str().expect("an execution");
    let ended = bench.ended(id).await;
    assert_eq!(ended["status"], "success");
    assert_eq!(bench.ledger().await["triggers"][0]["result_sha256"].as_str().map(str::len), Some(64));
}

#[tokio::test]
async fn resets_are_real_and_come_when_they_should() {
    let bench = Bench::start().await;
    // Where the reset comes, what arrives before it, whether the call took effect.
    let cases = [
        ("before_body", "", false),
        ("before_headers", "", false),
        ("after_headers", "HTTP/1.1 200 OK", true),
        ("mid_body", "executionId", true),
    ];
    for (reset, arrives, takes_effect) in cases {
        let before = executions(&bench).await;
        bench.control("faults", json!({ "endpoint": "trigger", "reset": reset })).await;
        let (received, end) = raw(&bench, &trigger_path()).await;
        assert!(is_reset(&end), "{reset}: {end:?}");
        assert!(received.contains(arrives), "{reset}: {received}");
        assert_eq!(received.is_empty(), arrives.is_empty(), "{reset}: {received}");
        assert_eq!(executions(&bench).await - before, usize::from(takes_effect), "{reset}");
    }
    assert_eq!(bench.ledger().await["counts"]["triggers"], 4);
}

#[tokio::test]
async fn a_truncated_body_is_shorter_than_announced() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "endpoint": "trigger", "truncate": 10 })).await;
    let (received, end) = raw(&bench, &trigger_path()).await;
    assert!(end.is_ok(), "{end:?}");
    let (head, body) = received.split_once("\r\n\r\n").expect("a head");
    assert_eq!(body, "{\"success\"");
    assert!(!head.contains("content-length: 10\r\n"), "{head}");
    assert_eq!(executions(&bench).await, 1);
}

#[tokio::test]
async fn a_hang_lasts_until_the_client_gives_up() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "endpoint": "trigger", "hang": true })).await;
    let waited = timeout(Duration::from_millis(300), raw(&bench, &trigger_path())).await;
    assert!(waited.is_err());
    assert_eq!(executions(&bench).await, 0);
    assert_eq!(bench.ledger().await["triggers"][0]["payload"]["payload"]["text"], "A.");
}

#[tokio::test]
async fn a_drip_sends_the_whole_body_slowly() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "endpoint": "trigger", "body": "0123456789", "drip": 20 })).await;
    let started = Instant::now();
    let (received, _) = raw(&bench, &trigger_path()).await;
    assert!(received.ends_with("\r\n\r\n0123456789"), "{received}");
    assert!(started.elapsed() >= Duration::from_millis(200));
}

#[tokio::test]
async fn a_redirect_names_its_target() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "redirect": "http://127.0.0.1:1/elsewhere" })).await;
    let request = bench.request(Method::POST, &trigger_path(), f::DEV_INSTANCE_KEY).body("{}");
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.status(), StatusCode::TEMPORARY_REDIRECT);
    assert_eq!(answer.headers()["location"], "http://127.0.0.1:1/elsewhere");
}

#[tokio::test]
async fn a_delay_does_not_change_the_answer() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "endpoint": "status", "delay_ms": 150, "always": true })).await;
    let execution = bench.trigger("text-summary", json!({ "text": "A." })).await;
    let started = Instant::now();
    assert_eq!(bench.status(&execution).await["executionId"], execution.as_str());
    assert!(started.elapsed() >= Duration::from_millis(150));
}

#[tokio::test]
async fn a_wrong_content_type_leaves_the_answer_as_it_is() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "endpoint": "trigger", "content_type": "text/html" })).await;
    let request = bench.request(Method::POST, &trigger_path(), f::DEV_INSTANCE_KEY).body("{}");
    let answer = request.send().await.expect("an answer");
    assert_eq!(
        (answer.status(), &answer.headers()["content-type"]),
        (StatusCode::OK, &"text/html".parse().expect("a type"))
    );
    let body: Value = answer.json().await.expect("JSON");
    assert_eq!(body["executionId"], bench.ledger().await["triggers"][0]["execution_id"]);
}

#[tokio::test]
async fn the_made_up_body_can_name_the_execution() {
    let bench = Bench::start().await;
    let body = json!({ "success": false, "error": "odd", "executionId": "{{executionId}}" });
    bench.control("faults", json!({ "endpoint": "trigger", "body": body, "execute": true })).await;
    let (_, answer) = bench.post(&trigger_path(), f::DEV_INSTANCE_KEY, json!({})).await;
    let id = bench.ledger().await["triggers"][0]["execution_id"].clone();
    assert_eq!(answer["executionId"], id);
    assert!(id.is_string());
}

#[tokio::test]
async fn counting_filters_and_probability() {
    let bench = Bench::start().await;
    let execution = bench.trigger("text-summary", json!({ "text": "A." })).await;
    let path = format!("/status/{}/{execution}", f::DEV_INSTANCE);
    let statuses = async |calls: usize| {
        let mut seen = Vec::new();
        for _ in 0..calls {
            let request = bench.request(Method::GET, &path, f::DEV_INSTANCE_KEY);
            seen.push(request.send().await.expect("an answer").status().as_u16());
        }
        seen
    };
    bench.control("faults", json!({ "endpoint": "status", "nth": 2, "status": 500 })).await;
    assert_eq!(statuses(3).await, [200, 500, 200]);
    bench.control("faults", json!({ "endpoint": "status", "next": 2, "status": 502 })).await;
    assert_eq!(statuses(3).await, [502, 502, 200]);
    let other = json!({ "endpoint": "status", "workflow": "lead-score", "always": true, "status": 503 });
    bench.control("faults", other).await;
    assert_eq!(statuses(1).await, [200]);
    let own = json!({ "endpoint": "all", "workflow": "text-summary", "always": true, "status": 504 });
    bench.control("faults", own).await;
    assert_eq!(statuses(2).await, [504, 504]);
    let clear = bench.http.delete(format!("{}/_emulator/faults", bench.emulator.base_url()));
    assert_eq!(clear.send().await.expect("an answer").status(), StatusCode::OK);
    let dice = json!({ "endpoint": "status", "probability": 0.5, "seed": 7, "status": 500 });
    bench.control("faults", dice.clone()).await;
    let first = statuses(40).await;
    let failed = first.iter().filter(|status| **status == 500).count();
    assert!((10..=30).contains(&failed), "{failed}");
    let clear = bench.http.delete(format!("{}/_emulator/faults", bench.emulator.base_url()));
    clear.send().await.expect("an answer");
    bench.control("faults", dice).await;
    assert_eq!(statuses(40).await, first);
}

#[tokio::test]
async fn several_faults_at_once_and_a_misspelled_one() {
    let bench = Bench::start().await;
    let faults = json!({ "faults": [{ "status": 500 }, { "endpoint": "verify", "status": 501 }] });
    let view = bench.control("faults", faults).await;
    assert_eq!(view["faults"].as_array().map(Vec::len), Some(2));
    let url = format!("{}/_emulator/faults", bench.emulator.base_url());
    let (status, body) = crate::client::answer(bench.http.post(url).json(&json!({ "staus": 500 }))).await;
    assert_eq!(status, StatusCode::BAD_REQUEST);
    assert_eq!(body, json!({ "error": "a fault has no member 'staus'" }));
}

#[tokio::test]
async fn a_huge_body_is_one_json_string() {
    let bench = Bench::start().await;
    bench.control("faults", json!({ "endpoint": "status", "body_bytes": 200_000 })).await;
    let path = format!("/status/{}/x", f::DEV_INSTANCE);
    let request = bench.request(Method::GET, &path, f::DEV_INSTANCE_KEY);
    let text = request.send().await.expect("an answer").text().await.expect("a body");
    assert_eq!(text.len(), 200_000);
    assert!(matches!(serde_json::from_str(&text), Ok(Value::String(_))));
}

#[tokio::test]
async fn a_bomb_is_small_on_the_wire() {
    let bench = Bench::start().await;
    let bomb = json!({ "endpoint": "status", "body_bytes": 3_000_000, "gzip": true, "next": 2 });
    bench.control("faults", bomb).await;
    let path = format!("/status/{}/x", f::DEV_INSTANCE);
    let request = bench.request(Method::GET, &path, f::DEV_INSTANCE_KEY);
    let answer = request.send().await.expect("an answer");
    assert_eq!(answer.text().await.expect("decompressed").len(), 3_000_000);
    let plain = reqwest::Client::builder().no_gzip().build().expect("a client");
    let url = format!("{}{path}", bench.emulator.base_url());
    let answer = plain.get(url).send().await.expect("an answer");
    assert_eq!(answer.headers()["content-encoding"], "gzip");
    assert!(answer.bytes().await.expect("a body").len() < 60_000);
}

#[tokio::test]
async fn a_duplicate_id_is_the_one_of_the_execution_before() {
    let bench = Bench::start().await;
    let first = bench.trigger("never-answers", json!({})).await;
    bench.control("faults", json!({ "endpoint": "trigger", "duplicate_id": true })).await;
    assert_eq!(bench.trigger("never-answers", json!({})).await, first);
    let ledger = bench.ledger().await;
    let ids: Vec<_> = ledger["triggers"].as_array().expect("triggers").iter().map(|one| &one["execution_id"]).collect();
    assert_eq!(ids.len(), 2);
    assert_eq!(ids[0], &json!(first));
    assert_ne!(ids[1], &json!(first));
    assert_ne!(bench.trigger("never-answers", json!({})).await, first);
}

#[tokio::test]
async fn a_skewed_clock_shows_in_every_time() {
    const DAY: i64 = 86_400_000;
    let bench = Bench::start().await;
    let before = bench.trigger("text-summary", json!({ "text": "One." })).await;
    bench.control("switches", json!({ "clock_skew_ms": -DAY })).await;
    let after = bench.trigger("text-summary", json!({ "text": "One." })).await;
    let day = |view: &Value| {
        let text = view["createdAt"].as_str().expect("a time");
        text.parse::<jiff::Timestamp>().expect("a time").as_millisecond().div_euclid(DAY / 24)
    };
    let hours = day(&bench.status(&before).await) - day(&bench.status(&after).await);
    assert!((23..=25).contains(&hours), "{hours}");
    // Its length is measured with another clock.
    let ended = bench.ended(&after).await;
    assert!(ended["duration"].as_u64().is_some_and(|ms| ms < 5000), "{ended}");
}

#[tokio::test]
async fn a_drawn_delay_delays() {
    let bench = Bench::start().await;
    let armed = bench.control("faults", json!({ "endpoint": "status", "delay_ms": { "uniform": [150, 200] } })).await;
    assert_eq!(armed["faults"][0]["waiting"], true);
    let execution = bench.trigger("never-answers", json!({})).await;
    let started = Instant::now();
    bench.status(&execution).await;
    assert!(started.elapsed() >= Duration::from_millis(150));
    let url = format!("{}/_emulator/faults", bench.emulator.base_url());
    let (_, faults) = crate::client::answer(bench.http.get(url)).await;
    assert_eq!(faults["faults"][0]["waiting"], false);
}

#[tokio::test]
async fn a_fault_is_aimed_at_one_endpoint_or_at_its_group() {
    let bench = Bench::start().await;
    let lists = [format!("/listexecutionspublic/{}", f::DEV_INSTANCE), "/listprocessinstancespublic".to_owned()];
    let both = async || {
        let [executions, instances] = lists.each_ref().map(|path| bench.get(path, f::DEV_ORG_KEY));
        (executions.await.0.as_u16(), instances.await.0.as_u16())
    };
    for (endpoint, expected) in
        [("list-executions", (500, 200)), ("list-instances", (200, 500)), ("lists", (500, 500)), ("manage", (200, 200))]
    {
        let fault = json!({ "endpoint": endpoint, "always": true, "status": 500, "body": {} });
        bench.control("faults", fault).await;
        assert_eq!(both().await, expected, "{endpoint}");
        let clear = bench.http.delete(format!("{}/_emulator/faults", bench.emulator.base_url()));
        clear.send().await.expect("an answer");
    }
    // An upload that fails and the result that is sent nevertheless are two calls of one group.
    bench.control("faults", json!({ "endpoint": "upload", "always": true, "status": 507, "body": {} })).await;
    let call = async |name: &str| bench.post(name, "", json!({})).await.0.as_u16();
    assert_eq!((call("/uploadworkflowoutput").await, call("/submitworkflowresult").await), (507, 400));
}

#[tokio::test]
async fn a_fault_that_could_not_strike_is_refused_and_told_why() {
    let bench = Bench::start().await;
    let url = format!("{}/_emulator/faults", bench.emulator.base_url());
    for (fault, why) in [
        (json!({ "endpoint": "status" }), "the fault does nothing"),
        (json!({ "execute": true }), "the fault does nothing"),
        (json!({ "status": 9999 }), "status must be between 200 and 599"),
        (json!({ "status": 500, "probability": 7 }), "probability must be between 0 and 1"),
        (json!({ "status": 500, "nth": 0 }), "count from 1"),
        (json!({ "status": 500, "nth": 2, "always": true }), "a fault takes one"),
        (json!({ "headers": { "a b": "c" } }), "'a b: c' is no HTTP header"),
        (json!({ "delay_ms": -1 }), "delay_ms takes milliseconds, or {\"uniform\""),
        (json!({ "gzip": true }), "gzip compresses a body that is made up"),
        (
            json!({ "status": 500, "workflow": "text-sumary" }),
            "there is no workflow 'text-sumary'; there are text-summary,",
        ),
        (json!({ "status": 500, "workflow": "text-summary", "endpoint": "skills" }), "workflow goes with"),
        (json!({ "clock_skew_ms": i64::MAX }), "within ten years"),
        (json!([{ "status": 500 }, { "status": 1 }]), "status must be"),
    ] {
        let (status, body) = crate::client::answer(bench.http.post(&url).json(&fault)).await;
        assert_eq!(status, StatusCode::BAD_REQUEST, "{fault}");
        assert!(body["error"].as_str().is_some_and(|error| error.contains(why)), "{fault}: {body}");
    }
    // No half of a list is armed.
    assert_eq!(crate::client::answer(bench.http.get(&url)).await.1, json!({ "faults": [] }));
}

#[tokio::test]
async fn control_calls_want_json_whatever_its_content_type_and_say_what_is_wrong() {
    let bench = Bench::start().await;
    let call = async |path: &str, body: &str| {
        let url = format!("{}/_emulator/{path}", bench.emulator.base_url());
        let form = bench.http.post(url).header("Content-Type", "application/x-www-form-urlencoded");
        crate::client::answer(form.body(body.to_owned())).await
    };
    assert_eq!(call("faults", r#"{"status":500}"#).await.0, StatusCode::OK);
    assert_eq!(call("switches", r#"{"path_styles":[]}"#).await.0, StatusCode::OK, "a platform that answers nothing");
    let instance = format!("instances/{}", f::DEV_INSTANCE);
    for (path, body, expected, why) in [
        ("faults", "nonsense", 400, "line 1 column"),
        ("switches", r#"{"sped":1}"#, 400, "unknown field `sped`"),
        ("switches", r#"{"speed":-1}"#, 400, "speed must be between 0 and"),
        ("switches", r#"{"clock_skew_ms":9000000000000000000}"#, 400, "within ten years"),
        ("switches", r#"{"path_styles":["long"]}"#, 400, "unknown variant `long`"),
        ("keys", r#"{"key":"ck_nobody_has_this"}"#, 404, "no key that begins with 'ck_nobody_ha'"),
        ("signing-secrets", r#"{"processInstanceId":"a","workflowId":"b","secret":"whsec_!!"}"#, 400, "base64"),
        ("instances/none", r#"{"is_active":false}"#, 404, "with \"environment\" it becomes a new one"),
        (&instance, r#"{"deployment_status":"weird"}"#, 400, "not 'weird'"),
        (&instance, r#"{"is_activ":false}"#, 400, "unknown field `is_activ`"),
    ] {
        let (status, answer) = call(path, body).await;
        assert_eq!(status.as_u16(), expected, "{path} {body}: {answer}");
        assert!(answer["error"].as_str().is_some_and(|error| error.contains(why)), "{path} {body}: {answer}");
    }
}

#[tokio::test]
async fn a_wrong_clock_shows_in_one_answer_or_in_all() {
    const HOUR: i64 = 3_600_000;
    let bench = Bench::start().await;
    let execution = bench.trigger("never-answers", json!({})).await;
    let times = async || {
        let path = format!("/status/{}/{execution}", f::DEV_INSTANCE);
        let answer = bench.request(Method::GET, &path, f::DEV_INSTANCE_KEY).send().await.expect("an answer");
        let date = answer.headers()["date"].to_str().expect("text").to_owned();
        let date = jiff::fmt::rfc2822::parse(&date).expect("a date").timestamp().as_millisecond();
        let body: Value = answer.json().await.expect("JSON");
        let created: jiff::Timestamp =
            body["execution"]["createdAt"].as_str().expect("a time").parse().expect("a time");
        let now = jiff::Timestamp::now().as_millisecond();
        let hours = |ms: i64| (ms + HOUR / 2).div_euclid(HOUR);
        (hours(date - now), hours(created.as_millisecond() - now))
    };
    assert_eq!(times().await, (0, 0));
    bench.control("faults", json!({ "endpoint": "status", "nth": 2, "clock_skew_ms": 5 * HOUR })).await;
    assert_eq!([times().await, times().await, times().await], [(0, 0), (5, 5), (0, 0)]);
    bench.control("switches", json!({ "clock_skew_ms": -7 * HOUR })).await;
    assert_eq!(times().await, (-7, 0), "what was created keeps its time");
}
