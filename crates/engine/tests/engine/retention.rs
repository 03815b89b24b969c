use std::time::Duration;

use engine::{Limits, Retention};
use model::RunStatus;

use crate::support::{Status, World, done};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

#[tokio::test(start_paused = true)]
async fn results_and_events_go_at_their_own_age_and_the_run_stays() {
    let world = World::new().await;
    world.upstream.statuses([Status::Answer(Ok(done("{\"n\":1}")))]);
    let row = world.run_to("k", RunStatus::Success).await;
    let id = row.summary.id.clone();
    let keep = Retention { results: Some(DAY * 3), events: Some(DAY * 5) };
    let look = async || {
        world.engine.remove_old(keep).await.expect("the database works");
        let run = world.engine.run(&world.ann, &id).await.expect("the run stays");
        assert_eq!((run.summary, run.result_bytes), (row.summary.clone(), Some(7)));
        (run.result.is_some(), run.events.len())
    };
    assert_eq!(look().await, (true, 3));
    world.clock.jump(DAY_MS * 3 - 1000);
    assert_eq!(look().await, (true, 3));
    world.clock.jump(2000);
    assert_eq!(look().await, (false, 3));
    world.clock.jump(DAY_MS * 2);
    assert_eq!(look().await, (false, 0));

    let again = world.engine.start_run(&world.ann, crate::support::request("k")).await.expect("an answer");
    assert!(!again.new && again.run.id == id, "its key is as long-lived as the run");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_removed_where_everything_is_kept() {
    let world = World::new().await;
    world.upstream.statuses([Status::Answer(Ok(done("{}")))]);
    let id = world.run_to("k", RunStatus::Success).await.summary.id;
    world.clock.jump(DAY_MS * 10_000);
    world.engine.remove_old(Retention { results: None, events: None }).await.expect("the database works");
    let run = world.engine.run(&world.ann, &id).await.expect("readable");
    assert_eq!((run.result.is_some(), run.events.len()), (true, 3));
}

#[tokio::test(start_paused = true)]
async fn more_than_one_batch_goes_in_one_call() {
    let world = World::with(Limits { runs_per_minute: 1_000, ..Limits::default() }).await;
    let mut ids = Vec::new();
    for number in 0..250 {
        world.upstream.then(Status::Answer(Ok(done("{}"))));
        ids.push(world.run_to(&format!("k{number}"), RunStatus::Success).await.summary.id);
    }
    world.clock.jump(DAY_MS * 2);
    world.engine.remove_old(Retention { results: Some(DAY), events: None }).await.expect("the database works");
    for id in ids {
        assert_eq!(world.engine.run_result(&world.ann, &id).await.expect("readable"), None);
    }
}
