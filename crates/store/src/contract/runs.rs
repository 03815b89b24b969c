use engine::store::{Applied, Attempt, Created, NewRun, Set, Transition};
use model::{Door, ErrorKind, RunError, RunStatus};
use tokio::task::JoinSet;

use super::{
    Shared,
    fixtures::{T0, apply, create, env, new_run, person, read, run_id, step, submitting, workflow},
};

const SUBMITTING: &[RunStatus] = &[RunStatus::Submitting];
const PENDING: &[RunStatus] = &[RunStatus::Pending];

pub async fn parallel_creates_with_one_key_make_one_run(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let mut calls = JoinSet::new();
    for _ in 0..50 {
        let (store, new) = (store.clone(), new_run(&ada, "draft-1"));
        calls.spawn(async move { store.create_run(new).await.expect("a run is stored") });
    }
    let answers = calls.join_all().await;
    let (mut made, mut ids) = (0, Vec::new());
    for answer in answers {
        let (Created::New(row) | Created::Existing(row)) = &answer;
        made += usize::from(matches!(answer, Created::New(_)));
        ids.push(row.summary.id.clone());
    }
    ids.dedup();
    assert_eq!((made, ids.len()), (1, 1));
    assert_eq!(store.events(&ids[0]).await.expect("events").len(), 1);
}

pub async fn a_key_belongs_to_person_environment_and_workflow(store: Shared) {
    let (ada, bob) = (person(&store, "ada@example.org").await, person(&store, "bob@example.org").await);
    let first = submitting(&store, &ada, "k").await;
    submitting(&store, &bob, "k").await;
    create(&store, model_in(&ada, "prod", "text-summary")).await;
    create(&store, model_in(&ada, "dev", "other")).await;
    let found = store.run_by_key(&ada, &env("dev"), &workflow("text-summary"), "k").await.expect("read");
    assert_eq!(found, Some(first));
    assert_eq!(store.run_by_key(&bob, &env("prod"), &workflow("text-summary"), "k").await.expect("read"), None);
}

fn model_in(owner: &model::UserId, environment: &str, of: &str) -> NewRun {
    NewRun { environment: env(environment), workflow: workflow(of), ..new_run(owner, "k") }
}

pub async fn a_run_is_read_back_as_it_was_created(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    for (key, door) in [("a", Door::Dashboard), ("b", Door::Api)] {
        let made = create(&store, NewRun { door, ..new_run(&ada, key) }).await;
        assert_eq!(read(&store, &made.summary.id).await, made);
        assert_eq!((made.summary.door, made.epoch, made.seq), (door, 1, 1));
        let events = store.events(&made.summary.id).await.expect("events");
        let event = events.first().expect("the first event");
        assert_eq!((event.seq, event.at, event.kind.as_str()), (1, T0, "submitted"));
    }
    assert_eq!(store.run(&run_id()).await.expect("read"), None);
}

pub async fn a_life_from_submitting_to_success(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let accepted = Transition {
        set: Set { execution_id: Some("exec-1".to_owned()), accepted_at: Some(T0 + 200), ..Set::default() },
        attempt: Some(Attempt::Close { outcome: "accepted" }),
        ..step(&run, SUBMITTING, RunStatus::Pending)
    };
    let pending = apply(&store, accepted).await;
    assert_eq!(pending.summary.execution_id.as_deref(), Some("exec-1"));
    let finished = Transition {
        set: Set {
            finished_at: Some(T0 + 5000),
            duration_ms: Some(4800),
            result: Some(b"{}".to_vec()),
            ..Set::default()
        },
        ..step(&pending, PENDING, RunStatus::Success)
    };
    let done = apply(&store, finished).await;
    assert_eq!(read(&store, &run.summary.id).await, done);
    assert_eq!(done.summary.execution_id.as_deref(), Some("exec-1"), "what a step does not set stays");
    assert_eq!((done.summary.accepted_at, done.summary.finished_at), (Some(T0 + 200), Some(T0 + 5000)));
    assert_eq!((done.summary.duration_ms, done.result_bytes, done.seq), (Some(4800), Some(2), 3));
    assert_eq!(done.summary.status, RunStatus::Success);
}

pub async fn a_stale_epoch_or_a_wrong_status_writes_nothing(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let old_epoch = Transition { epoch: 0, ..step(&run, SUBMITTING, RunStatus::Pending) };
    let full = Set { result: Some(vec![1]), finished_at: Some(T0), ..Set::default() };
    let wrong_status = Transition { set: full, ..step(&run, PENDING, RunStatus::Success) };
    for refused in [old_epoch, wrong_status] {
        let answer = store.apply(refused).await.expect("an answer");
        assert!(matches!(answer, Applied::Stale), "{answer:?}");
    }
    assert_eq!(read(&store, &run.summary.id).await, run);
    assert_eq!(store.events(&run.summary.id).await.expect("events").len(), 1);
    assert_eq!(store.result(&run.summary.id).await.expect("result"), None);
}

pub async fn an_unknown_run_is_stale(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let elsewhere = Transition { run: run_id(), ..step(&run, SUBMITTING, RunStatus::Pending) };
    assert!(matches!(store.apply(elsewhere).await, Ok(Applied::Stale)));
}

pub async fn a_new_attempt_raises_the_epoch(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let closed = Transition {
        attempt: Some(Attempt::Close { outcome: "not_sent" }),
        ..step(&run, SUBMITTING, RunStatus::NotSent)
    };
    let not_sent = apply(&store, closed).await;
    let again =
        Transition { attempt: Some(Attempt::Open), ..step(&not_sent, &[RunStatus::NotSent], RunStatus::Submitting) };
    let second = apply(&store, again).await;
    assert_eq!((second.epoch, second.seq), (2, 3));
    let late = step(&run, SUBMITTING, RunStatus::Pending);
    assert!(matches!(store.apply(late).await, Ok(Applied::Stale)), "the first attempt may write no more");
    assert_eq!(read(&store, &run.summary.id).await, second);
}

pub async fn event_numbers_have_no_gaps_under_parallel_transitions(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let mut calls = JoinSet::new();
    for number in 0..60 {
        let to = if number % 2 == 0 { RunStatus::Pending } else { RunStatus::Stalled };
        let mut step = step(&run, &[RunStatus::Submitting, RunStatus::Pending, RunStatus::Stalled], to);
        // Some are refused, and these must take no number.
        step.epoch = if number % 5 == 0 { 7 } else { 1 };
        let store = store.clone();
        calls.spawn(async move { matches!(store.apply(step).await, Ok(Applied::Yes(_))) });
    }
    let applied = calls.join_all().await.into_iter().filter(|applied| *applied).count();
    assert_eq!(applied, 48);
    let numbers: Vec<i64> =
        store.events(&run.summary.id).await.expect("events").into_iter().map(|event| event.seq).collect();
    assert_eq!(numbers, (1..=49).collect::<Vec<i64>>());
    assert_eq!(read(&store, &run.summary.id).await.seq, 49);
}

pub async fn of_parallel_identical_transitions_one_wins(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let mut calls = JoinSet::new();
    for _ in 0..20 {
        let (store, step) = (store.clone(), step(&run, SUBMITTING, RunStatus::Unconfirmed));
        calls.spawn(async move { matches!(store.apply(step).await, Ok(Applied::Yes(_))) });
    }
    assert_eq!(calls.join_all().await.into_iter().filter(|applied| *applied).count(), 1);
}

pub async fn a_final_status_stays(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    for last in RunStatus::ALL.into_iter().filter(|status| status.is_final()) {
        let run = submitting(&store, &ada, last.as_str()).await;
        let done = apply(&store, step(&run, SUBMITTING, last)).await;
        for next in RunStatus::ALL.into_iter().filter(|next| *next != last) {
            // Even a caller who claims that the final status may be left.
            let answer = store.apply(step(&done, &RunStatus::ALL, next)).await;
            assert!(!matches!(answer, Ok(Applied::Yes(_))), "{last:?} became {next:?}");
        }
        assert_eq!(read(&store, &run.summary.id).await, done);
        assert_eq!(store.events(&run.summary.id).await.expect("events").len(), 2);
    }
}

pub async fn an_execution_belongs_to_one_run_of_its_environment(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let set = || Set { execution_id: Some("exec-1".to_owned()), ..Set::default() };
    let first = submitting(&store, &ada, "a").await;
    let first = apply(&store, Transition { set: set(), ..step(&first, SUBMITTING, RunStatus::Pending) }).await;
    let second = submitting(&store, &ada, "b").await;
    let answer = store.apply(Transition { set: set(), ..step(&second, SUBMITTING, RunStatus::Pending) }).await;
    assert!(matches!(answer, Ok(Applied::ExecutionTaken)), "{answer:?}");
    assert_eq!(read(&store, &second.summary.id).await, second, "nothing was written");
    assert_eq!(store.events(&second.summary.id).await.expect("events").len(), 1);

    let elsewhere = create(&store, NewRun { environment: env("prod"), ..new_run(&ada, "c") }).await;
    apply(&store, Transition { set: set(), ..step(&elsewhere, SUBMITTING, RunStatus::Pending) }).await;
    apply(&store, Transition { set: set(), ..step(&first, PENDING, RunStatus::Pending) }).await;
}

pub async fn a_result_is_stored_byte_for_byte(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let every_byte: Vec<u8> = (0..=u8::MAX).collect();
    let long: Vec<u8> = every_byte.iter().copied().cycle().take(3_000_001).collect();
    let cases: [&[u8]; 5] = [b"", b"{\"a\":\"\\u0000\"}", b"\0\xff\xfe{1e400}\xed\xa0\x80", &every_byte, &long];
    for (number, bytes) in cases.into_iter().enumerate() {
        let run = submitting(&store, &ada, &number.to_string()).await;
        let set = Set { result: Some(bytes.to_vec()), ..Set::default() };
        let done = apply(&store, Transition { set, ..step(&run, SUBMITTING, RunStatus::Success) }).await;
        assert_eq!(done.result_bytes, Some(bytes.len() as u64));
        let stored = store.result(&run.summary.id).await.expect("result").expect("there is one");
        assert!(stored == bytes, "case {number} came back changed");
    }
}

pub async fn a_result_is_stored_once(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let with = |bytes: &[u8]| Set { result: Some(bytes.to_vec()), ..Set::default() };
    let done = apply(&store, Transition { set: with(b"1"), ..step(&run, SUBMITTING, RunStatus::Success) }).await;
    let again = Transition { set: with(b"22"), ..step(&done, &[RunStatus::Success], RunStatus::Success) };
    assert!(store.apply(again).await.is_err());
    assert_eq!(store.result(&run.summary.id).await.expect("result").as_deref(), Some(&b"1"[..]));
    assert_eq!(read(&store, &run.summary.id).await, done, "the refused step left nothing");
}

pub async fn an_error_can_be_set_kept_and_cleared(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let trouble = RunError {
        kind: ErrorKind::WatchLimit,
        message: "No \"answer\" came.\0".to_owned(),
        hint: "Ask again – später.".to_owned(),
        request_id: Some("req-1".to_owned()),
        failed_node: None,
        detail: None,
    };
    let with = |error| Set { error, ..Set::default() };
    let all: &'static [RunStatus] = &[RunStatus::Submitting, RunStatus::Stalled, RunStatus::Pending];
    let set = Transition { set: with(Some(Some(trouble.clone()))), ..step(&run, all, RunStatus::Stalled) };
    assert_eq!(apply(&store, set).await.summary.error.as_ref(), Some(&trouble));
    let kept = apply(&store, step(&run, all, RunStatus::Stalled)).await;
    assert_eq!(kept.summary.error.as_ref(), Some(&trouble));
    let cleared = Transition { set: with(Some(None)), ..step(&run, all, RunStatus::Pending) };
    assert_eq!(apply(&store, cleared).await.summary.error, None);
}

pub async fn moving_runs_are_those_under_way_oldest_first(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let mut expected = Vec::new();
    for status in RunStatus::ALL {
        let run = create(&store, NewRun { status, ..new_run(&ada, status.as_str()) }).await;
        if matches!(status, RunStatus::Submitting | RunStatus::Pending) {
            expected.push(run);
        }
    }
    assert_eq!(store.moving_runs().await.expect("read"), expected);
}

pub async fn a_ping_answers(store: Shared) {
    store.ping().await.expect("a database that works");
    store.ping().await.expect("and goes on working");
}

/// Texts come from Codika and from people; a database that has no place for NUL must not stop a run.
pub async fn a_nul_in_a_text_stops_nothing(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let new = NewRun { workflow_name: "a\0b".to_owned(), ..new_run(&ada, "k\0") };
    let run = create(&store, new).await;
    assert_eq!(run.summary.workflow_name, "a\u{fffd}b");
    assert_eq!(read(&store, &run.summary.id).await, run);
    let again = store.create_run(new_run(&ada, "k\0")).await.expect("an answer");
    assert!(matches!(again, Created::Existing(first) if first == run), "its key is found");
    let (env, workflow) = (&run.summary.environment, &run.summary.workflow);
    assert_eq!(store.run_by_key(&ada, env, workflow, "k\0").await.expect("read"), Some(run.clone()));
    let mut warned = step(&run, &[RunStatus::Submitting], RunStatus::Pending);
    warned.event.text = "a warning: \0".to_owned();
    apply(&store, warned).await;
    assert_eq!(store.events(&run.summary.id).await.expect("read")[1].text, "a warning: \u{fffd}");
    assert!(store.user_by_email("\0").await.expect("read").is_none());
}

pub async fn of_runs_that_get_one_execution_at_once_one_has_it(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let mut calls = JoinSet::new();
    for number in 0..20 {
        let run = submitting(&store, &ada, &number.to_string()).await;
        let set = Set { execution_id: Some("exec-1".to_owned()), ..Set::default() };
        let step = Transition { set, ..step(&run, &[RunStatus::Submitting], RunStatus::Pending) };
        let store = store.clone();
        calls.spawn(async move { store.apply(step).await.expect("an answer") });
    }
    let mut won = 0;
    for applied in calls.join_all().await {
        match applied {
            Applied::Yes(_) => won += 1,
            Applied::ExecutionTaken => {}
            Applied::Stale => panic!("nobody else moved it"),
        }
    }
    assert_eq!(won, 1);
}
