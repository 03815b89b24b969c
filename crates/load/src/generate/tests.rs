//! A few runs, put into the databases of earlier versions as a million would be; then the program opens them.

use std::{path::PathBuf, process::Command};

use engine::store::RunFilter;
use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection, query_scalar, raw_sql};

use super::{AT_ONCE, fill};

/// More than a batch.
const RUNS: u64 = 2 * AT_ONCE + 100;

fn fixture(name: &str) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../server/tests/fixtures")).join(name)
}

/// Every generated run is one that the program reads.
async fn assert_opens(url: &str) {
    let database = store::Database::open(url).await.expect("the database is migrated and opens");
    let (store, mut after, mut found) = (database.store(), None, 0);
    loop {
        let page = store.runs(&RunFilter { after, limit: 500, ..RunFilter::default() }).await.expect("runs");
        for run in page.items.iter().filter(|run| run.key.starts_with("generated-")) {
            found += 1;
            if run.result_bytes.is_some() {
                let bytes = store.result(&run.summary.id).await.expect("readable").expect("a result");
                assert_eq!(bytes.len() as u64, run.result_bytes.unwrap_or(0));
            }
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(found, RUNS);
    database.close().await;
}

const RERUNS: &str = "SELECT count(*) FROM reruns";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_sqlite_database_full_of_runs_opens_and_is_sound() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("dashboard.db");
    std::fs::copy(fixture("sqlite-2026-11-27.db"), &file).expect("a copy");
    let url = format!("sqlite://{}", file.display());
    fill(&url, RUNS).await.expect("filled");
    assert_opens(&url).await;
    let mut db = SqliteConnection::connect(&url).await.expect("a connection");
    let reruns: i64 = query_scalar(RERUNS).fetch_one(&mut db).await.expect("a number");
    assert_eq!(reruns, 2);
    let sound: Vec<String> = query_scalar("PRAGMA integrity_check").fetch_all(&mut db).await.expect("an answer");
    assert_eq!(sound, ["ok"]);
    let astray = raw_sql("PRAGMA foreign_key_check").fetch_all(&mut db).await.expect("an answer");
    assert!(astray.is_empty());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_earlier_postgresql_database_full_of_runs_opens_and_is_sound() {
    let server = std::env::var("DASHBOARD_TEST_POSTGRES_URL").expect("run this under tools/postgres.sh run");
    let name = format!("load_{}", std::process::id());
    let mut db = PgConnection::connect(&server).await.expect("the server");
    raw_sql(AssertSqlSafe(format!("CREATE DATABASE {name}"))).execute(&mut db).await.expect("a database");
    let url = format!("{}/{name}", server.rsplit_once('/').expect("a database").0);
    let file = format!("--file={}", fixture("postgresql-2026-11-27.sql").display());
    let psql = Command::new("psql").args(["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", &file, &url]).output();
    assert!(psql.expect("psql").status.success());
    fill(&url, RUNS).await.expect("filled");
    assert_opens(&url).await;
    let mut db = PgConnection::connect(&url).await.expect("a connection");
    let reruns: i64 = query_scalar(RERUNS).fetch_one(&mut db).await.expect("a number");
    assert_eq!(reruns, 2);
}
