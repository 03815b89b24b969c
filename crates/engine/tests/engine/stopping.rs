use std::time::Duration;

use engine::{EngineError, Limits};
use model::{ErrorKind, RunStatus};
use tokio::time::Instant;

use crate::support::{Fault, Status, Trigger, World, accepted, request, sleep};

const GRACE: Duration = Duration::from_secs(8);
const STORING: Duration = Duration::from_secs(1);

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_during_the_grace_is_stored() {
    let mut world = World::new().await;
    world.upstream.triggers([Trigger::After(Duration::from_secs(5), accepted("e"))]);
    let id = world.start("k").await;
    sleep(1).await;
    let before = Instant::now();
    world.engine.stop(GRACE, STORING).await;
    assert_eq!(before.elapsed().as_secs(), 4, "no longer than needed");
    let row = world.row(&id).await;
    assert_eq!((row.summary.status, row.summary.execution_id.as_deref()), (RunStatus::Pending, Some("e")));
    world.upstream.then_done();
    world.crash().await;
    world.reaches(&id, RunStatus::Success).await;
    assert_eq!(world.upstream.triggered().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn an_answer_is_stored_also_when_the_database_is_away_for_a_part_of_the_grace() {
    let world = World::new().await;
    world.upstream.triggers([Trigger::After(Duration::from_secs(2), accepted("e"))]);
    let id = world.start("k").await;
    sleep(1).await;
    world.store.fail_applies([Fault::Refused; 5]);
    world.engine.stop(GRACE, STORING).await;
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Pending);
}

#[tokio::test(start_paused = true)]
async fn what_has_no_answer_by_the_end_of_the_grace_is_stored_as_one_that_may_have_started() {
    let world = World::new().await;
    world.upstream.triggers([Trigger::Hang]);
    let id = world.start("k").await;
    sleep(1).await;
    let before = Instant::now();
    world.engine.stop(GRACE, STORING).await;
    assert_eq!(before.elapsed(), GRACE);
    // Without a next start.
    let row = world.row(&id).await;
    assert_eq!(row.summary.status, RunStatus::Unconfirmed);
    assert_eq!(row.summary.error.map(|error| error.kind), Some(ErrorKind::Interrupted));
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_the_database_gives_up_with_the_grace() {
    let world = World::new().await;
    world.start("k").await;
    world.store.fail_applies([Fault::Refused; 1_000]);
    sleep(30).await;
    world.engine.stop(GRACE, STORING).await;
    sleep(1).await;
    let left = world.store.faults_left();
    sleep(600).await;
    assert_eq!(world.store.faults_left(), left);
}

#[tokio::test(start_paused = true)]
async fn watching_stops_at_once_and_goes_on_after_the_next_start() {
    let mut world = World::new().await;
    world.upstream.statuses([Status::Hang]);
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    sleep(5).await;
    let before = Instant::now();
    world.engine.stop(GRACE, STORING).await;
    assert_eq!(before.elapsed(), Duration::ZERO, "a question is not waited for");
    let polls = world.upstream.polls();
    sleep(60).await;
    assert_eq!(world.upstream.polls(), polls);
    world.upstream.then_done();
    world.crash().await;
    world.reaches(&id, RunStatus::Success).await;
}

#[tokio::test(start_paused = true)]
async fn a_stopping_engine_starts_nothing_that_it_cannot_end() {
    let world = World::new().await;
    world.engine.stop(GRACE, STORING).await;
    let refused = world.try_start(&world.ann, request("k")).await;
    assert!(matches!(refused, Err(EngineError::Internal(_))), "{refused:?}");
    assert_eq!((world.count().await, world.upstream.triggered().len()), (0, 0));
}

#[tokio::test(start_paused = true)]
async fn what_was_never_begun_is_not_sent() {
    let world = World::with(Limits { sends: 1, ..Limits::default() }).await;
    world.upstream.triggers([Trigger::Hang]);
    let under_way = world.start("under way").await;
    let waiting = world.start("waiting").await;
    sleep(1).await;
    let before = Instant::now();
    world.engine.stop(GRACE, STORING).await;
    assert_eq!(before.elapsed(), GRACE);
    assert_eq!(world.row(&under_way).await.summary.status, RunStatus::Unconfirmed);
    assert_eq!(world.row(&waiting).await.summary.status, RunStatus::NotSent);
    assert_eq!(world.upstream.triggered().len(), 1);

    let world = World::new().await;
    world.upstream.hesitates(Duration::from_secs(15), Duration::ZERO);
    let preparing = world.start("k").await;
    sleep(1).await;
    world.engine.stop(GRACE, STORING).await;
    assert_eq!(world.row(&preparing).await.summary.status, RunStatus::NotSent);
    sleep(60).await;
    assert_eq!(world.upstream.triggered().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stop_that_can_store_nothing_takes_no_longer() {
    let mut world = World::new().await;
    world.upstream.triggers([Trigger::Hang]);
    let id = world.start("k").await;
    sleep(1).await;
    world.store.fail_applies([Fault::Refused; 1_000]);
    let before = Instant::now();
    world.engine.stop(GRACE, STORING).await;
    assert_eq!(before.elapsed(), GRACE + STORING);
    sleep(1).await;
    world.store.heal();
    world.crash().await;
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Unconfirmed, "the next start does it");
}
