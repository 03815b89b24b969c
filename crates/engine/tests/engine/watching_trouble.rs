//! What trouble with the status call means: never that the run failed.

use std::time::Duration;

use codika::{CallError, CallErrorKind};
use engine::Limits;
use model::{ErrorKind, RunStatus, WatchNote};

use crate::support::{Status, World, call_error, done, sleep};

fn trouble(kind: CallErrorKind) -> Status {
    Status::Answer(Err(call_error(kind)))
}

/// An error page that is not from the platform itself.
fn proxy_page(kind: CallErrorKind) -> Status {
    Status::Answer(Err(CallError { from_api: false, ..call_error(kind) }))
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_is_not_registered_yet_is_waited_for() {
    let world = World::new().await;
    world.upstream.statuses(std::iter::repeat_n(trouble(CallErrorKind::NotFound), 4));
    world.upstream.then_done();
    let row = world.run_to("k", RunStatus::Success).await;
    assert_eq!(row.summary.error, None);
    assert_eq!(world.upstream.polls(), 5);
}

#[tokio::test(start_paused = true)]
async fn an_execution_that_stays_unknown_stalls() {
    let world = World::new().await;
    world.upstream.then(trouble(CallErrorKind::NotFound));
    let row = world.run_to("k", RunStatus::Stalled).await;
    let error = row.summary.error.expect("a reason");
    assert_eq!((error.kind, error.request_id.as_deref()), (ErrorKind::UnknownExecution, Some("req-1")));
    let last = world.events(&row.summary.id).await.pop().expect("an event");
    let after = last.at - row.summary.accepted_at.expect("it was accepted");
    assert!((15_000..30_000).contains(&after), "after {after} ms");
}

#[tokio::test(start_paused = true)]
async fn a_run_waits_while_its_key_is_refused() {
    let world = World::new().await;
    world.upstream.statuses([trouble(CallErrorKind::KeyRejected), Status::Answer(Ok(done("{}")))]);
    world.run_to("a", RunStatus::Success).await;
    for (key, kind) in [("b", CallErrorKind::KeyRejected), ("c", CallErrorKind::Forbidden)] {
        world.upstream.then(trouble(kind));
        let id = world.run_to(key, RunStatus::Pending).await.summary.id;
        tokio::time::sleep(Duration::from_secs(24 * 60 * 60)).await;
        assert_eq!(world.row(&id).await.summary.status, RunStatus::Pending, "beyond the limit too");
        let run = world.engine.run(&world.ann, &id).await.expect("readable");
        assert_eq!(run.watch, Some(WatchNote::KeyRefused));
        world.upstream.then_done();
        let row = world.reaches(&id, RunStatus::Success).await;
        assert_eq!(row.summary.error, None);
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_never_accepted_again_is_given_up_after_a_week() {
    for (kind, reason) in
        [(CallErrorKind::KeyRejected, ErrorKind::KeyRejected), (CallErrorKind::Forbidden, ErrorKind::NoAccess)]
    {
        let world = World::new().await;
        world.upstream.then(trouble(kind));
        let id = world.start("k").await;
        sleep(8 * 24 * 60 * 60).await;
        let row = world.reaches(&id, RunStatus::Stalled).await;
        assert_eq!(row.summary.error.map(|error| error.kind), Some(reason));
        let last = world.events(&row.summary.id).await.pop().expect("an event");
        let after = last.at - row.summary.accepted_at.expect("it was accepted");
        assert!(after > 7 * 24 * 60 * 60 * 1000, "after {after} ms");
    }
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_gone_stalls_at_once() {
    let world = World::new().await;
    world.upstream.then(trouble(CallErrorKind::KeyMissing));
    let row = world.run_to("k", RunStatus::Stalled).await;
    assert_eq!(row.summary.error.map(|error| error.kind), Some(ErrorKind::KeyRejected));
    assert_eq!(world.upstream.polls(), 1);
}

#[tokio::test(start_paused = true)]
async fn pages_of_proxies_say_nothing_about_keys_and_executions() {
    let world = World::new().await;
    let kinds = [CallErrorKind::KeyRejected, CallErrorKind::Forbidden, CallErrorKind::NotFound];
    world.upstream.statuses(kinds.into_iter().cycle().take(30).map(proxy_page));
    world.upstream.then_done();
    world.run_to("k", RunStatus::Success).await;
    assert_eq!(world.upstream.polls(), 31);
}

#[tokio::test(start_paused = true)]
async fn an_upstream_that_is_down_never_fails_a_run() {
    use CallErrorKind as K;
    let world = World::new().await;
    let kinds = [
        K::Server,
        K::Timeout,
        K::Unreachable,
        K::Tls,
        K::NotJson,
        K::Protocol,
        K::Refused,
        K::Inactive,
        K::RateLimited { retry_after: None },
    ];
    world.upstream.statuses(kinds.into_iter().cycle().take(90).map(trouble));
    world.upstream.then_done();
    let row = world.run_to("k", RunStatus::Success).await;
    assert_eq!(row.summary.error, None);
    let pauses = world.upstream.pauses();
    assert!(pauses[..4].is_sorted(), "it asks less and less often: {pauses:?}");
    assert!(pauses.iter().all(|pause| (1_000..=70_000).contains(pause)), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn who_only_gets_refusals_goes_on_asking_every_ten_seconds() {
    let world = World::new().await;
    world.upstream.statuses(std::iter::repeat_n(trouble(CallErrorKind::Inactive), 20));
    world.upstream.then_done();
    world.run_to("k", RunStatus::Success).await;
    let pauses = world.upstream.pauses();
    assert!(pauses[6..].iter().all(|pause| (10_000..11_100).contains(pause)), "{pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn a_silence_longer_than_the_limit_is_waited_out() {
    let world = World::with(Limits { watch: Duration::from_secs(600), ..Limits::default() }).await;
    world.upstream.then(trouble(CallErrorKind::Server));
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    sleep(7_200).await;
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Pending, "nobody has said anything about it");
    assert!(world.upstream.polls() < 140, "no storm: {}", world.upstream.polls());
    world.upstream.then_done();
    world.reaches(&id, RunStatus::Success).await;

    world.upstream.then(trouble(CallErrorKind::Server));
    let id = world.run_to("late", RunStatus::Pending).await.summary.id;
    sleep(7_200).await;
    world.upstream.then(Status::Answer(Ok(crate::support::pending())));
    let row = world.reaches(&id, RunStatus::Stalled).await;
    assert_eq!(row.summary.error.map(|error| error.kind), Some(ErrorKind::WatchLimit), "still running after its limit");
}

#[tokio::test(start_paused = true)]
async fn a_silence_of_more_than_a_week_is_not_waited_out() {
    let world = World::new().await;
    world.upstream.then(trouble(CallErrorKind::Unreachable));
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    sleep(7 * 24 * 3_600).await;
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Pending);
    sleep(2 * 3_600).await;
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Stalled);
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honoured() {
    let world = World::new().await;
    let wait = |seconds| trouble(CallErrorKind::RateLimited { retry_after: Some(Duration::from_secs(seconds)) });
    world.upstream.statuses([wait(47), wait(300), wait(0)]);
    world.upstream.then_done();
    world.run_to("k", RunStatus::Success).await;
    let pauses = world.upstream.pauses();
    assert!((47_000..49_000).contains(&pauses[0]) && (300_000..302_000).contains(&pauses[1]), "{pauses:?}");
    assert!(pauses[2] >= 1_000, "no wait is no invitation to hurry: {pauses:?}");
}

#[tokio::test(start_paused = true)]
async fn a_result_that_is_too_large_is_said_so() {
    let world = World::new().await;
    world.upstream.then(trouble(CallErrorKind::TooLarge));
    let row = world.run_to("k", RunStatus::Stalled).await;
    assert_eq!(row.summary.label(), "Too large");
    assert_eq!(row.summary.error.map(|error| error.kind), Some(ErrorKind::ResultTooLarge));
}

#[tokio::test(start_paused = true)]
async fn a_question_that_panics_does_not_lose_its_run() {
    let world = World::new().await;
    world.upstream.statuses([Status::Panic, Status::Panic]);
    world.upstream.then_done();
    world.run_to("k", RunStatus::Success).await;
    assert_eq!(world.upstream.polls(), 3);
}

#[tokio::test(start_paused = true)]
async fn questions_that_always_panic_end_with_the_limit() {
    let world = World::with(Limits { watch: Duration::from_secs(600), ..Limits::default() }).await;
    world.upstream.then(Status::Panic);
    let row = world.run_to("k", RunStatus::Stalled).await;
    assert_eq!(row.summary.error.map(|error| error.kind), Some(ErrorKind::WatchLimit));
    let polls = world.upstream.polls();
    assert!(polls < 80, "{polls}");
    sleep(600).await;
    assert_eq!(world.upstream.polls(), polls);
}
