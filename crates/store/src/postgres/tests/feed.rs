//! The sequence of all changes.

use engine::store::{Cluster, Position};
use model::RunStatus;
use sqlx::Connection as _;

use super::{PostgresStore, cluster::fresh, connect, execute, server};
use crate::contract::{apply, person, step, submitting};

/// The changes since `position`, which moves on.
async fn pull(store: &PostgresStore, position: &mut Position) -> Vec<(String, i64)> {
    let (changes, next) = store.changes(position).await.expect("changes");
    *position = next;
    changes.into_iter().map(|change| (change.run.to_string(), change.seq)).collect()
}

#[tokio::test]
async fn a_change_that_is_committed_late_is_told_once_and_none_is_missed() {
    let (store, shared, url) = fresh().await;
    let ada = person(&shared, "ada@example.org").await;
    let (slow, quick) = (submitting(&shared, &ada, "slow").await, submitting(&shared, &ada, "quick").await);
    let mut position = store.position().await.expect("a position");
    assert_eq!(pull(&store, &mut position).await, [], "what came before");

    // The slow one takes its number first and commits last.
    let mut db = connect(&url).await;
    let mut transaction = db.begin().await.expect("a transaction");
    let id = slow.summary.id.to_string();
    for sql in [
        "UPDATE runs SET status = 'pending', seq = 2 WHERE id = $1",
        "INSERT INTO events (run_id, seq, at, kind, text) VALUES ($1, 2, 0, 'accepted', '')",
    ] {
        sqlx::query(sql).bind(&id).execute(&mut *transaction).await.expect("written");
    }
    apply(&shared, step(&quick, &[RunStatus::Submitting], RunStatus::Pending)).await;
    let quick = (quick.summary.id.to_string(), 2);
    assert_eq!(pull(&store, &mut position).await, [quick]);
    assert_eq!(pull(&store, &mut position).await, []);
    transaction.commit().await.expect("committed");
    assert_eq!(pull(&store, &mut position).await, [(id, 2)]);
    assert_eq!(pull(&store, &mut position).await, []);
}

#[tokio::test]
async fn while_somebody_else_writes_for_long_each_change_is_read_once() {
    let (store, shared, _) = fresh().await;
    let ada = person(&shared, "ada@example.org").await;
    // In another database of the same server.
    let mut db = connect(&server()).await;
    let mut long = db.begin().await.expect("a transaction");
    sqlx::raw_sql("SELECT pg_current_xact_id()").execute(&mut *long).await.expect("it has a number");
    let mut position = store.position().await.expect("a position");
    for key in ["a", "b", "c"] {
        let run = submitting(&shared, &ada, key).await;
        assert_eq!(pull(&store, &mut position).await, [(run.summary.id.to_string(), 1)]);
        assert_eq!(pull(&store, &mut position).await, []);
    }
    long.rollback().await.expect("it ends");
    assert_eq!(pull(&store, &mut position).await, []);
}

#[tokio::test]
async fn what_came_with_a_restored_dump_is_not_told() {
    let (store, shared, url) = fresh().await;
    let ada = person(&shared, "ada@example.org").await;
    submitting(&shared, &ada, "k").await;
    let mut position = store.position().await.expect("a position");
    // Its transaction had a number that this server gives only now.
    execute(
        &url,
        "INSERT INTO events (run_id, seq, at, kind, text, xid) \
         SELECT id, 2, 0, 'accepted', '', (pg_current_xact_id()::text::bigint + 20)::text::xid8 FROM runs",
    )
    .await;
    let mut db = connect(&url).await;
    for _ in 0..40 {
        sqlx::raw_sql("SELECT pg_current_xact_id()").execute(&mut db).await.expect("the next number");
        assert_eq!(pull(&store, &mut position).await, []);
    }
}
