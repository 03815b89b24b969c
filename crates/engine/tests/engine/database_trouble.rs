//! The database goes away at the worst moments.

use codika::{NotSentReason, TriggerOutcome};
use model::RunStatus;

use crate::support::{Fault, Trigger, World, accepted, sleep};

#[tokio::test(start_paused = true)]
async fn an_outcome_is_kept_until_the_database_takes_it() {
    let world = World::new().await;
    world.store.fail_applies([Fault::Refused; 12]);
    world.upstream.then_done();
    let row = world.run_to("k", RunStatus::Success).await;
    assert_eq!(row.summary.execution_id.as_deref(), Some("exec-1"));
    assert_eq!((world.store.faults_left(), world.upstream.triggered().len()), (0, 1));
}

#[tokio::test(start_paused = true)]
async fn every_kind_of_outcome_is_kept() {
    let world = World::new().await;
    world.upstream.trigger(TriggerOutcome::NotSent { reason: NotSentReason::Dns, detail: String::new() });
    world.store.fail_applies([Fault::Refused; 3]);
    world.run_to("a", RunStatus::NotSent).await;
    world.upstream.triggers([Trigger::Answer(accepted("same")), Trigger::Answer(accepted("same"))]);
    world.run_to("b", RunStatus::Pending).await;
    world.store.fail_applies([Fault::Refused; 3]);
    world.run_to("c", RunStatus::Unconfirmed).await;
}

#[tokio::test(start_paused = true)]
async fn an_outcome_that_was_stored_after_all_is_watched() {
    let world = World::new().await;
    world.store.fail_applies([Fault::AnswerLost]);
    world.upstream.then_done();
    let id = world.run_to("k", RunStatus::Success).await.summary.id;
    assert_eq!(world.events(&id).await.len(), 3, "nothing is told twice");
}

#[tokio::test(start_paused = true)]
async fn the_end_of_a_run_is_stored_when_the_database_is_back() {
    let world = World::new().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    world.store.fail_applies([Fault::Refused, Fault::Refused, Fault::Panic, Fault::Refused]);
    world.upstream.then_done();
    let row = world.reaches(&id, RunStatus::Success).await;
    assert_eq!((world.store.faults_left(), row.result_bytes), (0, Some(16)));
}

#[tokio::test(start_paused = true)]
async fn an_end_that_was_stored_after_all_ends_watching() {
    let world = World::new().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    world.store.fail_applies([Fault::AnswerLost]);
    world.upstream.then_done();
    sleep(20).await;
    let row = world.row(&id).await;
    assert_eq!((row.summary.status, row.seq), (RunStatus::Success, 3));
    let polls = world.upstream.polls();
    sleep(600).await;
    assert_eq!(world.upstream.polls(), polls);
}

#[tokio::test(start_paused = true)]
async fn a_step_that_was_not_stored_is_not_acknowledged() {
    let world = World::new().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    world.store.fail_applies([Fault::Refused]);
    assert!(world.engine.stop_watching(&world.ann, &id).await.is_err());
    world.upstream.then_done();
    world.reaches(&id, RunStatus::Success).await;
}
