//! How much and when Codika is asked, whatever there is to ask.

use std::{sync::Arc, time::Duration};

use codika::CallErrorKind;
use engine::{Limits, StartRun};
use model::{RunStatus, WatchNote};
use tokio::time::Instant;

use crate::support::{Script, Status, Trigger, World, accepted, call_error, done, pending, request, sleep, slug};

fn trouble(kind: CallErrorKind) -> Status {
    Status::Answer(Err(call_error(kind)))
}

async fn crowd(world: &World, size: usize) {
    for number in 0..size {
        world.run_to(&format!("crowd-{number}"), RunStatus::Pending).await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_rate_is_kept_and_a_young_run_does_not_wait_behind_a_crowd() {
    let limits = Limits { polls_per_second: 10, runs_per_minute: 1_000, ..Limits::default() };
    let world = World::with(limits).await;
    crowd(&world, 200).await;
    sleep(10).await;
    let before = world.upstream.polls();
    sleep(30).await;
    let polls = world.upstream.polls() - before;
    assert!((270..=310).contains(&polls), "{polls} in half a minute, where the rate is 300");
    sleep(80).await;
    let before = world.upstream.polls();
    sleep(60).await;
    let polls = world.upstream.polls() - before;
    assert!((250..=310).contains(&polls), "{polls} in a minute, where the older half of the rate is 300");
    let id = world.start("young").await;
    world.upstream.then_done();
    let start = Instant::now();
    world.reaches(&id, RunStatus::Success).await;
    assert!(start.elapsed() < Duration::from_secs(3), "after {:?}", start.elapsed());
}

#[tokio::test(start_paused = true)]
async fn a_pause_that_codika_asks_for_is_kept_by_every_run_of_the_environment() {
    let (dev, prod) = (Arc::new(Script::default()), Arc::new(Script::default()));
    let world = World::of(Limits::default(), vec![(slug("dev"), dev.clone()), (slug("prod"), prod.clone())]).await;
    crowd(&world, 10).await;
    let wait = Duration::from_secs(100);
    dev.statuses([trouble(CallErrorKind::RateLimited { retry_after: Some(wait) })]);
    sleep(4).await;
    let polls = dev.polls();
    let id = world.start("late").await;
    sleep(90).await;
    assert!(dev.polls() <= polls + 1, "{} more", dev.polls() - polls);
    let note = world.engine.run(&world.ann, &id).await.expect("readable").watch;
    assert!(matches!(note, Some(WatchNote::Limited { again_at }) if again_at > world.engine.now()), "{note:?}");
    let elsewhere = StartRun { environment: slug("prod"), ..request("k") };
    prod.then_done();
    let other = world.try_start(&world.ann, elsewhere).await.expect("it starts").run.id;
    world.reaches(&other, RunStatus::Success).await;
    sleep(10).await;
    assert!(dev.polls() >= polls + 10, "and then they all go on");
}

#[tokio::test(start_paused = true)]
async fn behaviour_12_and_13_trouble_is_said_with_the_time_of_the_next_question() {
    let world = World::new().await;
    world.upstream.statuses([trouble(CallErrorKind::NotFound), trouble(CallErrorKind::Server)]);
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    let note = async || world.engine.run(&world.ann, &id).await.expect("readable").watch;
    assert_eq!(note().await, None);
    sleep(2).await;
    assert_eq!(note().await, Some(WatchNote::Registering));
    sleep(2).await;
    let told = note().await;
    assert!(matches!(told, Some(WatchNote::Unavailable { again_at }) if again_at > world.engine.now()), "{told:?}");
    sleep(10).await;
    assert_eq!(note().await, None, "it answers again");
}

async fn home_says_outage(world: &World) -> bool {
    let notices = world.engine.catalog(&world.ann, &slug("dev")).await.expect("a list").notices;
    notices.iter().any(|notice| notice.title == "Codika is not answering" && notice.warning)
}

#[tokio::test(start_paused = true)]
async fn behaviour_22_an_outage_is_one_question_at_a_time_and_over_with_the_first_answer() {
    let world = World::with(Limits { runs_per_minute: 1_000, ..Limits::default() }).await;
    crowd(&world, 50).await;
    world.upstream.then(trouble(CallErrorKind::Unreachable));
    sleep(30).await;
    let id = world.run_to("waiting", RunStatus::Pending).await.summary.id;
    let outage = async || match world.engine.run(&world.ann, &id).await.expect("readable").watch {
        Some(WatchNote::Outage(outage)) => Some(outage),
        _ => None,
    };
    let first = outage().await.expect("it is known");
    assert!(home_says_outage(&world).await);
    assert!(first.since < first.again_at && first.since > world.engine.now() - 40_000, "{first:?}");
    let before = world.upstream.polls();
    sleep(600).await;
    let probes = world.upstream.polls() - before;
    assert!((8..=14).contains(&probes), "{probes} in ten minutes");
    sleep(24 * 60 * 60).await;
    let probes = world.upstream.polls() - before - probes;
    assert!((1_200..=1_500).contains(&probes), "{probes} in a day");
    assert_eq!(outage().await.expect("still").since, first.since);
    world.upstream.then(Status::Answer(Ok(pending())));
    sleep(70).await;
    assert_eq!(outage().await, None);
    assert!(!home_says_outage(&world).await);
    world.upstream.then_done();
    sleep(20).await;
    assert_eq!(world.engine.moving(&world.ann).await.expect("a number"), 0, "every run goes on");
}

#[tokio::test(start_paused = true)]
async fn one_run_whose_status_is_broken_does_not_close_the_environment_for_the_others() {
    let world = World::new().await;
    crowd(&world, 3).await;
    // Every second answer is an error.
    let answers =
        (0..200).map(|n| if n % 2 == 0 { trouble(CallErrorKind::Server) } else { Status::Answer(Ok(pending())) });
    world.upstream.statuses(answers);
    sleep(60).await;
    assert!(!home_says_outage(&world).await);
}

#[tokio::test(start_paused = true)]
async fn what_earlier_runs_took_decides_when_to_ask() {
    let world = World::new().await;
    let answer_after = async |key: &str, seconds: f64| {
        let id = world.run_to(key, RunStatus::Pending).await.summary.id;
        tokio::time::sleep(Duration::from_secs_f64(seconds)).await;
        let reply = codika::StatusReply { duration_ms: Some((seconds * 1_000.0) as u64), ..done("{}") };
        world.upstream.then(Status::Answer(Ok(reply)));
        let before = Instant::now();
        world.reaches(&id, RunStatus::Success).await;
        world.upstream.then(Status::Answer(Ok(pending())));
        before.elapsed().as_secs_f64()
    };
    let polls = world.upstream.polls();
    let mut unlearned = 0.0;
    for number in 0..20 {
        unlearned += answer_after(&format!("before-{number}"), 10.2 + 0.02 * f64::from(number)).await;
    }
    let (polls, before) = (world.upstream.polls() - polls, world.upstream.polls());
    let mut learned = 0.0;
    for number in 0..20 {
        learned += answer_after(&format!("after-{number}"), 10.2 + 0.02 * f64::from(number)).await;
    }
    assert!(learned < 6.0 && learned < unlearned, "{learned} s after {unlearned} s in 20 runs");
    let later = world.upstream.polls() - before;
    assert!(later < polls, "{later} questions after {polls}");
}

#[tokio::test(start_paused = true)]
async fn what_was_learned_survives_a_restart() {
    let mut world = World::new().await;
    for number in 0..8 {
        let id = world.run_to(&format!("before-{number}"), RunStatus::Pending).await.summary.id;
        sleep(40).await;
        let reply = codika::StatusReply { duration_ms: Some(40_000), ..done("{}") };
        world.upstream.then(Status::Answer(Ok(reply)));
        world.reaches(&id, RunStatus::Success).await;
        world.upstream.then(Status::Answer(Ok(pending())));
    }
    world.crash().await;
    world.run_to("after", RunStatus::Pending).await;
    let before = world.upstream.polls();
    sleep(30).await;
    assert!(world.upstream.polls() - before <= 2, "nothing ends that early: {}", world.upstream.polls() - before);
}

#[tokio::test(start_paused = true)]
async fn as_many_triggers_at_once_as_are_allowed_and_the_others_wait_for_their_turn() {
    let (dev, prod) = (Arc::new(Script::default()), Arc::new(Script::default()));
    let limits = Limits { sends: 3, ..Limits::default() };
    let world = World::of(limits, vec![(slug("dev"), dev.clone()), (slug("prod"), prod.clone())]).await;
    dev.triggers((0..6).map(|n| Trigger::After(Duration::from_secs(30), accepted(&format!("slow-{n}")))));
    let mut ids = Vec::new();
    for number in 0..7 {
        ids.push(world.start(&number.to_string()).await);
    }
    sleep(20).await;
    assert_eq!(dev.triggered().len(), 3);
    world.try_start(&world.ann, StartRun { environment: slug("prod"), ..request("k") }).await.expect("it starts");
    sleep(1).await;
    assert_eq!(prod.triggered().len(), 1, "another environment does not wait");
    sleep(20).await;
    assert_eq!(dev.triggered().len(), 6);
    sleep(60).await;
    assert_eq!(dev.triggered().len(), 7);
    for id in ids {
        assert_eq!(world.row(&id).await.summary.status, RunStatus::Pending);
    }
}

#[tokio::test(start_paused = true)]
async fn no_more_results_wait_for_the_database_than_questions_may_be_under_way() {
    let world = World::with(Limits { polls: 2, ..Limits::default() }).await;
    crowd(&world, 10).await;
    world.upstream.then_done();
    let before = world.upstream.polls();
    world.store.slow_applies(Duration::from_secs(300));
    sleep(200).await;
    assert_eq!(world.upstream.polls() - before, 2);
}
