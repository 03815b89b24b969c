use std::collections::HashSet;

use codika::{NotSentReason, TriggerOutcome, UnconfirmedReason};
use engine::{Limits, Problem, StartRun};
use model::{Door, Role, RunStatus};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{World, instance, problem, request, slug, with_input, workflow};

#[tokio::test(start_paused = true)]
async fn fifty_starts_at_once_with_one_key_are_one_run() {
    // Fewer runs a minute than clicks: a repeated click is no further run.
    let world = World::with(Limits { runs_per_minute: 2, ..Limits::default() }).await;
    let mut starts = JoinSet::new();
    for _ in 0..50 {
        let (engine, ann) = (world.engine.clone(), world.ann.clone());
        starts.spawn(async move { engine.start_run(&ann, request("k")).await.expect("every one is answered") });
    }
    let started = starts.join_all().await;
    let ids: HashSet<_> = started.iter().map(|one| one.run.id.clone()).collect();
    assert_eq!((ids.len(), started.iter().filter(|one| one.new).count()), (1, 1));
    world.upstream.then_done();
    world.reaches(ids.iter().next().expect("one"), RunStatus::Success).await;
    assert_eq!((world.upstream.triggered().len(), world.count().await), (1, 1));
    world.start("another").await;
}

#[tokio::test(start_paused = true)]
async fn the_same_key_with_another_input_is_refused() {
    let world = World::new().await;
    let id = world.start("k").await;
    let refused = world.try_start(&world.ann, with_input("k", json!({"text": "other"}))).await;
    assert_eq!(problem(refused), Problem::KeyReused { run: id });
    assert_eq!(world.count().await, 1);
}

#[tokio::test(start_paused = true)]
async fn the_order_of_members_does_not_make_another_input() {
    let world = World::new().await;
    let first = with_input("k", json!({"text": "a", "words": 3}));
    let same = with_input("k", json!({"words": 3, "text": "a"}));
    assert_ne!(first.input.to_string(), same.input.to_string());
    let first = world.try_start(&world.ann, first).await.expect("it starts");
    let again = world.try_start(&world.ann, same).await.expect("it is the same");
    assert_eq!((again.run.id, again.new), (first.run.id, false));
}

#[tokio::test(start_paused = true)]
async fn a_key_belongs_to_a_person_a_workflow_and_an_environment() {
    let world = World::new().await;
    world.upstream.lists(
        Ok(instance(json!([
            {"workflowId": "text-summary", "workflowName": "A"}, {"workflowId": "other", "workflowName": "B"}
        ]))),
        Ok(Vec::new()),
    );
    crate::support::sleep(61).await;
    world.engine.catalog(&world.ann, &slug("dev")).await.expect("it is read again");
    let bob = world.person("Bob", Role::Runner).await;
    let mut ids = HashSet::new();
    for (who, start) in [
        (&world.ann, request("k")),
        (&bob, request("k")),
        (&world.ann, StartRun { environment: slug("prod"), ..request("k") }),
        (&world.ann, StartRun { workflow: workflow("other"), ..request("k") }),
    ] {
        let started = world.try_start(who, start).await.expect("it starts");
        assert!(started.new);
        ids.insert(started.run.id);
    }
    assert_eq!(ids.len(), 4);
}

#[tokio::test(start_paused = true)]
async fn a_used_key_answers_with_its_run_whatever_has_changed_since() {
    let world = World::with(Limits { runs_per_minute: 1, ..Limits::default() }).await;
    world.upstream.trigger(TriggerOutcome::NotSent { reason: NotSentReason::Dns, detail: "no such host".to_owned() });
    let row = world.run_to("k", RunStatus::NotSent).await;
    world.upstream.lists(Ok(instance(json!([]))), Ok(Vec::new()));
    crate::support::sleep(61).await;
    world.engine.catalog(&world.ann, &slug("dev")).await.expect("it is read again");
    let again = world.try_start(&world.ann, request("k")).await.expect("it exists");
    assert_eq!((again.run.id.clone(), again.run.status, again.new), (row.summary.id, RunStatus::NotSent, false));
    assert_eq!(world.upstream.triggered().len(), 1, "a repeated start never sends again");
    let by_key = world.engine.run_by_key(&world.ann, &slug("dev"), &workflow("text-summary"), "k").await;
    assert_eq!(by_key.expect("readable").map(|run| run.id), Some(again.run.id));
}

#[tokio::test(start_paused = true)]
async fn runs_from_forms_are_limited_per_minute_and_person() {
    let world = World::with(Limits { runs_per_minute: 3, ..Limits::default() }).await;
    for key in ["a", "b", "c"] {
        world.start(key).await;
    }
    let refused = problem(world.try_start(&world.ann, request("d")).await);
    assert_eq!(refused, Problem::TooManyRuns { retry_after_s: 60 });
    assert_eq!(world.count().await, 3);
    let bob = world.person("Bob", Role::Runner).await;
    world.try_start(&bob, request("a")).await.expect("others are not affected");
    let by_program = StartRun { door: Door::Api, ..request("e") };
    world.try_start(&world.ann, by_program).await.expect("programs are not limited");
    crate::support::sleep(60).await;
    world.start("d").await;
}

#[tokio::test(start_paused = true)]
async fn a_key_has_a_length() {
    let world = World::new().await;
    for key in [String::new(), "k".repeat(201)] {
        let refused = problem(world.try_start(&world.ann, request(&key)).await);
        assert!(matches!(refused, Problem::BadValue(_)), "{refused:?}");
    }
    world.start(&"k".repeat(200)).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_the_engine_makes_for_itself_cannot_be_given() {
    let world = World::new().await;
    world.upstream.trigger(TriggerOutcome::Unconfirmed {
        reason: UnconfirmedReason::Timeout,
        status: None,
        detail: String::new(),
        request_id: None,
    });
    let row = world.run_to("k", RunStatus::Unconfirmed).await;
    let key = format!("again:{}", row.summary.id);
    let refused = world.try_start(&world.ann, request(&key)).await;
    assert!(matches!(problem(refused), Problem::BadValue(why) if why.contains("again:")));
    let again = world.engine.run_again_anyway(&world.ann, &row.summary.id, Door::Dashboard).await.expect("it starts");
    assert_ne!(again.id, row.summary.id);
    assert_eq!(world.count().await, 2);
}
