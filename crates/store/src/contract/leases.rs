//! Who looks after a run. How a lease ends differs: `postgres/tests/cluster.rs`.

use std::collections::HashSet;

use engine::store::{Applied, ClaimScope, Hold, Lease, ReplicaId, RunRow, Transition};
use model::RunStatus;
use tokio::task::JoinSet;

use super::{
    Shared,
    fixtures::{apply, person, read, replica, step, submitting},
};

const SUBMITTING: &[RunStatus] = &[RunStatus::Submitting];

/// Everything that the holder of a new run has left behind.
async fn claim(store: &Shared, by: &ReplicaId) -> Vec<RunRow> {
    if let Some(cluster) = store.cluster() {
        let first = replica("first");
        cluster.renew(&first).await.expect("renewed");
        cluster.leave(&first).await.expect("left");
    }
    store.claim(by, ClaimScope::Left, 100).await.expect("an answer")
}

pub async fn the_first_holder_is_who_created_it(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    assert_eq!(run.lease, Lease { holder: replica("first"), epoch: 1 });
    assert_eq!(read(&store, &run.summary.id).await.lease, run.lease);
    assert_eq!(
        store.claim(&replica("first"), ClaimScope::Expired, 100).await.expect("an answer"),
        [],
        "it is held already"
    );
}

pub async fn a_holder_that_was_replaced_writes_nothing(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let before = submitting(&store, &ada, "k").await;
    let claimed = claim(&store, &replica("second")).await;
    let after = read(&store, &before.summary.id).await;
    assert_eq!(after.lease, Lease { holder: replica("second"), epoch: 2 });
    assert_eq!(claimed, [after]);
    let as_held = |row: &RunRow| Transition {
        hold: Hold::Only(row.lease.clone()),
        ..step(&before, SUBMITTING, RunStatus::Pending)
    };
    for stale in [
        before.lease.clone(),
        Lease { epoch: 1, ..claimed[0].lease.clone() },
        Lease { holder: replica("first"), epoch: 2 },
    ] {
        let late = Transition { hold: Hold::Only(stale), ..step(&before, SUBMITTING, RunStatus::Pending) };
        assert!(matches!(store.apply(late).await.expect("an answer"), Applied::Stale));
    }
    assert_eq!(store.events(&before.summary.id).await.expect("read").len(), 1);
    let after = apply(&store, as_held(&claimed[0])).await;
    assert_eq!(after.lease, claimed[0].lease, "a step of the holder changes nothing about it");
}

pub async fn whoever_moves_a_run_on_may_take_it(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let run = submitting(&store, &ada, "k").await;
    let stalled = apply(&store, step(&run, SUBMITTING, RunStatus::Stalled)).await;
    assert_eq!(stalled.lease, run.lease, "a person's act leaves it");
    let taking = Hold::Take(replica("second"));
    let resumed =
        apply(&store, Transition { hold: taking, ..step(&stalled, &[RunStatus::Stalled], RunStatus::Pending) }).await;
    assert_eq!(resumed.lease, Lease { holder: replica("second"), epoch: 2 });
}

pub async fn finished_runs_are_not_claimed(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    for status in RunStatus::ALL {
        let new = engine::store::NewRun { status, ..super::fixtures::new_run(&ada, status.as_str()) };
        super::fixtures::create(&store, new).await;
    }
    let claimed = claim(&store, &replica("second")).await;
    let statuses: Vec<_> = claimed.iter().map(|row| row.summary.status).collect();
    assert_eq!(statuses, [RunStatus::Submitting, RunStatus::Pending], "oldest first");
}

pub async fn of_parallel_claims_each_run_goes_to_one(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    for number in 0..60 {
        submitting(&store, &ada, &number.to_string()).await;
    }
    // Ends the lease of the first holder; takes nothing.
    assert_eq!(claim(&store, &replica("first")).await, []);
    let mut calls = JoinSet::new();
    for _ in 0..12 {
        let store = store.clone();
        calls.spawn(async move { store.claim(&replica("second"), ClaimScope::Left, 10).await.expect("an answer") });
    }
    let claimed: Vec<RunRow> = calls.join_all().await.into_iter().flatten().collect();
    let different: HashSet<_> = claimed.iter().map(|row| row.summary.id.clone()).collect();
    assert_eq!(different.len(), claimed.len(), "none twice");
    let rest = store.claim(&replica("second"), ClaimScope::Left, 100).await.expect("an answer");
    assert_eq!(claimed.len() + rest.len(), 60, "and none is left over");
    assert!(claimed.iter().chain(&rest).all(|row| row.lease.epoch == 2));
}
