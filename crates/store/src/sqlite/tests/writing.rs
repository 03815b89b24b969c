//! The shared commit, failures in it, and the copy.

use std::{
    fs,
    future::{Future, poll_fn},
    os::unix::fs::PermissionsExt,
    sync::Arc,
    task::Poll,
};

use engine::{
    Store,
    store::{AccountStore, NewRun, RunStore},
};
use sqlx::query;
use tokio::task::JoinSet;

use super::{super::BackupError, count, file, fresh_sqlite, open};
use crate::{
    contract::{Shared, new_run, person, submitting},
    write::WriteError,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_write_that_fails_takes_no_neighbour_with_it() {
    let (store, _folder) = fresh_sqlite().await;
    let store = Arc::new(store);
    let ada = person(&(store.clone() as Shared), "ada@example.org").await;
    let nobody = crate::contract::new_user("nobody@example.org").id;
    let mut calls = JoinSet::new();
    for number in 0..200 {
        let good = number % 3 != 0;
        let (store, new) = (store.clone(), new_run(if good { &ada } else { &nobody }, &number.to_string()));
        calls.spawn(async move { store.create_run(new).await.is_ok() == good });
    }
    assert!(calls.join_all().await.into_iter().all(|as_expected| as_expected));
    for table in ["runs", "events", "attempts"] {
        assert_eq!(count(&store, table).await, 133, "{table}");
    }
}

#[tokio::test]
async fn a_write_that_panics_takes_nothing_with_it() {
    let (store, _folder) = fresh_sqlite().await;
    let store = Arc::new(store);
    let ada = person(&(store.clone() as Shared), "ada@example.org").await;
    let mut before = store.create_run(new_run(&ada, "before"));
    let mut panics = Box::pin(store.writer.write(|db| {
        Box::pin(async move {
            query("UPDATE probe SET count = 1000").execute(db).await?;
            if true {
                panic!("a bug");
            }
            Ok(())
        })
    }));
    let mut after = store.create_run(new_run(&ada, "after"));
    // All three are in the queue before the writing task runs for the first time.
    assert!(poll_fn(|context| Poll::Ready(before.as_mut().poll(context))).await.is_pending());
    assert!(poll_fn(|context| Poll::Ready(panics.as_mut().poll(context))).await.is_pending());
    assert!(poll_fn(|context| Poll::Ready(after.as_mut().poll(context))).await.is_pending());
    before.await.expect("written");
    assert!(matches!(panics.await, Err(WriteError::Panicked)));
    after.await.expect("written");
    assert_eq!((count(&store, "runs").await, count(&store, "events").await), (2, 2));
    let probe: i64 = sqlx::query_scalar("SELECT count FROM probe").fetch_one(&store.reads).await.expect("a number");
    assert!(probe < 1000, "what the panicking one had written is undone");
    store.ping().await.expect("it goes on");
}

#[tokio::test]
async fn writes_that_wait_share_a_commit() {
    let (store, folder) = fresh_sqlite().await;
    let log = || fs::metadata(folder.path().join("dashboard.db-wal")).expect("the log").len();
    let write = |_| {
        store.writer.write(|db| {
            Box::pin(async move {
                let count = "UPDATE probe SET count = count + 1 RETURNING count";
                sqlx::query_scalar::<_, i64>(count).fetch_one(db).await
            })
        })
    };
    let mut waiting: Vec<_> = (0..50).map(write).map(Box::pin).collect();
    let before = log();
    // All are in the queue before the writing task runs for the first time.
    for write in &mut waiting {
        assert!(poll_fn(|context| Poll::Ready(write.as_mut().poll(context))).await.is_pending());
    }
    let mut counts = Vec::new();
    for write in waiting {
        counts.push(write.await.expect("written"));
    }
    assert_eq!(counts, (2..=51).collect::<Vec<i64>>(), "in the order they were asked for");
    let grown = log() - before;
    assert!(grown > 0 && grown < 4 * 4200, "each commit of its own would have logged the page again: {grown} bytes");
}

#[tokio::test]
async fn a_caller_that_goes_away_changes_nothing() {
    let (store, _folder) = fresh_sqlite().await;
    let store: Shared = Arc::new(store);
    let ada = person(&store, "ada@example.org").await;
    let new = new_run(&ada, "k");
    let id = new.id.clone();
    let mut call = store.create_run(new);
    assert!(poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await.is_pending());
    drop(call);
    // Writes are done in order, so after this one the first is settled.
    store.ping().await.expect("it works");
    assert!(store.run(&id).await.expect("read").is_some());
}

#[tokio::test]
async fn a_full_disk_acknowledges_nothing_and_heals() {
    let (store, _folder) = fresh_sqlite().await;
    let store = Arc::new(store);
    let shared: Shared = store.clone();
    let ada = person(&shared, "ada@example.org").await;
    let full = store.writer.write(|db| {
        Box::pin(async move {
            let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&mut *db).await?;
            query(sqlx::AssertSqlSafe(format!("PRAGMA max_page_count = {pages}"))).execute(db).await.map(drop)
        })
    });
    full.await.expect("the limit is set");
    let large = NewRun { input: "x".repeat(200_000), ..new_run(&ada, "large") };
    let id = large.id.clone();
    assert!(shared.create_run(large.clone()).await.is_err());
    assert!(shared.run(&id).await.expect("read").is_none());
    // The failed transaction cost the connection; the next one has room again.
    let row = shared.create_run(large).await;
    assert!(row.is_ok() && shared.run(&id).await.expect("read").is_some(), "{row:?}");
}

#[tokio::test]
async fn a_closed_store_refuses() {
    let (store, folder) = fresh_sqlite().await;
    store.close().await;
    assert!(store.ping().await.is_err());
    assert!(store.has_users().await.is_err());
    let names = fs::read_dir(folder.path()).expect("a list").map(|entry| entry.expect("an entry").file_name());
    let mut left: Vec<_> = names.collect();
    left.sort();
    assert_eq!(left, ["dashboard.db", "master.key"], "the log was written back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_backup_taken_under_load_is_whole() {
    let (store, folder) = fresh_sqlite().await;
    let store = Arc::new(store);
    let shared: Shared = store.clone();
    let ada = person(&shared, "ada@example.org").await;
    let before = submitting(&shared, &ada, "before").await;
    let mut load = JoinSet::new();
    for number in 0..200 {
        let (store, new) = (store.clone(), new_run(&ada, &number.to_string()));
        load.spawn(async move { store.create_run(new).await.map(drop).expect("written") });
    }
    let to = folder.path().join("backup.db");
    store.backup(&to).await.expect("a backup");
    load.join_all().await;
    assert_eq!(fs::metadata(&to).expect("it exists").permissions().mode() & 0o777, 0o600);
    assert!(matches!(store.backup(&to).await, Err(BackupError::Exists { .. })));
    let nowhere = folder.path().join("no/such/folder.db");
    assert!(matches!(store.backup(&nowhere).await, Err(BackupError::Write { .. })));
    let names: Vec<_> =
        fs::read_dir(folder.path()).expect("a list").map(|entry| entry.expect("entry").file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().ends_with(".partial")), "{names:?}");

    let copy = open(&to).await;
    assert_eq!(copy.run(&before.summary.id).await.expect("read"), Some(before));
    assert_eq!(count(&copy, "runs").await, count(&copy, "events").await);
    let problems: String =
        sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&copy.reads).await.expect("an answer");
    assert_eq!(problems, "ok");
    assert_eq!(count(&store, "runs").await, 201);
    drop(open(&file(&folder)).await);
}
