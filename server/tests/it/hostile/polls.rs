//! What the question for the end meets.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Told, id};

use super::Scene;

fn reports(status: &str) -> Value {
    json!({ "success": true, "execution": { "executionId": "{{executionId}}", "status": status } })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_14_an_unknown_status_word_is_shown_as_it_is_and_watching_goes_on() {
    let scene = Scene::new().await;
    let word = "almost <b>done</b>";
    scene.app.fault(json!({ "endpoint": "status", "next": 2, "body": reports(word) })).await;
    let run = scene.run().await;
    scene.becomes(&run, "success").await;
    let events = scene.tab(&run, "events").await;
    let says = "Codika reports the status “almost &lt;b&gt;done&lt;/b&gt;”.";
    assert_eq!(events.matches(says).count(), 1, "once while it stays the same: {events}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_15_success_stays_whatever_codika_says_later() {
    let scene = Scene::new().await;
    let run = scene.run().await;
    let done = scene.becomes(&run, "success").await;
    scene.app.fault(json!({ "endpoint": "status", "always": true, "body": reports("running") })).await;
    let polls = async || scene.app.ledger().await["counts"]["polls"].as_u64().expect("a count");
    let before = polls().await;
    // A person who insists is shown the run as it is, and nobody is asked.
    let path = format!("/runs/{}", id(&run));
    let insists = scene.app.form(&path, &[("act", "look_again")]).cookie(&scene.me).told().await;
    assert_eq!((insists.status, insists.location()), (303, &*path));
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(polls().await, before, "a run at its end is not asked about");
    assert_eq!(scene.becomes(&run, "success").await, done);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behaviour_21_an_answer_that_drips_ends_at_its_deadline_and_holds_up_nobody() {
    let scene = Scene::hurried().await;
    scene.app.fault(json!({ "endpoint": "status", "next": 1, "drip": 1_000 })).await;
    let slow = scene.run().await;
    scene.becomes(&slow, "pending").await;
    let started = Instant::now();
    let others = [scene.run().await, scene.run().await, scene.run().await];
    for run in &others {
        scene.becomes(run, "success").await;
    }
    assert!(started.elapsed() < Duration::from_secs(6), "{:?}", started.elapsed());
    scene.becomes(&slow, "success").await;
}
