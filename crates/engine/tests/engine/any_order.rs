//! Whatever people, Codika, the database and the machine do, in whichever order, the invariants hold.

use std::{collections::HashMap, time::Duration};

use codika::{CallErrorKind, NotSentReason, TriggerOutcome, UnconfirmedReason};
use engine::store::RunLists;
use model::{Door, LiveEvent, RunEvent, RunId, RunStatus, RunSummary};
use proptest::prelude::*;
use serde_json::json;

use crate::support::{Fault, Status, Trigger, World, accepted, call_error, done, pending, request, sleep, word};

#[derive(Clone, Copy, Debug)]
enum Step {
    Start { key: u8 },
    NextTrigger(u8),
    Statuses(u8),
    Stop(u8),
    Resume(u8),
    SendAgain(u8),
    MarkNotStarted(u8),
    Adopt(u8),
    Close(u8),
    RunAgain(u8),
    DatabaseTrouble(u8),
    Wait { seconds: u16 },
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => (0..4u8).prop_map(|key| Step::Start { key }),
        3 => (0..6u8).prop_map(Step::NextTrigger),
        2 => (0..5u8).prop_map(Step::Statuses),
        1 => (0..4u8).prop_map(Step::Stop),
        1 => (0..4u8).prop_map(Step::Resume),
        1 => (0..4u8).prop_map(Step::SendAgain),
        1 => (0..4u8).prop_map(Step::MarkNotStarted),
        1 => (0..4u8).prop_map(Step::Adopt),
        1 => (0..4u8).prop_map(Step::Close),
        1 => (0..4u8).prop_map(Step::RunAgain),
        2 => (0..5u8).prop_map(Step::DatabaseTrouble),
        2 => prop_oneof![0..20u16, 0..4_000u16].prop_map(|seconds| Step::Wait { seconds }),
        1 => Just(Step::Crash),
    ]
}

fn trigger(number: u8) -> Trigger {
    Trigger::Answer(match number {
        0 => accepted("the same for all"),
        1 => TriggerOutcome::NotSent { reason: NotSentReason::Connect, detail: String::new() },
        2 => timeout(),
        // As long as the client waits.
        3 => return Trigger::After(Duration::from_secs(30), timeout()),
        4 => return Trigger::Panic,
        _ => return Trigger::After(Duration::from_secs(7), accepted("late")),
    })
}

fn timeout() -> TriggerOutcome {
    let (reason, detail) = (UnconfirmedReason::Timeout, String::new());
    TriggerOutcome::Unconfirmed { reason, status: None, detail, request_id: None }
}

/// The status calls that refuse the key.
const REFUSED: u8 = 3;

fn statuses(number: u8) -> Status {
    match number {
        0 => Status::Answer(Ok(pending())),
        1 => Status::Answer(Ok(done("{}"))),
        2 => Status::Answer(Ok(word("failed"))),
        REFUSED => Status::Answer(Err(call_error(CallErrorKind::KeyRejected))),
        _ => Status::After(Duration::from_secs(3), word("odd")),
    }
}

async fn act(world: &mut World, runs: &mut Vec<RunId>, step: Step) {
    let of = |number: u8| runs.get(usize::from(number)).cloned();
    let (engine, ann) = (world.engine.clone(), world.ann.clone());
    // Whether a step is refused does not matter here, only what is true afterwards.
    match step {
        Step::Start { key } => {
            // Nothing stands against it but the database.
            if let Ok(started) = world.try_start(&ann, request(&key.to_string())).await {
                let known = runs.contains(&started.run.id);
                assert!(!(started.new && known));
                runs.extend((!known).then_some(started.run.id));
            }
        }
        Step::NextTrigger(number) => world.upstream.triggers([trigger(number)]),
        Step::Statuses(number) => world.upstream.then(statuses(number)),
        Step::Stop(number) => drop(async { engine.stop_watching(&ann, &of(number)?).await.ok() }.await),
        Step::Resume(number) => drop(async { engine.resume_watching(&ann, &of(number)?).await.ok() }.await),
        Step::SendAgain(number) => drop(async { engine.send_again(&ann, &of(number)?).await.ok() }.await),
        Step::MarkNotStarted(number) => drop(async { engine.mark_not_started(&ann, &of(number)?).await.ok() }.await),
        Step::Adopt(number) => {
            let execution = format!("recognised-{number}");
            world.upstream.executions(json!([{"executionId": execution, "status": "pending", "createdAt": ""}]));
            drop(async { engine.adopt(&ann, &of(number)?, &execution).await.ok() }.await);
        }
        Step::Close(number) => drop(async { engine.close(&ann, &of(number)?).await.ok() }.await),
        Step::RunAgain(number) => {
            if let Some(id) = of(number)
                && let Ok(again) = engine.run_again_anyway(&ann, &id, Door::Dashboard).await
                && !runs.contains(&again.id)
            {
                runs.push(again.id);
            }
        }
        Step::DatabaseTrouble(number) => match number {
            0 => world.store.fail_applies([Fault::Refused]),
            1 => world.store.fail_applies([Fault::AnswerLost]),
            2 => world.store.fail_applies([Fault::Refused, Fault::AnswerLost]),
            3 => world.store.fail_applies([Fault::Panic]),
            _ => world.store.fail_creates([Fault::AnswerLost]),
        },
        Step::Wait { seconds } => sleep(u64::from(seconds)).await,
        Step::Crash => {
            // A start needs the database.
            world.store.heal();
            world.crash().await;
        }
    }
}

async fn check(world: &World, runs: &[RunId], final_ones: &mut HashMap<RunId, RunStatus>) {
    let mut attempts = 0;
    for id in runs {
        let row = world.row(id).await;
        let events = world.events(id).await;
        attempts += usize::try_from(row.epoch).expect("small");
        assert!(events.iter().map(|event| event.seq).eq(1..=events.len() as i64), "{events:?}");
        // It may have gone on since its row was read.
        let told = events.into_iter().filter(|event| event.seq <= row.seq);
        let counted: i64 = told.map(|event| moves(&row.summary, event)).sum();
        assert_eq!(counted, i64::from(row.summary.status.is_moving()), "browsers count the runs under way by events");
        if let Some(before) = final_ones.get(id) {
            assert_eq!(row.summary.status, *before, "a final status is final");
        } else if row.summary.status.is_final() {
            final_ones.insert(id.clone(), row.summary.status);
        }
    }
    assert!(world.upstream.triggered().len() <= attempts, "one request per attempt at most");
}

fn moves(run: &RunSummary, event: RunEvent) -> i64 {
    LiveEvent { run: run.clone(), seq: event.seq, kind: event.kind }.moves()
}

async fn story(steps: Vec<Step>) {
    let mut world = World::new().await;
    let (mut runs, mut final_ones) = (Vec::new(), HashMap::new());
    let last = steps.iter().rev().find_map(|step| if let Step::Statuses(number) = step { Some(*number) } else { None });
    for step in steps {
        act(&mut world, &mut runs, step).await;
        check(&world, &runs, &mut final_ones).await;
    }
    // Runs wait for a valid key; they come to rest when there is one.
    if last == Some(REFUSED) {
        world.upstream.then(statuses(0));
    }
    // A restart reads all open runs: it would hide that one was lost.
    world.store.heal();
    comes_to_rest(&world, &runs, &mut final_ones).await;
    act(&mut world, &mut runs, Step::Crash).await;
    comes_to_rest(&world, &runs, &mut final_ones).await;
}

async fn comes_to_rest(world: &World, runs: &[RunId], final_ones: &mut HashMap<RunId, RunStatus>) {
    sleep(2 * 60 * 60).await;
    check(world, runs, final_ones).await;
    assert_eq!(world.store.count_moving(&engine::Scope::all()).await.expect("readable"), 0, "every run comes to rest");
    let polls = world.upstream.polls();
    sleep(60 * 60).await;
    assert_eq!(world.upstream.polls(), polls, "nobody asks about runs at rest");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_invariants_hold(steps in proptest::collection::vec(step(), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build();
        runtime.expect("a runtime").block_on(story(steps));
    }
}
