use std::time::Duration;

use engine::{
    Limits,
    store::{ClaimScope, LeaseStore, ReplicaId},
};
use model::RunStatus;
use tokio::time::Instant;

use crate::support::{Status, World, pending, request, sleep};

#[tokio::test(start_paused = true)]
async fn a_question_that_waited_for_its_turn_is_not_asked_when_the_lease_is_over() {
    let world = World::shared(Limits { polls: 1, ..Limits::default() }).await;
    world.upstream.statuses([Status::After(Duration::from_secs(20), pending())]);
    world.start("one").await;
    world.start("other").await;
    sleep(3).await;
    assert_eq!(world.upstream.polls(), 1, "one is asked about, the other waits");
    // Longer than a lease: another replica may ask now.
    world.store.cut_off(true);
    sleep(60).await;
    assert_eq!(world.upstream.polls(), 1);
    world.store.cut_off(false);
    sleep(10).await;
    assert!(world.upstream.polls() > 2, "{} questions", world.upstream.polls());
}

#[tokio::test(start_paused = true)]
async fn after_a_lease_was_over_nothing_is_asked_before_the_database_says_whose_the_run_is() {
    let world = World::shared(Limits::default()).await;
    world.start("one").await;
    sleep(3).await;
    world.store.cut_off(true);
    sleep(10).await;
    let before = world.upstream.polls();
    assert!(before > 0);
    // There is a lease again. Another replica may have taken the run meanwhile, and nobody can say so.
    world.store.unreadable(true);
    world.store.cut_off(false);
    sleep(20).await;
    assert_eq!(world.upstream.polls(), before);
    world.store.unreadable(false);
    sleep(5).await;
    assert!(world.upstream.polls() > before);
}

#[tokio::test(start_paused = true)]
async fn what_takes_long_before_a_send_comes_before_the_look_at_the_lease() {
    let world = World::shared(Limits::default()).await;
    world.upstream.hesitates(Duration::from_secs(15), Duration::ZERO);
    let id = world.start("k").await;
    // Its lease ends meanwhile; another replica takes the run, which so becomes one that may have started.
    world.store.cut_off(true);
    sleep(10).await;
    let taken = world.store.claim(&ReplicaId::new("another"), ClaimScope::Expired, 10).await.expect("claimed");
    assert_eq!(taken.len(), 1);
    sleep(60).await;
    assert_eq!(world.upstream.triggered().len(), 0);
    world.store.cut_off(false);
    sleep(60).await;
    assert_eq!(world.upstream.triggered().len(), 0);
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Unconfirmed);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_others_had_while_its_send_was_prepared_is_not_sent_with_the_next_lease() {
    let world = World::shared(Limits::default()).await;
    world.upstream.hesitates(Duration::from_secs(30), Duration::ZERO);
    world.start("k").await;
    world.store.cut_off(true);
    sleep(10).await;
    world.store.claim(&ReplicaId::new("another"), ClaimScope::Expired, 10).await.expect("claimed");
    // There is a lease again when the send is ready.
    world.store.cut_off(false);
    sleep(60).await;
    assert_eq!(world.upstream.triggered().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_send_that_could_come_after_the_end_of_the_lease_waits_for_a_longer_one() {
    let world = World::shared(Limits::default()).await;
    world.upstream.hesitates(Duration::ZERO, Duration::from_secs(3));
    world.store.cut_off(true);
    sleep(4).await;
    // About two seconds are left.
    let before = Instant::now();
    world.start("k").await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(world.upstream.triggered().len(), 0);
    world.store.cut_off(false);
    sleep(2).await;
    assert_eq!(world.upstream.triggered().len(), 1, "after {:?}", before.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_search_for_runs_to_take_over_that_takes_long_costs_no_lease() {
    let world = World::shared(Limits::default()).await;
    world.store.slow_claims(Duration::from_secs(600));
    world.start("one").await;
    sleep(30).await;
    let before = world.upstream.polls();
    sleep(120).await;
    assert!(world.upstream.polls() > before, "the lease was renewed all the time");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_taken_over_without_a_lease() {
    let world = World::shared(Limits::default()).await;
    sleep(10).await;
    assert!(world.store.claims() > 3);
    world.store.cut_off(true);
    sleep(10).await;
    let before = world.store.claims();
    sleep(60).await;
    assert_eq!(world.store.claims(), before);
    world.store.cut_off(false);
    sleep(10).await;
    assert!(world.store.claims() > before);
}

#[tokio::test(start_paused = true)]
async fn what_is_stored_after_the_farewell_is_not_sent() {
    let world = World::shared(Limits::default()).await;
    world.store.slow_creates(Duration::from_secs(1));
    let (engine, ann) = (world.engine.clone(), world.ann.clone());
    let start = tokio::spawn(async move { engine.start_run(&ann, request("late")).await });
    tokio::time::sleep(Duration::from_millis(100)).await;
    world.engine.stop(Duration::ZERO, Duration::ZERO).await;
    start.await.expect("it ends").expect("it is stored");
    sleep(60).await;
    assert_eq!(world.upstream.triggered().len(), 0, "others may have taken it already");
}
