use std::{sync::Arc, time::Duration};

use codika::{NotSentReason, TriggerOutcome};
use engine::Problem;
use model::{ErrorKind, RunStatus};

use crate::support::{Script, Trigger, World, accepted, problem, sleep, slug};

#[tokio::test(start_paused = true)]
async fn what_was_being_sent_may_have_started_and_is_never_sent_again() {
    let mut world = World::new().await;
    world.upstream.triggers([Trigger::Hang]);
    let id = world.start("k").await;
    sleep(1).await;
    world.crash().await;
    let row = world.row(&id).await;
    assert_eq!(row.summary.status, RunStatus::Unconfirmed);
    assert_eq!(row.summary.error.map(|error| error.kind), Some(ErrorKind::Interrupted));
    sleep(3600).await;
    world.crash().await;
    assert_eq!(world.upstream.triggered().len(), 1);
    assert_eq!(world.events(&id).await.len(), 2, "a second restart has nothing to say");
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_stored_while_the_next_process_starts_is_watched() {
    let mut world = World::new().await;
    world.upstream.then_done();
    let mut ids = Vec::new();
    for number in 0..50 {
        ids.push(world.start(&number.to_string()).await);
    }
    world.crash().await;
    sleep(60).await;
    for id in ids {
        let status = world.row(&id).await.summary.status;
        assert!(matches!(status, RunStatus::Success | RunStatus::Unconfirmed), "{status:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_pending_is_watched_again() {
    let mut world = World::new().await;
    let mut ids = Vec::new();
    for number in 0..40 {
        ids.push(world.run_to(&number.to_string(), RunStatus::Pending).await.summary.id);
    }
    world.crash().await;
    world.upstream.then_done();
    sleep(10).await;
    for id in ids {
        assert_eq!(world.row(&id).await.summary.status, RunStatus::Success);
    }
    assert_eq!(world.upstream.triggered().len(), 40);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_after_the_run_has_moved_on_writes_nothing() {
    let mut world = World::new().await;
    world.upstream.triggers([Trigger::After(Duration::from_secs(20), accepted("late"))]);
    let id = world.start("k").await;
    sleep(1).await;
    world.crash().await;
    let before = world.row(&id).await;
    assert_eq!(before.summary.status, RunStatus::Unconfirmed);
    sleep(60).await;
    assert_eq!(world.row(&id).await, before);
    assert_eq!(world.events(&id).await.len(), 2);
    assert_eq!(world.upstream.polls(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_answer_to_an_older_attempt_writes_nothing() {
    let mut world = World::new().await;
    world.upstream.triggers([Trigger::After(Duration::from_secs(20), accepted("late")), Trigger::Hang]);
    let id = world.start("k").await;
    sleep(1).await;
    world.crash().await;
    world.engine.mark_not_started(&world.ann, &id).await.expect("a person's word");
    world.engine.send_again(&world.ann, &id).await.expect("a second attempt");
    let before = world.row(&id).await;
    assert_eq!((before.summary.status, before.epoch), (RunStatus::Submitting, 2));
    sleep(60).await;
    assert_eq!(world.row(&id).await, before);
}

#[tokio::test(start_paused = true)]
async fn a_run_of_an_environment_that_is_gone_is_stalled_and_can_be_resumed() {
    let mut world = World::new().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    let upstream = world.upstream.clone();
    world.crash_into(vec![(slug("prod"), upstream.clone())]).await;
    let row = world.reaches(&id, RunStatus::Stalled).await;
    let error = row.summary.error.expect("a reason");
    assert!(error.message.contains("dev"), "{}", error.message);
    let refused = problem(world.engine.resume_watching(&world.ann, &id).await);
    assert_eq!(refused, Problem::NoSuchEnvironment("dev".to_owned()));
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Stalled);
    upstream.then_done();
    world.crash_into(vec![(slug("dev"), upstream)]).await;
    world.engine.resume_watching(&world.ann, &id).await.expect("it is watched");
    world.reaches(&id, RunStatus::Success).await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_to_an_environment_that_is_gone() {
    let mut world = World::new().await;
    world.upstream.trigger(TriggerOutcome::NotSent { reason: NotSentReason::Dns, detail: String::new() });
    let before = world.run_to("k", RunStatus::NotSent).await;
    world.crash_into(vec![(slug("prod"), Arc::new(Script::default()))]).await;
    let refused = problem(world.engine.send_again(&world.ann, &before.summary.id).await);
    assert_eq!(refused, Problem::NoSuchEnvironment("dev".to_owned()));
    assert_eq!(world.row(&before.summary.id).await, before, "it can be sent when the environment is back");
}
