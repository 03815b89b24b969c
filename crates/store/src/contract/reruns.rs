use engine::store::{AgainFor, Created, Event, NewRun};
use model::{AuditAction, EventKind, RunId, RunStatus};
use tokio::task::JoinSet;

use super::{
    Shared,
    fixtures::{T0, apply, audit, new_run, person, read, step, submitting},
};

const SUBMITTING: &[RunStatus] = &[RunStatus::Submitting];

fn again_for(run: &RunId) -> Option<AgainFor> {
    let event = Event { kind: EventKind::RunAgain, text: "Ada ran it again.".to_owned() };
    Some(AgainFor { run: run.clone(), event, audit: audit(AuditAction::RunRunAgain) })
}

pub async fn a_run_in_doubt_is_replaced_once(store: Shared) {
    let (ada, bob) = (person(&store, "ada@example.org").await, person(&store, "bob@example.org").await);
    let first = submitting(&store, &ada, "first").await;
    let first = apply(&store, step(&first, SUBMITTING, RunStatus::Unconfirmed)).await;
    let id = &first.summary.id;
    assert_eq!(store.rerun(id).await.expect("readable"), None);

    let mut calls = JoinSet::new();
    for owner in [&ada, &bob, &ada, &bob] {
        let new = NewRun { again_for: again_for(id), at: T0 + 5000, ..new_run(owner, "again") };
        let store = store.clone();
        calls.spawn(async move { store.create_run(new).await.expect("an answer") });
    }
    let (mut made, mut ids) = (0, Vec::new());
    for answer in calls.join_all().await {
        let (Created::New(row) | Created::Existing(row)) = &answer else { panic!("{answer:?}") };
        made += usize::from(matches!(answer, Created::New(_)));
        ids.push(row.summary.id.clone());
    }
    ids.dedup();
    assert_eq!((made, ids.len()), (1, 1));
    let rerun = read(&store, &ids[0]).await;
    assert_eq!(store.rerun(id).await.expect("readable"), Some((rerun, T0 + 5000)));
    assert_eq!(store.repeats(&ids[0]).await.expect("readable").as_ref(), Some(id));
    let events = store.events(id).await.expect("readable");
    assert_eq!(
        events.iter().map(|event| event.kind.as_str()).collect::<Vec<_>>(),
        ["submitted", "status", "run_again"]
    );
    let now = read(&store, id).await;
    assert_eq!((now.seq, now.summary.status), (3, RunStatus::Unconfirmed));
    for wrong in [RunStatus::NotSent, RunStatus::Submitting] {
        assert!(store.apply(step(&now, &[RunStatus::Unconfirmed], wrong)).await.is_err(), "it would run a third time");
    }
    apply(&store, step(&now, &[RunStatus::Unconfirmed], RunStatus::Pending)).await;
}

pub async fn a_run_that_is_not_in_doubt_is_not_replaced(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let first = submitting(&store, &ada, "first").await;
    for earlier in [first.summary.id.clone(), super::fixtures::run_id()] {
        let new = NewRun { again_for: again_for(&earlier), ..new_run(&ada, "again") };
        let id = new.id.clone();
        let answer = store.create_run(new).await.expect("an answer");
        assert!(matches!(answer, Created::Settled), "{answer:?}");
        assert_eq!(store.run(&id).await.expect("readable"), None);
    }
    assert_eq!(store.events(&first.summary.id).await.expect("readable").len(), 1);
}

pub async fn an_execution_is_known_in_its_environment(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let mut accepted = step(&run, SUBMITTING, RunStatus::Pending);
    accepted.set.execution_id = Some("exec-1".to_owned());
    apply(&store, accepted).await;
    let known =
        async |environment, id| store.has_execution(&super::fixtures::env(environment), id).await.expect("readable");
    assert!(known("dev", "exec-1").await);
    assert!(!known("prod", "exec-1").await);
    assert!(!known("dev", "exec-2").await);
}
