//! From the tables of before there were principals to today's.

use std::{sync::Arc, time::Duration};

use sqlx::{migrate::Migrator, query_as, query_scalar, raw_sql};

use super::{PostgresStore, connect, count, empty, execute, open};
use crate::contract::{ALLOWED, BEFORE_PRINCIPALS, REFUSED, ROWS, Shared, assert_everything_is_there};

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/postgres");
const PRINCIPALS: i64 = 8;

/// The address of a database of before.
async fn earlier() -> String {
    let url = empty().await;
    let before = MIGRATIONS.iter().filter(|migration| migration.version < PRINCIPALS).cloned().collect();
    Migrator::with_migrations(before).run(&mut connect(&url).await).await.expect("the tables of before");
    execute(&url, &BEFORE_PRINCIPALS.replace("BLOB", "BYTEA")).await;
    url
}

async fn assert_migrates(url: &str) {
    let store = Arc::new(open(url).await);
    for (table, rows) in ROWS {
        assert_eq!(count(&store, table).await, rows, "{table}");
    }
    let shared: Shared = store;
    assert_everything_is_there(&shared).await;
}

#[tokio::test]
async fn a_database_of_before_principals_keeps_its_rows_and_its_refusals() {
    let url = earlier().await;
    assert_migrates(&url).await;
    let mut db = connect(&url).await;
    for (sql, words) in REFUSED {
        let said = raw_sql(sql).execute(&mut db).await.expect_err(sql).to_string();
        assert!(said.contains(words), "{sql}: {said}");
    }
    raw_sql(ALLOWED).execute(&mut db).await.expect("a new kind of owner, a new door, status and role");
    raw_sql("UPDATE users SET name = 'Robert' WHERE name = 'Bob'").execute(&mut db).await.expect("a new name");
    let owners: Vec<(String, String)> =
        query_as("SELECT kind, name FROM principals ORDER BY id").fetch_all(&mut db).await.expect("readable");
    let owners: Vec<_> = owners.iter().map(|(kind, name)| (kind.as_str(), name.as_str())).collect();
    assert_eq!(owners, [("person", "Ada"), ("person", "Robert"), ("widget", "Shop")]);
    let unsure: i64 = query_scalar("SELECT count(*) FROM pg_constraint WHERE NOT convalidated")
        .fetch_one(&mut db)
        .await
        .expect("one");
    assert_eq!(unsure, 0);
}

#[tokio::test]
async fn a_migration_whose_connection_is_killed_at_its_end_changes_nothing_and_is_made_up_for() {
    let url = earlier().await;
    // The migration is noted there after everything else is done.
    let mut blocking = connect(&url).await;
    raw_sql("BEGIN; LOCK TABLE _sqlx_migrations IN SHARE MODE").execute(&mut blocking).await.expect("a lock");
    let opening = tokio::spawn({
        let url = url.clone();
        async move { PostgresStore::open(&url).await.map(drop) }
    });
    let mut killing = connect(&url).await;
    let kill = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE datname = current_database() AND wait_event_type = 'Lock'";
    tokio::time::timeout(Duration::from_secs(20), async {
        while query_scalar::<_, i64>(kill).fetch_one(&mut killing).await.expect("an answer") == 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("the migration gets there");
    opening.await.expect("an end").expect_err("its connection is gone");
    let found: (Option<String>, String) =
        query_as("SELECT to_regclass('principals')::text, role FROM users WHERE email = 'bob@example.org'")
            .fetch_one(&mut killing)
            .await
            .expect("readable");
    assert_eq!(found, (None, "member".to_owned()));
    raw_sql("COMMIT").execute(&mut blocking).await.expect("an end");
    assert_migrates(&url).await;
}
