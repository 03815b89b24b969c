//! The contract on PostgreSQL, and what only a server can show.

mod claims;
mod clock;
mod cluster;
mod feed;
mod migrating;
mod opening;
mod promises;

use std::sync::{
    Arc, OnceLock,
    atomic::{AtomicU64, Ordering},
};

use sqlx::{ConnectOptions, Connection as _, PgConnection, postgres::PgConnectOptions};

use tempfile::TempDir;

use super::PostgresStore;
use crate::contract::{Shared, contract};

/// The server that `tools/postgres.sh run` has started for the tests.
fn server() -> String {
    std::env::var("DASHBOARD_TEST_POSTGRES_URL")
        .expect("these tests need a PostgreSQL: run them as tools/postgres.sh run cargo test …")
}

async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().expect("an address");
    options.connect().await.expect("a connection")
}

/// The address of a new, empty database.
async fn empty() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let name = format!("store_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    execute(&server(), &format!("CREATE DATABASE {name}")).await;
    format!("{}/{name}", server().rsplit_once('/').expect("a database").0)
}

/// Runs SQL beside the store, as an administrator with `psql` would.
async fn execute(url: &str, sql: &str) {
    let mut db = connect(url).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.expect("the SQL is right");
    db.close().await.expect("it closes");
}

async fn open(url: &str) -> PostgresStore {
    static KEYS: OnceLock<TempDir> = OnceLock::new();
    let folder = KEYS.get_or_init(|| tempfile::tempdir().expect("a folder"));
    let store = PostgresStore::open(url).await.expect("the store opens");
    store.unlock(&folder.path().join("master.key")).await.expect("the key opens");
    store
}

/// An empty store and its address.
async fn fresh() -> (Shared, String) {
    let (store, url) = fresh_postgres().await;
    (Arc::new(store), url)
}

pub use fresh_postgres as fresh_database;

/// Another program on the same database, without its key yet.
pub async fn reopened(url: &str) -> PostgresStore {
    PostgresStore::open(url).await.expect("the store opens")
}

/// For whoever tampers past the program.
pub const WITHOUT_GUARDS: &str = "ALTER TABLE audit DISABLE TRIGGER ALL; ALTER TABLE audit_seals DISABLE TRIGGER ALL";

pub async fn fresh_postgres() -> (PostgresStore, String) {
    let url = empty().await;
    (open(&url).await, url)
}

/// How many rows a table has.
async fn count(store: &PostgresStore, table: &'static str) -> i64 {
    let sql = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
    sqlx::query_scalar(sql).fetch_one(&store.reads).await.expect("a number")
}

contract!(fresh);
