//! From the tables of before there were principals to today's.

use std::{fs, path::Path, sync::Arc};

use sqlx::{Connection, SqliteConnection, migrate::Migrator, query_as, query_scalar, raw_sql};
use tempfile::{TempDir, tempdir};

use super::{super::open as opening, count, file, open};
use crate::contract::{ALLOWED, BEFORE_PRINCIPALS, REFUSED, ROWS, Shared, assert_everything_is_there};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");
const PRINCIPALS: i64 = 8;

async fn connect(path: &Path) -> SqliteConnection {
    let url = format!("sqlite://{}?mode=rwc", path.display());
    SqliteConnection::connect(&url).await.expect("a connection")
}

/// A database of before, in a folder of its own.
async fn earlier() -> TempDir {
    let folder = tempdir().expect("a folder");
    let mut db = connect(&file(&folder)).await;
    raw_sql("PRAGMA journal_mode = WAL").execute(&mut db).await.expect("a setting");
    let before = MIGRATIONS.iter().filter(|migration| migration.version < PRINCIPALS).cloned().collect();
    Migrator::with_migrations(before).run(&mut db).await.expect("the tables of before");
    raw_sql(BEFORE_PRINCIPALS).execute(&mut db).await.expect("its rows");
    db.close().await.expect("it closes");
    folder
}

/// Everything that a migration could have changed.
async fn contents(path: &Path) -> Vec<(String, String)> {
    let mut db = connect(path).await;
    let tables = "SELECT name, coalesce(sql, '') FROM sqlite_schema
        UNION ALL SELECT email, role FROM users
        UNION ALL SELECT 'version', CAST(max(version) AS TEXT) FROM _sqlx_migrations";
    let found = query_as(tables).fetch_all(&mut db).await.expect("it is readable");
    db.close().await.expect("it closes");
    found
}

#[tokio::test]
async fn a_database_of_before_principals_keeps_its_rows_and_its_refusals() {
    let folder = earlier().await;
    let store = Arc::new(open(&file(&folder)).await);
    for (table, rows) in ROWS {
        assert_eq!(count(&store, table).await, rows, "{table}");
    }
    let shared: Shared = store.clone();
    assert_everything_is_there(&shared).await;

    let mut db = connect(&file(&folder)).await;
    for (sql, words) in REFUSED {
        let said = raw_sql(sql).execute(&mut db).await.expect_err(sql).to_string();
        assert!(said.contains(words) || said.contains(&words.to_uppercase()), "{sql}: {said}");
    }
    raw_sql(ALLOWED).execute(&mut db).await.expect("a new kind of owner, a new door, status and role");
    raw_sql("UPDATE users SET name = 'Robert' WHERE name = 'Bob'").execute(&mut db).await.expect("a new name");
    let owners: Vec<(String, String)> =
        query_as("SELECT kind, name FROM principals ORDER BY id").fetch_all(&mut db).await.expect("readable");
    let owners: Vec<_> = owners.iter().map(|(kind, name)| (kind.as_str(), name.as_str())).collect();
    assert_eq!(owners, [("person", "Ada"), ("person", "Robert"), ("widget", "Shop")]);

    let astray = raw_sql("PRAGMA foreign_key_check").fetch_all(&mut db).await.expect("an answer");
    assert!(astray.is_empty(), "{} rows lead nowhere", astray.len());
    let intact: Vec<String> = query_scalar("PRAGMA integrity_check").fetch_all(&mut db).await.expect("an answer");
    assert_eq!(intact, ["ok"]);
}

#[tokio::test]
async fn a_connection_from_before_sees_the_new_tables() {
    let folder = earlier().await;
    let mut older = connect(&file(&folder)).await;
    let by_a_widget = "UPDATE runs SET door = 'widget' WHERE id = '00000000000000000000000014'";
    sqlx::query(by_a_widget).execute(&mut older).await.expect_err("no such door yet");
    let store = open(&file(&folder)).await;
    sqlx::query(by_a_widget).execute(&mut older).await.expect("the same prepared statement, a door by now");
    store.close().await;
}

#[tokio::test]
async fn tables_changed_by_hand_are_refused_and_left_alone() {
    let folder = earlier().await;
    let mut db = connect(&file(&folder)).await;
    let spaced = "PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, 'CHECK (door', 'CHECK ( door') WHERE name = 'runs';
        PRAGMA writable_schema = RESET";
    raw_sql(spaced).execute(&mut db).await.expect("an administrator may do this");
    db.close().await.expect("it closes");
    let before = contents(&file(&folder)).await;
    let refused = crate::SqliteStore::open(file(&folder).to_str().expect("readable")).await.err().expect("a refusal");
    assert!(format!("{refused:?}").contains("not those of an unchanged dashboard"), "{refused:?}");
    assert_eq!(contents(&file(&folder)).await, before);
}

/// A killed program leaves what an interrupted one leaves: a transaction without its end.
#[tokio::test]
async fn a_migration_interrupted_anywhere_changes_nothing_and_is_made_up_for() {
    const STEPS: i32 = 100;
    let template = earlier().await;
    let before = contents(&file(&template)).await;
    let (folder, mut interrupted) = (tempdir().expect("a folder"), 0);
    for after in 1.. {
        let path = folder.path().join(format!("{after}.db"));
        fs::copy(file(&template), &path).expect("a copy");
        let mut db = connect(&path).await;
        let mut left = after;
        db.lock_handle().await.expect("the handle").set_progress_handler(STEPS, move || {
            left -= 1;
            left > 0
        });
        let done = opening::migrate(&path, &mut db).await;
        drop(db);
        if done.is_ok() {
            break;
        }
        interrupted += 1;
        assert_eq!(contents(&path).await, before, "interrupted after {after} times {STEPS} steps");
        let shared: Shared = Arc::new(open(&path).await);
        assert_everything_is_there(&shared).await;
    }
    assert!(interrupted > 20, "{interrupted} interruptions are not anywhere");
}
