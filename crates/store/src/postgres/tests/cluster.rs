//! Leases and notices.

use std::{sync::Arc, time::Duration};

use engine::store::{ClaimScope, Cluster};
use tokio::time::timeout;

use super::{PostgresStore, execute, fresh_postgres};
use crate::contract::{Shared, person, replica, submitting};

/// As if every lease were held for long.
pub const STEADY: &str = "UPDATE replicas SET since = 1";

pub async fn fresh() -> (Arc<PostgresStore>, Shared, String) {
    let (store, url) = fresh_postgres().await;
    let store = Arc::new(store);
    (store.clone(), store, url)
}

#[tokio::test]
async fn a_lease_is_held_until_it_is_over() {
    let (store, _, url) = fresh().await;
    let me = replica("me");
    let renew = async || store.renew(&me).await.expect("renewed");
    assert!(!renew().await, "it is new");
    assert!(renew().await);
    execute(&url, "UPDATE replicas SET until = 1").await;
    assert!(!renew().await, "it was over");
    assert!(renew().await);
    store.leave(&me).await.expect("left");
    assert!(!renew().await, "it was given up");
}

#[tokio::test]
async fn only_runs_of_holders_that_are_gone_are_claimed() {
    let (store, shared, url) = fresh().await;
    let ada = person(&shared, "ada@example.org").await;
    submitting(&shared, &ada, "k").await;
    for name in ["first", "second"] {
        store.renew(&replica(name)).await.expect("renewed");
    }
    execute(&url, STEADY).await;
    let claimed = async |gone| {
        let claimed = shared.claim(&replica("second"), gone, 10).await.expect("an answer").len();
        execute(&url, "UPDATE runs SET lease_owner = 'first'").await;
        claimed
    };
    assert_eq!((claimed(ClaimScope::Left).await, claimed(ClaimScope::Expired).await), (0, 0), "it lives");
    let now = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";
    for (until, of_left, of_expired) in [("0", 1, 1), ("1", 0, 1), (&format!("{now} - 1"), 0, 1)] {
        execute(&url, &format!("UPDATE replicas SET until = {until} WHERE id = 'first'")).await;
        let found = (claimed(ClaimScope::Left).await, claimed(ClaimScope::Expired).await);
        assert_eq!(found, (of_left, of_expired), "until {until}");
    }
    execute(&url, &format!("UPDATE replicas SET until = {now} + 3600000 WHERE id = 'first'")).await;
    assert_eq!(claimed(ClaimScope::Expired).await, 1, "the server's clock was set back by an hour");
    execute(&url, "UPDATE replicas SET until = 1").await;
    assert_eq!(claimed(ClaimScope::Expired).await, 0, "who has no lease cannot tell");
}

#[tokio::test]
async fn replicas_that_are_gone_for_long_leave_no_row() {
    let (store, shared, url) = fresh().await;
    let ada = person(&shared, "ada@example.org").await;
    submitting(&shared, &ada, "k").await;
    for name in ["first", "old", "new"] {
        store.renew(&replica(name)).await.expect("renewed");
    }
    execute(&url, "UPDATE replicas SET until = 1 WHERE id IN ('first', 'old')").await;
    store.renew(&replica("new")).await.expect("renewed");
    let left: Vec<String> =
        sqlx::query_scalar("SELECT id FROM replicas ORDER BY id").fetch_all(&store.reads).await.expect("a list");
    assert_eq!(left, ["", "first", "new"], "one still holds a run");
}

#[tokio::test]
async fn a_notice_names_who_sent_it_and_a_cut_connection_is_told() {
    let (store, _, url) = fresh().await;
    let mut notices = store.listen().await.expect("listening");
    store.notify(&replica("other")).await.expect("told");
    let next = timeout(Duration::from_secs(10), notices.next());
    assert_eq!(next.await.expect("in time").expect("heard"), Some(replica("other")));
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
        WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    execute(&url, cut).await;
    assert_eq!(timeout(Duration::from_secs(10), notices.next()).await.expect("in time").ok().flatten(), None);
}
