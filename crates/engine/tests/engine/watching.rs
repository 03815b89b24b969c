use std::{sync::Arc, time::Duration};

use engine::{Limits, Problem};
use model::{ErrorKind, RunStatus};
use tokio::time::Instant;

use crate::support::{Script, Status, World, done, pending, problem, request, sleep, slug, word};
use engine::StartRun;

#[tokio::test(start_paused = true)]
async fn one_poller_per_run_whoever_looks() {
    let world = World::new().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    for _ in 0..60 {
        world.engine.run(&world.ann, &id).await.expect("readable");
        sleep(1).await;
    }
    let pauses = world.upstream.pauses();
    assert!(pauses.iter().all(|pause| *pause >= 1_000), "{pauses:?}");
    assert!((19..=21).contains(&world.upstream.polls()), "{} polls in a minute", world.upstream.polls());
}

#[tokio::test(start_paused = true)]
async fn one_poller_per_run_after_stopping_and_resuming() {
    let world = World::new().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    sleep(300).await;
    for _ in 0..20 {
        world.engine.stop_watching(&world.ann, &id).await.expect("stopped");
        world.engine.resume_watching(&world.ann, &id).await.expect("resumed");
    }
    sleep(2).await;
    let before = world.upstream.polls();
    sleep(60).await;
    let polls = world.upstream.polls() - before;
    assert!((18..=21).contains(&polls), "{polls} polls in a minute");
}

#[tokio::test(start_paused = true)]
async fn a_question_under_way_does_not_become_a_second_poller() {
    let world = World::new().await;
    world.upstream.statuses([Status::After(Duration::from_secs(5), pending())]);
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    sleep(2).await;
    world.engine.stop_watching(&world.ann, &id).await.expect("stopped");
    world.engine.resume_watching(&world.ann, &id).await.expect("resumed");
    sleep(60).await;
    assert!((19..=23).contains(&world.upstream.polls()), "{} polls", world.upstream.polls());
}

#[tokio::test(start_paused = true)]
async fn stopping_ends_the_questions() {
    let world = World::new().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    sleep(10).await;
    let run = world.engine.stop_watching(&world.ann, &id).await.expect("stopped");
    assert_eq!(run.status, RunStatus::Stalled);
    assert_eq!(run.error.map(|error| error.kind), Some(ErrorKind::StoppedWatching));
    let polls = world.upstream.polls();
    world.upstream.then_done();
    sleep(3600).await;
    assert_eq!(world.upstream.polls(), polls);
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Stalled);
    let refused = problem(world.engine.stop_watching(&world.ann, &id).await);
    assert_eq!(refused, Problem::WrongState(RunStatus::Stalled.label()));
}

#[tokio::test(start_paused = true)]
async fn a_stalled_run_can_be_closed_and_looked_at_again() {
    let world = World::new().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    let refused = problem(world.engine.close(&world.ann, &id).await);
    assert_eq!(refused, Problem::WrongState(RunStatus::Pending.label()), "somebody still waits");
    world.engine.stop_watching(&world.ann, &id).await.expect("stopped");
    let closed = world.engine.close(&world.ann, &id).await.expect("closed");
    assert_eq!(closed.status, RunStatus::Stalled, "it never means failed");
    let error = closed.error.expect("a reason");
    assert_eq!(error.kind, ErrorKind::Closed);
    assert!(error.message.contains("Ann"), "{}", error.message);
    world.upstream.then_done();
    world.engine.resume_watching(&world.ann, &id).await.expect("looked at again");
    world.reaches(&id, RunStatus::Success).await;
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_comes_while_somebody_stops_is_not_stored() {
    let world = World::new().await;
    world.upstream.statuses([Status::After(Duration::from_secs(5), done("{}"))]);
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    sleep(3).await;
    world.engine.stop_watching(&world.ann, &id).await.expect("stopped");
    sleep(60).await;
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Stalled);
    assert_eq!(world.upstream.polls(), 1);
}

#[tokio::test(start_paused = true)]
async fn the_watch_limit_stalls_and_never_fails_a_run() {
    let limit = Duration::from_secs(600);
    let world = World::with(Limits { watch: limit, ..Limits::default() }).await;
    let row = world.run_to("k", RunStatus::Stalled).await;
    let error = row.summary.error.expect("a reason");
    assert_eq!((error.kind, row.summary.finished_at), (ErrorKind::WatchLimit, None));
    assert_eq!(error.message, "No answer within 10 minutes.");
    let polls = world.upstream.polls();
    sleep(3600).await;
    assert_eq!(world.upstream.polls(), polls);
}

#[tokio::test(start_paused = true)]
async fn who_looks_again_after_the_limit_gets_the_whole_time_again_and_the_first_look_at_once() {
    let limit = Duration::from_secs(600);
    let world = World::with(Limits { watch: limit, ..Limits::default() }).await;
    let id = world.run_to("k", RunStatus::Stalled).await.summary.id;
    sleep(3600).await;
    let (polls, before) = (world.upstream.polls(), Instant::now());
    let run = world.engine.resume_watching(&world.ann, &id).await.expect("resumed");
    assert_eq!((run.status, run.error), (RunStatus::Pending, None));
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(world.upstream.polls(), polls + 1);
    world.reaches(&id, RunStatus::Stalled).await;
    assert!(before.elapsed() >= limit, "after {:?}", before.elapsed());
    world.upstream.then_done();
    world.engine.resume_watching(&world.ann, &id).await.expect("resumed");
    world.reaches(&id, RunStatus::Success).await;
}

#[tokio::test(start_paused = true)]
async fn who_looks_again_after_the_limit_gets_the_whole_time_also_over_a_restart() {
    let limit = Duration::from_secs(600);
    let mut world = World::with(Limits { watch: limit, ..Limits::default() }).await;
    let id = world.run_to("k", RunStatus::Stalled).await.summary.id;
    sleep(3_600).await;
    world.engine.resume_watching(&world.ann, &id).await.expect("resumed");
    sleep(60).await;
    world.crash().await;
    sleep(500).await;
    assert_eq!(world.row(&id).await.summary.status, RunStatus::Pending);
    world.reaches(&id, RunStatus::Stalled).await;
}

#[tokio::test(start_paused = true)]
async fn an_unknown_status_word_is_shown_and_watching_goes_on() {
    let world = World::new().await;
    let queued = || Status::Answer(Ok(word("queued\u{1b}[31m")));
    world.upstream.statuses([queued(), queued(), queued(), Status::Answer(Ok(word("")))]);
    world.upstream.then_done();
    let row = world.run_to("k", RunStatus::Success).await;
    let said: Vec<String> = world.events(&row.summary.id).await.into_iter().map(|event| event.text).collect();
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(said[2], "Codika reports the status “queued[31m”.");
}

#[tokio::test(start_paused = true)]
async fn a_run_that_showed_an_unknown_word_can_be_stopped_and_resumed() {
    let world = World::new().await;
    world.upstream.then(Status::Answer(Ok(word("queued"))));
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    sleep(10).await;
    world.engine.stop_watching(&world.ann, &id).await.expect("stopped");
    let polls = world.upstream.polls();
    sleep(60).await;
    assert_eq!(world.upstream.polls(), polls);
    world.upstream.then_done();
    world.engine.resume_watching(&world.ann, &id).await.expect("resumed");
    world.reaches(&id, RunStatus::Success).await;
}

#[tokio::test(start_paused = true)]
async fn as_many_questions_at_once_as_are_allowed() {
    let world = World::with(Limits { polls: 4, ..Limits::default() }).await;
    world.upstream.then(Status::Hang);
    for number in 0..20 {
        world.run_to(&number.to_string(), RunStatus::Pending).await;
    }
    sleep(60).await;
    assert_eq!(world.upstream.polls(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_environment_that_hangs_slows_only_itself() {
    let (dev, prod) = (Arc::new(Script::default()), Arc::new(Script::default()));
    dev.then(Status::Hang);
    prod.then_done();
    let world =
        World::of(Limits { polls: 2, ..Limits::default() }, vec![(slug("dev"), dev), (slug("prod"), prod)]).await;
    for number in 0..10 {
        world.run_to(&number.to_string(), RunStatus::Pending).await;
    }
    sleep(60).await;
    let elsewhere = StartRun { environment: slug("prod"), ..request("k") };
    let id = world.try_start(&world.ann, elsewhere).await.expect("it starts").run.id;
    let before = Instant::now();
    world.reaches(&id, RunStatus::Success).await;
    assert!(before.elapsed() < Duration::from_secs(3), "after {:?}", before.elapsed());
}
