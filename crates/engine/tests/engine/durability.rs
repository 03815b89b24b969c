//! Durable before acknowledged, and nobody's leaving changes what happens.

use std::time::Duration;

use model::RunStatus;
use tokio::time::Instant;

use crate::support::{Trigger, World, accepted, call_error, request, sleep};
use codika::CallErrorKind;

#[tokio::test(start_paused = true)]
async fn an_upstream_that_hangs_does_not_delay_the_answer() {
    let world = World::new().await;
    world.upstream.triggers([Trigger::After(Duration::from_secs(30), accepted("e"))]);
    world.upstream.then_done();
    let before = Instant::now();
    let id = world.start("k").await;
    assert_eq!(before.elapsed(), Duration::ZERO);
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Submitting, "it is stored by now");
    world.reaches(&id, RunStatus::Success).await;
    assert!(before.elapsed() > Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_list_of_workflows_that_hangs_does_not_delay_the_answer() {
    let world = World::new().await;
    world.upstream.slow(Duration::from_secs(30));
    for (key, later) in [("fresh", 1), ("stale", 61), ("in trouble", 5), ("still in trouble", 20)] {
        sleep(later).await;
        let before = Instant::now();
        let id = world.start(key).await;
        assert_eq!(before.elapsed(), Duration::ZERO, "{key}");
        world.engine.run(&world.ann, &id).await.expect("readable");
        assert_eq!(before.elapsed(), Duration::ZERO, "{key}: the run's page");
    }
    assert!(world.upstream.lists_read() >= 3, "it is asked again behind the scenes");
}

#[tokio::test(start_paused = true)]
async fn a_list_that_was_never_read_delays_one_answer_by_a_few_seconds_at_most() {
    let mut world = World::new().await;
    world.upstream.lists(Err(call_error(CallErrorKind::Server)), Err(call_error(CallErrorKind::Server)));
    world.upstream.slow(Duration::from_secs(30));
    world.crash().await;
    let before = Instant::now();
    world.start("first").await;
    assert!(before.elapsed() <= Duration::from_secs(4), "{:?}", before.elapsed());
    let before = Instant::now();
    world.start("second").await;
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_right_after_the_start_changes_nothing() {
    let world = World::new().await;
    world.upstream.then_done();
    let (engine, ann) = (world.engine.clone(), world.ann.clone());
    let caller = tokio::spawn(async move { engine.start_run(&ann, request("k")).await.expect("it starts") });
    let id = caller.await.expect("it answered").run.id;
    world.reaches(&id, RunStatus::Success).await;
}

#[tokio::test(start_paused = true)]
async fn a_caller_that_leaves_while_the_run_is_stored_changes_nothing() {
    let world = World::new().await;
    world.upstream.then_done();
    world.store.slow_creates(Duration::from_secs(1));
    let start = world.engine.start_run(&world.ann, request("k"));
    assert!(tokio::time::timeout(Duration::from_millis(500), start).await.is_err(), "it is still being stored");
    sleep(2).await;
    let again = world.try_start(&world.ann, request("k")).await.expect("it exists");
    assert!(!again.new);
    world.reaches(&again.run.id, RunStatus::Success).await;
    assert_eq!(world.upstream.triggered().len(), 1);
}
