//! The contract on SQLite, and what only a file can show.

mod migrating;
mod opening;
mod plans;
mod promises;
mod writing;

use std::{path::PathBuf, sync::Arc};

use tempfile::TempDir;

use super::SqliteStore;
use crate::contract::{Shared, contract};

/// An empty store in a folder of its own.
async fn fresh() -> (Shared, TempDir) {
    let (store, folder) = fresh_sqlite().await;
    (Arc::new(store), folder)
}

pub use fresh_sqlite as fresh_database;

/// For whoever tampers past the program.
pub const WITHOUT_GUARDS: &str = "DROP TRIGGER audit_never_changes; DROP TRIGGER audit_never_shrinks;
    DROP TRIGGER audit_seals_never_change; DROP TRIGGER audit_seals_never_shrink";

pub async fn fresh_sqlite() -> (SqliteStore, TempDir) {
    let folder = tempfile::tempdir().expect("a folder");
    let store = open(&file(&folder)).await;
    (store, folder)
}

/// Another program on the same database, without its key yet.
pub async fn reopened(folder: &TempDir) -> SqliteStore {
    SqliteStore::open(file(folder).to_str().expect("a readable path")).await.expect("the store opens")
}

fn file(folder: &TempDir) -> PathBuf {
    folder.path().join("dashboard.db")
}

async fn open(path: &std::path::Path) -> SqliteStore {
    let store = SqliteStore::open(path.to_str().expect("a readable path")).await.expect("the store opens");
    store.unlock(&path.with_file_name("master.key")).await.expect("the key opens");
    store
}

/// How many rows a table has.
async fn count(store: &SqliteStore, table: &'static str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(&store.reads).await.expect("a number")
}

contract!(fresh);
