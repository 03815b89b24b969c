//! Somebody sets the machine's clock.

use codika::CallErrorKind;
use engine::{Limits, Problem};
use model::RunStatus;

use crate::support::{Status, World, call_error, problem, request, sleep, word};

const HOUR: i64 = 3_600_000;

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_changes_nothing_about_watching() {
    for jump in [HOUR, -HOUR] {
        let world = World::new().await;
        let id = world.run_to("k", RunStatus::Pending).await.summary.id;
        sleep(2).await;
        world.clock.jump(jump);
        sleep(20).await;
        assert_eq!(world.row(&id).await.summary.status, RunStatus::Pending, "{jump}");
        assert!((7..=9).contains(&world.upstream.polls()), "{} polls", world.upstream.polls());
        world.upstream.then(Status::Answer(Ok(word("success"))));
        let run = world.reaches(&id, RunStatus::Success).await.summary;
        assert!((20_000..30_000).contains(&run.duration_ms.expect("measured here")), "{run:?}");
        assert!(run.finished_at >= run.accepted_at, "{run:?}");
        let id = world.run_to("limit", RunStatus::Pending).await.summary.id;
        world.clock.jump(-jump);
        world.reaches(&id, RunStatus::Success).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_jumps_locks_nobody_out() {
    let world = World::with(Limits { runs_per_minute: 2, ..Limits::default() }).await;
    world.start("a").await;
    world.start("b").await;
    world.clock.jump(-HOUR);
    let refused = problem(world.try_start(&world.ann, request("c")).await);
    assert_eq!(refused, Problem::TooManyRuns { retry_after_s: 60 });
    sleep(60).await;
    world.start("c").await;
}

#[tokio::test(start_paused = true)]
async fn a_clock_that_was_set_while_nobody_ran_gives_up_no_run() {
    for jump in [HOUR, -HOUR] {
        let mut world = World::new().await;
        let id = world.run_to("k", RunStatus::Pending).await.summary.id;
        sleep(1).await;
        world.clock.jump(jump);
        world.crash().await;
        world.upstream.statuses([Status::Answer(Err(call_error(CallErrorKind::NotFound)))]);
        sleep(120).await;
        assert_eq!(world.row(&id).await.summary.status, RunStatus::Pending, "{jump}: it may not be registered yet");
        sleep(20 * 60).await;
        assert_eq!(world.row(&id).await.summary.status, RunStatus::Pending, "{jump}: its limit is half an hour");
        world.reaches(&id, RunStatus::Stalled).await;
    }
}
