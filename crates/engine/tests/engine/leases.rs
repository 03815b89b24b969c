use std::time::Duration;

use engine::Limits;

use crate::support::{Status, World, pending, sleep};

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
