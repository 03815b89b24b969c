//! What the trigger meets.

use emulator::Emulator;
use serde_json::json;

use crate::support::{TestApp, Told, id};

use super::{MAY_HAVE_STARTED, NOT_SENT, Scene};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_01_nobody_there_or_no_such_host_or_no_tls_is_not_sent_and_safe_to_send() {
    let plain = TestApp::start().await;
    let no_tls = plain.emulator.base_url().replace("http://", "https://");
    let no_host = format!("http://{}.example", "a".repeat(64));
    for (url, says) in [
        ("http://127.0.0.1:1".to_owned(), "Codika could not be reached."),
        (no_host, "Codika could not be reached."),
        (no_tls, "TLS failed"),
    ] {
        let scene = Scene::with(vec![("CODIKA_BASE_URL", url.clone())]).await;
        let run = scene.run().await;
        scene.ends(&run, "not_sent", &[says]).await;
        scene.ends(&run, "not_sent", &NOT_SENT).await;
    }
    assert_eq!(plain.triggers().await, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_02_a_connection_reset_after_the_request_is_unconfirmed() {
    let scene = Scene::new().await;
    for when in ["before_headers", "after_headers", "mid_body"] {
        let run = scene.trigger_meets(json!({ "reset": when })).await;
        scene.ends(&run, "unconfirmed", &["The connection to Codika broke."]).await;
        scene.ends(&run, "unconfirmed", &MAY_HAVE_STARTED).await;
    }
    assert_eq!(scene.triggers().await, 3, "each was sent once");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_03_a_body_that_never_ends_is_unconfirmed_at_the_deadline() {
    let scene = Scene::hurried().await;
    let run = scene.trigger_meets(json!({ "drip": 600_000 })).await;
    scene.ends(&run, "unconfirmed", &["Codika did not answer in time."]).await;
    scene.ends(&run, "unconfirmed", &MAY_HAVE_STARTED).await;
    assert_eq!(scene.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_04_a_page_instead_of_an_answer_is_unconfirmed_with_an_escaped_excerpt() {
    let scene = Scene::new().await;
    let html = format!("<html><script>alert(1)</script><img src=x onerror=alert(2)>{}</html>", "spam ".repeat(2_000));
    let run = scene.trigger_meets(json!({ "status": 200, "body": html, "content_type": "text/html" })).await;
    scene.ends(&run, "unconfirmed", &["The answer could not be understood as one of Codika's."]).await;
    scene.ends(&run, "unconfirmed", &MAY_HAVE_STARTED).await;
    let page = scene.page(&run).await;
    assert!(page.contains("&lt;script&gt;alert(1)"), "the excerpt is text: {page}");
    assert!(!page.contains("<script>alert(1)") && !page.contains("<img src=x"), "{page}");
    let spam = page.matches("spam").count();
    assert!((1..200).contains(&spam), "the excerpt is short: {spam} of 2,000 words");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_05_accepted_without_an_id_is_unconfirmed() {
    let scene = Scene::new().await;
    let run = scene.trigger_meets(json!({ "status": 200, "body": { "success": true } })).await;
    scene.ends(&run, "unconfirmed", &["Codika accepted the run but did not say under which id."]).await;
    scene.ends(&run, "unconfirmed", &MAY_HAVE_STARTED).await;
    assert_eq!(scene.triggers().await, 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_06_a_failure_that_names_an_execution_is_watched_with_a_warning() {
    let scene = Scene::new().await;
    let body = json!({ "success": false, "executionId": "{{executionId}}", "error": "half done" });
    let run = scene.trigger_meets(json!({ "status": 500, "body": body, "execute": true })).await;
    let done = scene.ends(&run, "success", &["class=\"result\""]).await;
    assert!(done["execution_id"].is_string(), "{done}");
    let events = scene.tab(&run, "events").await;
    assert!(events.contains("Codika started the run, with a warning: half done"), "{events}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_07_one_execution_for_two_runs_flags_the_second_and_leaves_the_first() {
    let scene = Scene::new().await;
    let first = scene.run().await;
    let first = scene.becomes(&first, "success").await;
    let execution = first["execution_id"].as_str().expect("an id").to_owned();
    let run =
        scene.trigger_meets(json!({ "status": 200, "body": { "success": true, "executionId": execution } })).await;
    let says = "Codika answered with an execution that already belongs to another run.";
    scene.ends(&run, "unconfirmed", &[says, &execution]).await;
    scene.ends(&run, "unconfirmed", &MAY_HAVE_STARTED).await;
    assert_eq!(scene.becomes(&first, "success").await, first, "untouched");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_08_an_id_that_is_a_path_is_refused() {
    let scene = Scene::new().await;
    for evil in ["../../x?y", "a/b", "..", "a\u{0}b", ""] {
        let run = scene.trigger_meets(json!({ "status": 200, "body": { "success": true, "executionId": evil } })).await;
        let run = scene.ends(&run, "unconfirmed", &MAY_HAVE_STARTED).await;
        assert_eq!(run.get("execution_id"), None, "{run}");
    }
    let polls = scene.app.ledger().await["counts"]["polls"].as_u64();
    assert_eq!(polls, Some(0), "nothing is asked under such an id");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_09_a_redirect_is_not_followed() {
    let elsewhere = Emulator::start(emulator::Config::default()).await.expect("a second host");
    let scene = Scene::new().await;
    for status in [301, 302, 307, 308] {
        let run = scene.trigger_meets(json!({ "status": status, "redirect": elsewhere.base_url() })).await;
        scene.ends(&run, "unconfirmed", &["The answer could not be understood as one of Codika's."]).await;
        scene.ends(&run, "unconfirmed", &MAY_HAVE_STARTED).await;
    }
    let ledger = scene.app.client.get(format!("{}/_emulator/ledger", elsewhere.base_url())).told().await.json();
    assert_eq!(ledger["counts"], json!({ "triggers": 0, "polls": 0 }), "the key stays here");
    assert_eq!(scene.triggers().await, 4);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_10_a_rejected_key_is_said_and_the_environment_is_flagged_until_it_works_again() {
    let scene = Scene::new().await;
    scene.app.add_member("max@example.com").await;
    let member = scene.app.log_in_as("max@example.com").await;
    let home = async |cookie: &str| scene.app.get("/dev").cookie(cookie).told().await.body;
    let flag = "Codika rejects the key of this environment";
    assert!(!home(&scene.me).await.contains(flag));
    for (status, says) in [
        (401, "Key rejected: Codika does not accept the key of this environment."),
        (403, "Key rejected: the key of this environment has no access to this workflow."),
    ] {
        let body = json!({ "success": false, "error": "Invalid API key" });
        let run = scene.trigger_meets(json!({ "status": status, "body": body })).await;
        scene.ends(&run, "rejected", &[says, "Nothing was started.", "dministrator has to"]).await;
        assert!(!scene.page(&run).await.contains("ck_DEMO"), "the key itself is nowhere");
        assert!(home(&scene.me).await.contains(flag), "administrators see it on the home page");
        assert!(!home(&member).await.contains(flag), "it is for administrators");
        let other = scene.app.get("/prod").cookie(&scene.me).told().await.body;
        assert!(!other.contains(flag), "of this environment");
        let works = scene.run().await;
        scene.becomes(&works, "success").await;
        assert!(!home(&scene.me).await.contains(flag), "a key that works again is not rejected");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_11_a_trigger_that_came_too_often_is_not_sent_again() {
    let scene = Scene::new().await;
    for wait in ["1", "Wed, 01 Jan 2025 00:00:00 GMT", "1000000000", "-3"] {
        let headers = json!({ "Retry-After": wait });
        let body = json!({ "success": false, "error": "slow down" });
        let run = scene.trigger_meets(json!({ "status": 429, "headers": headers, "body": body })).await;
        let says = ["Codika takes no more runs for the moment.", "Nothing was started. Wait a moment, then run again."];
        scene.ends(&run, "rejected", &says).await;
    }
    tokio::time::sleep(std::time::Duration::from_millis(1_500)).await;
    assert_eq!(scene.triggers().await, 4, "each was sent once, also after its wait was over");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_12_an_error_of_codikas_own_on_the_trigger_is_unconfirmed() {
    let scene = Scene::new().await;
    for status in [500, 502, 503, 504] {
        let run = scene.trigger_meets(json!({ "status": status, "body": "<h1>Bad gateway</h1>" })).await;
        scene.ends(&run, "unconfirmed", &["Codika answered with an error of its own."]).await;
        scene.ends(&run, "unconfirmed", &MAY_HAVE_STARTED).await;
    }
    assert_eq!(scene.triggers().await, 4);
    let listed = scene.app.get("/api/v1/runs?status=unconfirmed").bearer_auth(&scene.token).told().await.json();
    assert_eq!(listed["items"].as_array().map(Vec::len), Some(4));
    assert!(listed["items"].as_array().is_some_and(|runs| runs.iter().all(|run| id(run).len() == 26)));
}
