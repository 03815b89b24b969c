use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use engine::Store;
use sqlx::{ConnectOptions, Connection, query, sqlite::SqliteConnectOptions};
use tempfile::tempdir;
use tokio::task::JoinSet;

use super::{super::OpenError, file, fresh_sqlite, open};
use crate::{
    SqliteStore,
    contract::{apply, log_in, new_run, person, read, step, submitting},
};

async fn refusal(path: impl AsRef<Path>) -> OpenError {
    match SqliteStore::open(path.as_ref().to_str().expect("a readable path")).await {
        Ok(_) => panic!("this must not open"),
        Err(error) => error,
    }
}

fn mode(path: impl AsRef<Path>) -> u32 {
    fs::metadata(path).expect("it exists").permissions().mode() & 0o777
}

/// Runs SQL beside the store, as an administrator with the `sqlite3` program would.
async fn beside(path: &Path, sql: &'static str) {
    let mut db = SqliteConnectOptions::new().filename(path).connect().await.expect("a connection");
    query(sql).execute(&mut db).await.expect("the SQL is right");
    db.close().await.expect("it closes");
}

#[tokio::test]
async fn folder_and_file_are_made_for_their_owner_only() {
    let folder = tempdir().expect("a folder");
    let path = folder.path().join("deep/data/dashboard.db");
    let store = SqliteStore::open(&format!("sqlite://{}", path.display())).await.expect("the store opens");
    store.ping().await.expect("it works");
    assert_eq!(store.path(), path);
    assert_eq!((mode(folder.path().join("deep")), mode(folder.path().join("deep/data"))), (0o700, 0o700));
    let files: Vec<PathBuf> = fs::read_dir(path.parent().expect("a parent"))
        .expect("a list")
        .map(|entry| entry.expect("entry").path())
        .collect();
    assert_eq!(files.len(), 3, "the file, its log and its index, no probe: {files:?}");
    for made in files {
        assert_eq!(mode(&made), 0o600, "{}", made.display());
    }
}

#[tokio::test]
async fn the_settings_are_those_of_a_durable_store() {
    let (store, _folder) = fresh_sqlite().await;
    let settings = store.writer.write(|db| {
        Box::pin(async move {
            let journal: String = sqlx::query_scalar("PRAGMA journal_mode").fetch_one(&mut *db).await?;
            let mut numbers = Vec::new();
            for sql in ["PRAGMA synchronous", "PRAGMA foreign_keys", "PRAGMA busy_timeout", "PRAGMA mmap_size"] {
                // Where memory maps are compiled out, there is no answer.
                numbers.push(sqlx::query_scalar::<_, i64>(sql).fetch_optional(&mut *db).await?.unwrap_or(0));
            }
            Ok((journal, numbers))
        })
    });
    assert_eq!(settings.await.expect("settings"), ("wal".to_owned(), vec![2, 1, 5000, 0]));
}

#[tokio::test]
async fn readers_cannot_write() {
    let (store, _folder) = fresh_sqlite().await;
    assert!(query("DELETE FROM probe").execute(&store.reads).await.is_err());
}

#[tokio::test]
async fn reopening_keeps_everything() {
    let (store, folder) = fresh_sqlite().await;
    let shared: crate::contract::Shared = std::sync::Arc::new(store);
    let ada = person(&shared, "ada@example.org").await;
    let run = submitting(&shared, &ada, "k").await;
    let mut last = step(&run, &[model::RunStatus::Submitting], model::RunStatus::Success);
    last.set.result = Some(b"\0\xff".to_vec());
    let run = apply(&shared, last).await;
    let events = shared.events(&run.summary.id).await.expect("events");
    log_in(&shared, crate::contract::session("f", &ada, 2)).await;
    drop(shared);

    let store = open(&file(&folder)).await;
    assert_eq!(super::count(&store, "audit").await, 4);
    let shared: crate::contract::Shared = std::sync::Arc::new(store);
    assert_eq!(read(&shared, &run.summary.id).await, run);
    assert_eq!(shared.events(&run.summary.id).await.expect("events"), events);
    assert_eq!(shared.result(&run.summary.id).await.expect("result").as_deref(), Some(&b"\0\xff"[..]));
    assert!(shared.session("f").await.expect("read").is_some());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_process_works_beside_the_first() {
    let (server, folder) = fresh_sqlite().await;
    let server: crate::contract::Shared = std::sync::Arc::new(server);
    let ada = person(&server, "ada@example.org").await;
    let command: crate::contract::Shared = std::sync::Arc::new(open(&file(&folder)).await);
    let mut calls = JoinSet::new();
    for number in 0..40 {
        let store = if number % 2 == 0 { server.clone() } else { command.clone() };
        let new = new_run(&ada, &number.to_string());
        calls.spawn(async move { store.create_run(new).await.map(drop) });
    }
    for done in calls.join_all().await {
        done.expect("both may write");
    }
    for store in [server, command] {
        assert_eq!(store.count_moving(&engine::Scope::all()).await.expect("read"), 40);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn processes_that_start_at_once_make_one_database() {
    let folder = tempdir().expect("a folder");
    let mut starts = JoinSet::new();
    for _ in 0..8 {
        let path = file(&folder);
        starts.spawn(async move { open(&path).await.ping().await.expect("it works") });
    }
    starts.join_all().await;
}

#[tokio::test]
async fn a_database_from_the_future_is_refused_and_left_alone() {
    let (store, folder) = fresh_sqlite().await;
    store.close().await;
    let path = file(&folder);
    let future = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'tomorrow', TRUE, x'00', 1)";
    beside(&path, future).await;
    let before = fs::read(&path).expect("the file");
    let error = refusal(&path).await;
    assert!(matches!(error, OpenError::Newer { found: 9999, .. }), "{error:?}");
    let said = error.to_string();
    assert!(said.contains("9999") && said.contains("install that newer dashboard"), "{said}");
    assert!(fs::read(&path).expect("the file") == before, "nothing was written");
}

#[tokio::test]
async fn a_database_of_something_else_is_refused() {
    let (store, folder) = fresh_sqlite().await;
    store.close().await;
    beside(&file(&folder), "UPDATE _sqlx_migrations SET checksum = x'00'").await;
    assert!(matches!(refusal(file(&folder)).await, OpenError::Foreign { version: 1, .. }));
}

#[tokio::test]
async fn a_file_of_another_kind_is_refused_and_kept() {
    let folder = tempdir().expect("a folder");
    let text = "These are not the bytes of a database. ".repeat(50);
    fs::write(file(&folder), &text).expect("written");
    assert!(matches!(refusal(file(&folder)).await, OpenError::NotADatabase { .. }));
    assert_eq!(fs::read_to_string(file(&folder)).expect("the file"), text);
}

#[tokio::test]
async fn a_directory_is_refused() {
    let folder = tempdir().expect("a folder");
    let error = refusal(folder.path()).await;
    assert!(matches!(error, OpenError::NotAFile { .. }), "{error:?}");
}

/// `/sys` accepts files from nobody, not even from root, who may write into every ordinary folder.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_read_only_folder_is_refused() {
    for path in ["/sys/dashboard.db", "/sys/data/dashboard.db"] {
        let error = refusal(path).await;
        assert!(matches!(error, OpenError::ReadOnly { .. }), "{error:?}");
        assert!(error.to_string().contains("write access"), "{error}");
    }
}

#[tokio::test]
async fn what_sqlite_says_becomes_one_sentence() {
    let (store, folder) = fresh_sqlite().await;
    let path = file(&folder);
    let read_only = query("DELETE FROM probe").execute(&store.reads).await.expect_err("readers cannot write");
    assert!(matches!(OpenError::from_sqlx(&path, read_only), OpenError::ReadOnly { .. }));

    let mut full = SqliteConnectOptions::new()
        .filename(folder.path().join("full.db"))
        .create_if_missing(true)
        .pragma("max_page_count", "4")
        .connect()
        .await
        .expect("a connection");
    let error = super::super::open::migrate(&path, &mut full).await.expect_err("four pages are too few");
    assert!(matches!(error, OpenError::DiskFull { .. }), "{error:?}");
    assert!(error.to_string().contains("free some space"), "{error}");
}
