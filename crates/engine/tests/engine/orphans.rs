//! What was stored although the answer of the database was lost is gone on with, and nothing is sent twice by it.

use std::time::Duration;

use codika::{NotSentReason, TriggerOutcome};
use engine::{
    Limits,
    store::{
        Applied, AuditEntry, ClaimScope, Created, Event, Hold, LeaseStore, NewRun, ReplicaId, RunStore, Set, Transition,
    },
};
use model::{AuditAction, Door, ErrorKind, EventKind, RunId, RunStatus};

use crate::support::{Fault, Trigger, World, accepted, request, sleep, slug, workflow};

/// A run that another replica holds, which may have sent it and is gone.
async fn of_another(world: &World, status: RunStatus) -> RunId {
    let id = RunId::parse(format!("{:026}", world.store.next_number())).expect("digits are an id");
    let new = NewRun {
        id: id.clone(),
        environment: slug("dev"),
        workflow: workflow("text-summary"),
        workflow_name: "Summarise a text".to_owned(),
        owner: world.ann.person.id.clone(),
        owner_name: world.ann.person.name.clone(),
        door: Door::Api,
        key: "of another".to_owned(),
        input: r#"{"text":"hello"}"#.to_owned(),
        status: RunStatus::Submitting,
        holder: ReplicaId::new("another"),
        at: world.engine.now(),
        event: Event { kind: EventKind::Submitted, text: String::new() },
        audit: audit(),
        again_for: None,
    };
    let Created::New(row) = world.store.create_run(new).await.expect("stored") else { panic!("it is new") };
    if status == RunStatus::Pending {
        let accepted = Transition {
            run: id.clone(),
            epoch: 1,
            from: &[RunStatus::Submitting],
            to: RunStatus::Pending,
            hold: Hold::Only(row.lease),
            at: world.engine.now(),
            set: Set { execution_id: Some("another's".to_owned()), accepted_at: Some(0), ..Set::default() },
            attempt: None,
            event: Event { kind: EventKind::Accepted, text: String::new() },
            audit: None,
        };
        assert!(matches!(world.store.apply(accepted).await, Ok(Applied::Yes(_))));
    }
    id
}

fn audit() -> AuditEntry {
    AuditEntry { at: 0, actor: None, action: AuditAction::RunWatched, subject: String::new(), detail: String::new() }
}

async fn status(world: &World, id: &RunId) -> RunStatus {
    world.row(id).await.summary.status
}

#[tokio::test(start_paused = true)]
async fn a_run_that_a_dead_replica_may_have_sent_is_never_safe_to_send_although_the_claims_answer_was_lost() {
    let world = World::shared(Limits::default()).await;
    world.store.lose_claim();
    let id = of_another(&world, RunStatus::Submitting).await;
    sleep(120).await;
    let row = world.row(&id).await;
    assert_eq!(row.summary.status, RunStatus::Unconfirmed, "{:?}", row.summary.error);
    assert_eq!(row.summary.error.map(|error| error.kind), Some(ErrorKind::Interrupted));
}

#[tokio::test(start_paused = true)]
async fn a_pending_run_is_watched_although_the_claims_answer_was_lost() {
    let world = World::shared(Limits::default()).await;
    world.upstream.then_done();
    world.store.lose_claim();
    let id = of_another(&world, RunStatus::Pending).await;
    sleep(120).await;
    assert_eq!(status(&world, &id).await, RunStatus::Success);
}

#[tokio::test(start_paused = true)]
async fn a_dispatch_that_breaks_off_after_it_sent_leaves_no_run_that_is_safe_to_send() {
    for world in [World::new().await, World::shared(Limits::default()).await] {
        world.store.fail_applies([Fault::Panic]);
        let id = world.start("k").await;
        sleep(120).await;
        assert_eq!(world.upstream.triggered().len(), 1);
        assert_eq!(status(&world, &id).await, RunStatus::Unconfirmed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_stored_after_all_was_not_sent_and_can_be() {
    for world in [World::new().await, World::shared(Limits::default()).await] {
        world.store.fail_creates([Fault::AnswerLost]);
        assert!(world.try_start(&world.ann, request("k")).await.is_err(), "nothing is acknowledged");
        let id = world.start("k").await;
        assert_eq!(status(&world, &id).await, RunStatus::Submitting, "it is there");
        sleep(30).await;
        assert_eq!(status(&world, &id).await, RunStatus::NotSent);
        world.store.fail_applies([Fault::AnswerLost]);
        assert!(world.engine.send_again(&world.ann, &id).await.is_err());
        sleep(30).await;
        assert_eq!(status(&world, &id).await, RunStatus::NotSent, "neither was the second attempt sent");
        assert_eq!(world.upstream.triggered().len(), 0);
        world.upstream.then_done();
        world.engine.send_again(&world.ann, &id).await.expect("sent");
        sleep(30).await;
        assert_eq!(status(&world, &id).await, RunStatus::Success);
        assert_eq!(world.upstream.triggered().len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn what_was_not_stored_once_says_nothing_about_an_attempt_that_was_sent() {
    let world = World::new().await;
    world.upstream.trigger(TriggerOutcome::NotSent { reason: NotSentReason::Dns, detail: String::new() });
    let id = world.run_to("k", RunStatus::NotSent).await.summary.id;
    world.store.fail_applies([Fault::Refused]);
    assert!(world.engine.send_again(&world.ann, &id).await.is_err());
    // The same attempt, and this time it is sent; its dispatch breaks off.
    world.upstream.triggers([Trigger::After(Duration::from_secs(1), accepted("e"))]);
    world.engine.send_again(&world.ann, &id).await.expect("sent");
    world.store.fail_applies([Fault::Panic]);
    sleep(120).await;
    assert_eq!(status(&world, &id).await, RunStatus::Unconfirmed);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_comes_back_to_the_same_replica_is_watched_again() {
    let world = World::shared(Limits::default()).await;
    let id = world.start("k").await;
    sleep(5).await;
    assert_eq!(status(&world, &id).await, RunStatus::Pending);
    let taken = world.store.claim(&ReplicaId::new("another"), ClaimScope::Expired, 10).await.expect("claimed");
    assert_eq!(taken.len(), 1);
    sleep(20).await;
    assert_eq!(world.row(&id).await.lease.epoch, 3, "it came back");
    world.upstream.then_done();
    // Sooner than anybody looks for runs that nobody watches.
    sleep(20).await;
    assert_eq!(status(&world, &id).await, RunStatus::Success);
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_resumed_is_watched_although_the_answer_was_lost() {
    for world in [World::new().await, World::shared(Limits::default()).await] {
        let id = world.start("k").await;
        sleep(5).await;
        world.engine.stop_watching(&world.ann, &id).await.expect("stopped");
        world.store.fail_applies([Fault::AnswerLost]);
        assert!(world.engine.resume_watching(&world.ann, &id).await.is_err());
        world.upstream.then_done();
        sleep(30).await;
        assert_eq!(status(&world, &id).await, RunStatus::Success);
    }
}

#[tokio::test(start_paused = true)]
async fn an_accepted_run_is_watched_although_the_answer_was_lost_and_it_could_not_be_read() {
    let world = World::new().await;
    world.upstream.then_done();
    world.store.fail_applies([Fault::AnswerLost]);
    world.store.unreadable(true);
    let id = world.start("k").await;
    sleep(10).await;
    world.store.unreadable(false);
    let mut events = world.engine.events();
    sleep(60).await;
    assert_eq!(status(&world, &id).await, RunStatus::Success);
    let kinds: Vec<EventKind> = std::iter::from_fn(|| events.try_recv().ok()).map(|event| event.kind).collect();
    assert_eq!(kinds, [EventKind::Accepted, EventKind::Succeeded], "pages are told of it");
}

#[tokio::test(start_paused = true)]
async fn a_panic_while_looking_for_runs_ends_that_look_and_no_other() {
    let world = World::new().await;
    world.store.fail_creates([Fault::AnswerLost]);
    world.store.fail_applies([Fault::Panic]);
    assert!(world.try_start(&world.ann, request("k")).await.is_err(), "nothing is acknowledged");
    let id = world.start("k").await;
    sleep(30).await;
    assert_eq!(status(&world, &id).await, RunStatus::NotSent);
}
