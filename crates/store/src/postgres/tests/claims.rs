//! Claims beside everything else that happens to leases.

use std::{collections::HashSet, sync::Arc, time::Duration};

use engine::store::{ClaimScope, Cluster, NewRun, RunRow};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep},
};

use super::{
    PostgresStore,
    cluster::{STEADY, fresh},
    connect, execute,
};
use crate::contract::{Shared, create, new_run, person, read, replica, submitting};

/// A claim waits in the middle for whoever has this lock.
const SLOW_CLAIMS: &str = "
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_advisory_xact_lock(1); RETURN NEW; END';
CREATE TRIGGER slow BEFORE UPDATE OF lease_owner ON runs FOR EACH ROW EXECUTE FUNCTION slow();
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_holder_that_comes_back_during_a_claim_sees_what_became_of_its_runs() {
    let (store, shared, url) = fresh().await;
    let ada = person(&shared, "ada@example.org").await;
    let run = submitting(&shared, &ada, "k").await.summary.id;
    for name in ["first", "second"] {
        store.renew(&replica(name)).await.expect("renewed");
    }
    execute(&url, STEADY).await;
    execute(&url, "UPDATE replicas SET until = 1 WHERE id = 'first'").await;
    execute(&url, SLOW_CLAIMS).await;
    let mut lock = connect(&url).await;
    sqlx::raw_sql("SELECT pg_advisory_lock(1)").execute(&mut lock).await.expect("locked");
    let claim = tokio::spawn({
        let shared = shared.clone();
        async move { shared.claim(&replica("second"), ClaimScope::Expired, 10).await.expect("an answer").len() }
    });
    sleep(Duration::from_millis(500)).await;
    let back = tokio::spawn({
        let (store, shared, run) = (store.clone(), shared.clone(), run.clone());
        async move {
            assert!(!store.renew(&replica("first")).await.expect("renewed"));
            read(&shared, &run).await.lease.holder
        }
    });
    sleep(Duration::from_millis(500)).await;
    sqlx::raw_sql("SELECT pg_advisory_unlock(1)").execute(&mut lock).await.expect("unlocked");
    assert_eq!(claim.await.expect("it ends"), 1);
    assert_eq!(back.await.expect("it ends"), replica("second"), "it has read that the run is not its own any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn claims_renewals_and_farewells_at_once_stop_nobody() {
    let (store, shared, _) = fresh().await;
    let ada = person(&shared, "ada@example.org").await;
    for number in 0..200 {
        let holder = replica(&format!("gone-{}", number % 5));
        create(&shared, NewRun { holder, ..new_run(&ada, &number.to_string()) }).await;
    }
    let mut tasks = JoinSet::new();
    for number in 0..4 {
        tasks.spawn(take_all(store.clone(), shared.clone(), format!("living-{number}")));
    }
    for number in 0..5 {
        let (store, gone) = (store.clone(), replica(&format!("gone-{number}")));
        tasks.spawn(async move {
            for _ in 0..20 {
                store.renew(&gone).await.expect("no deadlock");
                store.leave(&gone).await.expect("no deadlock");
            }
            Vec::new()
        });
    }
    let claimed: Vec<RunRow> = tasks.join_all().await.into_iter().flatten().collect();
    let different: HashSet<_> = claimed.iter().map(|row| row.summary.id.clone()).collect();
    assert_eq!((claimed.len(), different.len()), (200, 200), "each by one");
}

/// Renews and claims until there is nothing more for a while.
async fn take_all(store: Arc<PostgresStore>, shared: Shared, name: String) -> Vec<RunRow> {
    let me = replica(&name);
    let mut claimed = Vec::new();
    let mut last = Instant::now();
    while last.elapsed() < Duration::from_secs(2) {
        store.renew(&me).await.expect("no deadlock");
        let some = shared.claim(&me, ClaimScope::Expired, 7).await.expect("no deadlock");
        if !some.is_empty() {
            last = Instant::now();
        }
        claimed.extend(some);
    }
    claimed
}

#[tokio::test]
async fn what_a_replica_stores_after_its_farewell_is_claimed() {
    let (store, shared, _) = fresh().await;
    let ada = person(&shared, "ada@example.org").await;
    let (first, second) = (replica("first"), replica("second"));
    store.renew(&first).await.expect("renewed");
    store.leave(&first).await.expect("left");
    store.renew(&second).await.expect("renewed");
    // It was under way in the database all the time.
    submitting(&shared, &ada, "late").await;
    assert_eq!(shared.claim(&second, ClaimScope::Left, 10).await.expect("an answer").len(), 1);
}

#[tokio::test]
async fn runs_of_a_holder_that_nobody_knows_are_claimed() {
    let (store, shared, url) = fresh().await;
    let ada = person(&shared, "ada@example.org").await;
    for (number, holder) in ["a", "b", "b", "c"].into_iter().enumerate() {
        create(&shared, NewRun { holder: replica(holder), ..new_run(&ada, &number.to_string()) }).await;
    }
    for name in ["b", "second"] {
        store.renew(&replica(name)).await.expect("renewed");
    }
    let claimed = shared.claim(&replica("second"), ClaimScope::Expired, 10).await.expect("an answer");
    let mut keys: Vec<_> = claimed.iter().map(|row| row.key.as_str()).collect();
    keys.sort_unstable();
    assert_eq!(keys, ["0", "3"]);
    assert!(!store.renew(&replica("a")).await.expect("renewed"), "it is told");
    execute(&url, STEADY).await;
    execute(&url, "UPDATE replicas SET until = 1 WHERE id = 'second'").await;
    create(&shared, NewRun { holder: replica("d"), ..new_run(&ada, "later") }).await;
    assert_eq!(shared.claim(&replica("b"), ClaimScope::Expired, 10).await.expect("an answer").len(), 3);
}
