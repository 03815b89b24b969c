//! What the tables themselves refuse, whoever asks, and what the sessions promise.

use std::sync::Arc;

use engine::store::{Set, Transition};
use model::{AuditAction, RunStatus};

use super::{PostgresStore, connect, count, fresh_postgres, open};
use crate::contract::{Shared, apply, audit, new_run, person, run_id, step, submitting};

async fn with_a_run() -> (Arc<PostgresStore>, Shared, model::UserId, engine::store::RunRow, String) {
    let (store, url) = fresh_postgres().await;
    let store = Arc::new(store);
    let shared: Shared = store.clone();
    let ada = person(&shared, "ada@example.org").await;
    let run = submitting(&shared, &ada, "k").await;
    (store, shared, ada, run, url)
}

/// Runs SQL beside the store; the refusal, if there is one.
async fn refused(url: &str, sql: &'static str) -> Option<String> {
    let mut db = connect(url).await;
    sqlx::raw_sql(sql).execute(&mut db).await.err().map(|error| error.to_string())
}

#[tokio::test]
async fn history_cannot_be_rewritten() {
    let (store, shared, ada, run, url) = with_a_run().await;
    submitting(&shared, &ada, "still moving").await;
    let set = Set { result: Some(b"1".to_vec()), ..Set::default() };
    let done = Transition { set, ..step(&run, &[RunStatus::Submitting], RunStatus::Success) };
    apply(&shared, done).await;
    for (sql, words) in [
        ("UPDATE audit SET detail = ''", "never changes"),
        ("DELETE FROM audit", "never deleted"),
        ("TRUNCATE audit", "never deleted"),
        ("INSERT INTO audit (id, at, action, subject, detail) VALUES (1, 0, '', '', '')", "id"),
        (
            "INSERT INTO audit (id, at, action, subject, detail) OVERRIDING SYSTEM VALUE VALUES (1, 0, '', '', '')
             ON CONFLICT (id) DO UPDATE SET detail = ''",
            "never changes",
        ),
        ("UPDATE events SET text = ''", "never changes"),
        ("INSERT INTO events (run_id, seq, at, kind, text) SELECT id, seq + 2, 0, '', '' FROM runs", "without gaps"),
        ("UPDATE results SET bytes = '\\x00'", "stored once"),
        ("UPDATE runs SET status = 'pending' WHERE status = 'success'", "final"),
    ] {
        let said = refused(&url, sql).await.unwrap_or_else(|| panic!("this was allowed: {sql}"));
        assert!(said.contains(words), "{sql}: {said}");
    }
    assert_eq!((count(&store, "audit").await, count(&store, "events").await), (4, 3));
}

#[tokio::test]
async fn a_refused_step_leaves_no_trace_in_any_table() {
    let (store, shared, ada, run, _) = with_a_run().await;
    let result = Set { result: Some(vec![0]), ..Set::default() };
    for refused in [
        Transition { epoch: 9, ..step(&run, &[RunStatus::Submitting], RunStatus::Pending) },
        Transition { set: result, ..step(&run, &[RunStatus::Pending], RunStatus::Success) },
        Transition { run: run_id(), ..step(&run, &[RunStatus::Submitting], RunStatus::Pending) },
    ] {
        shared.apply(refused).await.expect("an answer");
    }
    shared.create_run(new_run(&ada, "k")).await.expect("the run that is there");
    let nobody = crate::contract::new_user("nobody@example.org").id;
    assert!(shared.create_run(new_run(&nobody, "k2")).await.is_err(), "a run of nobody");
    shared.end_session(&ada, "nobody", audit(AuditAction::SessionEnded)).await.expect("nothing to do");
    let same = crate::contract::new_user("ada@example.org");
    assert!(!shared.create_user(same, audit(AuditAction::AccountCreated)).await.expect("taken"));
    let tables = ["runs", "events", "attempts", "audit", "results", "users", "principals"];
    for (table, rows) in tables.into_iter().zip([1, 1, 1, 2, 0, 1, 1]) {
        assert_eq!(count(&store, table).await, rows, "{table}");
    }
}

#[tokio::test]
async fn an_acknowledged_write_is_on_the_disk_whatever_the_servers_defaults_are() {
    let (_, url) = fresh_postgres().await;
    let name = url.rsplit_once('/').expect("a database").1;
    for setting in ["synchronous_commit = off", "default_transaction_isolation = 'serializable'"] {
        super::execute(&url, &format!("ALTER DATABASE {name} SET {setting}")).await;
    }
    let store = open(&url).await;
    for (name, value) in [("synchronous_commit", "on"), ("default_transaction_isolation", "read committed")] {
        let found: String = sqlx::query_scalar("SELECT current_setting($1)")
            .bind(name)
            .fetch_one(&store.reads)
            .await
            .expect("a setting");
        assert_eq!(found, value, "{name}");
    }
}

#[tokio::test]
async fn a_caller_that_goes_away_changes_nothing() {
    use std::{future::poll_fn, task::Poll};
    let (_, shared, ada, ..) = with_a_run().await;
    let new = new_run(&ada, "another");
    let id = new.id.clone();
    let mut call = shared.create_run(new);
    assert!(poll_fn(|context| Poll::Ready(call.as_mut().poll(context))).await.is_pending());
    drop(call);
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    while shared.run(&id).await.expect("read").is_none() {
        assert!(tokio::time::Instant::now() < deadline, "it was never written");
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}
