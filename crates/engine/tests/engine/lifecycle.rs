use std::time::Duration;

use bytes::Bytes;
use codika::{StatusReply, wire::ErrorDetails};
use model::{ErrorKind, EventKind, RunStatus};
use serde_json::json;

use crate::support::{Status, World, done, pending, word};

#[tokio::test(start_paused = true)]
async fn accepted_watched_and_successful() {
    let world = World::new().await;
    let raw = "{ \"summary\": \"h\\u0000i\",\n \"n\": 1e400 }";
    world.upstream.statuses([Status::Answer(Ok(pending())), Status::Answer(Ok(done(raw)))]);
    let mut live = world.engine.events();

    let id = world.start("k").await;
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Submitting, "the answer does not wait for Codika");
    let row = world.reaches(&id, RunStatus::Success).await;

    assert_eq!(world.upstream.triggered(), [json!({"text": "hello"})]);
    assert_eq!(world.upstream.polls(), 2);
    assert_eq!(row.summary.execution_id.as_deref(), Some("exec-1"));
    assert_eq!(row.summary.duration_ms, Some(1234));
    assert_eq!(row.summary.error, None);
    let finished = row.summary.finished_at.expect("it is finished");
    assert!(finished >= row.summary.accepted_at.expect("it was accepted"));
    let stored = world.engine.run_result(&world.ann, &id).await.expect("readable");
    assert_eq!(stored.as_deref(), Some(raw.as_bytes()), "byte for byte");
    let kinds: Vec<EventKind> = world.events(&id).await.into_iter().map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Submitted, EventKind::Accepted, EventKind::Succeeded]);
    for (seq, kind) in (1..).zip(kinds) {
        let event = live.recv().await.expect("announced");
        assert_eq!((event.seq, event.kind, event.run.id), (seq, kind, id.clone()));
    }
    let run = world.engine.run(&world.ann, &id).await.expect("readable");
    assert_eq!((run.input, run.result_bytes), (json!({"text": "hello"}), Some(raw.len() as u64)));
    assert!(run.result.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_failed_run_says_what_codika_said() {
    let world = World::new().await;
    let details = ErrorDetails {
        message: Some("The sheet is empty.".to_owned()),
        kind: Some("validation_error".to_owned()),
        code: Some("E42".to_owned()),
        failed_node_name: Some("Read sheet".to_owned()),
        ..ErrorDetails::default()
    };
    let failed =
        StatusReply { error_details: Some(details), result: Some(Bytes::from_static(b"{}")), ..word("failed") };
    world.upstream.then(Status::Answer(Ok(failed)));
    let row = world.run_to("k", RunStatus::Failed).await;
    let error = row.summary.error.expect("a reason");
    assert_eq!(error.kind, ErrorKind::WorkflowFailed);
    assert_eq!(error.message, "The sheet is empty.");
    assert_eq!(error.failed_node.as_deref(), Some("Read sheet"));
    assert!(error.hint.contains("input"), "{}", error.hint);
    assert!(error.detail.is_some_and(|detail| detail.contains("E42")));
    assert_eq!(row.result_bytes, Some(2), "what a failed run produced is kept");
    let took = row.summary.duration_ms.expect("measured here");
    assert!((900..5_000).contains(&took), "{took} ms from acceptance to the answer");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_has_ended_is_not_asked_about_again() {
    let world = World::new().await;
    world.upstream.then_done();
    world.run_to("k", RunStatus::Success).await;
    let polls = world.upstream.polls();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert_eq!((world.upstream.polls(), world.upstream.triggered().len()), (polls, 1));
}

#[tokio::test(start_paused = true)]
async fn readers_of_a_large_result_share_its_bytes_while_they_have_them() {
    let world = World::new().await;
    let raw = format!("{{\"text\":\"{}\"}}", "x".repeat(1_000_000));
    world.upstream.statuses([Status::Answer(Ok(done(&raw)))]);
    let id = world.start("k").await;
    world.reaches(&id, RunStatus::Success).await;
    let read = async || world.engine.run_result(&world.ann, &id).await.expect("readable").expect("kept");
    let (one, other) = (read().await, read().await);
    assert_eq!(one.as_ptr(), other.as_ptr());
    assert_eq!(&*one, raw.as_bytes());
    assert!(world.engine.run(&world.ann, &id).await.is_ok_and(|run| run.result.is_some()));
}
