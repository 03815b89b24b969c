//! What the tables themselves refuse, whoever asks.

use std::sync::Arc;

use engine::store::{AuditEntry, Set, Transition};
use model::{AuditAction, RunStatus};
use sqlx::query;

use super::{SqliteStore, count, fresh_sqlite};
use crate::contract::{Shared, audit, new_run, person, run_id, step, submitting};

/// Runs SQL on the write connection; the refusal, if there is one.
async fn refused(store: &SqliteStore, sql: &'static str) -> Option<String> {
    let done = store.writer.write(move |db| Box::pin(async move { query(sql).execute(db).await.map(drop) }));
    let error = done.await.err()?;
    Some(error.to_string())
}

async fn with_a_run() -> (Arc<SqliteStore>, Shared, model::UserId, engine::store::RunRow, tempfile::TempDir) {
    let (store, folder) = fresh_sqlite().await;
    let store = Arc::new(store);
    let shared: Shared = store.clone();
    let ada = person(&shared, "ada@example.org").await;
    let run = submitting(&shared, &ada, "k").await;
    (store, shared, ada, run, folder)
}

#[tokio::test]
async fn history_cannot_be_rewritten() {
    let (store, shared, _, run, _folder) = with_a_run().await;
    let set = Set { result: Some(b"1".to_vec()), ..Set::default() };
    let done = Transition { set, ..step(&run, &[RunStatus::Submitting], RunStatus::Success) };
    crate::contract::apply(&shared, done).await;
    for (sql, words) in [
        ("UPDATE audit SET detail = ''", "never changes"),
        ("DELETE FROM audit", "never deleted"),
        ("INSERT OR REPLACE INTO audit (id, at, action, subject, detail) VALUES (1, 0, '', '', '')", "never replaced"),
        ("UPDATE events SET text = ''", "never changes"),
        ("INSERT INTO events (run_id, seq, at, kind, text) SELECT id, seq + 2, 0, '', '' FROM runs", "without gaps"),
        ("UPDATE results SET bytes = x'00'", "stored once"),
        ("UPDATE runs SET status = 'pending'", "final"),
    ] {
        let said = refused(&store, sql).await.unwrap_or_else(|| panic!("this was allowed: {sql}"));
        assert!(said.contains(words), "{sql}: {said}");
    }
    assert_eq!((count(&store, "audit").await, count(&store, "events").await), (3, 2));
}

#[tokio::test]
async fn a_column_takes_values_of_its_type_only() {
    let (store, _, _, _, _folder) = with_a_run().await;
    assert!(refused(&store, "UPDATE runs SET created_at = 'yesterday'").await.is_some());
}

#[tokio::test]
async fn an_unknown_word_is_an_error_and_never_a_guess() {
    for (sql, column) in [
        ("UPDATE runs SET status = 'done'", "status"),
        ("UPDATE runs SET door = 'window'", "door"),
        ("UPDATE users SET role = 'god'", "role"),
    ] {
        let (store, shared, _, run, _folder) = with_a_run().await;
        assert_eq!(refused(&store, sql).await, None);
        let error = match column {
            "role" => shared.user_by_email("ada@example.org").await.map(drop).expect_err("an unknown role"),
            _ => shared.run(&run.summary.id).await.map(drop).expect_err("an unknown word"),
        };
        assert!(format!("{error:?}").contains(column), "{error:?}");
    }
}

#[tokio::test]
async fn a_refused_step_leaves_no_trace_in_any_table() {
    let (store, shared, ada, run, _folder) = with_a_run().await;
    let tables = ["runs", "events", "attempts", "audit", "results", "users", "principals"];
    let before = [1, 1, 1, 2, 0, 1, 1];
    let result = Set { result: Some(vec![0]), ..Set::default() };
    for refused in [
        Transition { epoch: 9, ..step(&run, &[RunStatus::Submitting], RunStatus::Pending) },
        Transition { set: result, ..step(&run, &[RunStatus::Pending], RunStatus::Success) },
        Transition { run: run_id(), ..step(&run, &[RunStatus::Submitting], RunStatus::Pending) },
    ] {
        shared.apply(refused).await.expect("an answer");
    }
    shared.create_run(new_run(&ada, "k")).await.expect("the run that is there");
    shared.end_session(&ada, "nobody", audit(AuditAction::SessionEnded)).await.expect("nothing to do");
    let (slug, id) = (crate::contract::env("dev"), crate::contract::workflow("none"));
    assert!(!shared.remove_workflow(&slug, &id, audit(AuditAction::WorkflowRemoved)).await.expect("an answer"));
    assert!(
        !shared
            .create_first_user(crate::contract::new_user("b@x"), audit(AuditAction::AccountCreated))
            .await
            .expect("late")
    );
    let same = crate::contract::new_user("ada@example.org");
    assert!(!shared.create_user(same, audit(AuditAction::AccountCreated)).await.expect("taken"));
    for (table, rows) in tables.into_iter().zip(before) {
        assert_eq!(count(&store, table).await, rows, "{table}");
    }
}

#[tokio::test]
async fn every_action_leaves_its_audit_entry() {
    let (store, shared, ada, run, _folder) = with_a_run().await;
    let entry = AuditEntry { actor: Some(ada.clone()), ..audit(AuditAction::RunWatched) };
    let finished = Transition { audit: Some(entry), ..step(&run, &[RunStatus::Submitting], RunStatus::Failed) };
    crate::contract::apply(&shared, finished).await;
    let last: (i64, Option<String>, String, String, String) =
        sqlx::query_as("SELECT at, actor, action, subject, detail FROM audit ORDER BY id DESC LIMIT 1")
            .fetch_one(&store.reads)
            .await
            .expect("the entry");
    let words = ("run.watched".to_owned(), "test:1".to_owned(), "{}".to_owned());
    assert_eq!(last, (crate::contract::T0, Some(ada.to_string()), words.0, words.1, words.2));
}

#[tokio::test]
async fn attempts_are_opened_and_closed() {
    use engine::store::Attempt;
    let (store, shared, _, run, _folder) = with_a_run().await;
    let close = Some(Attempt::Close { outcome: "not_sent" });
    let closed = Transition { attempt: close, ..step(&run, &[RunStatus::Submitting], RunStatus::NotSent) };
    let run = crate::contract::apply(&shared, closed).await;
    let mut again = step(&run, &[RunStatus::NotSent], RunStatus::Submitting);
    (again.at, again.attempt) = (again.at + 5, Some(Attempt::Open));
    crate::contract::apply(&shared, again).await;
    let rows: Vec<(i64, i64, Option<i64>, Option<String>)> =
        sqlx::query_as("SELECT epoch, started_at, finished_at, outcome FROM attempts ORDER BY epoch")
            .fetch_all(&store.reads)
            .await
            .expect("the attempts");
    let t0 = crate::contract::T0;
    let first = (1, t0, Some(t0 + 1000), Some("not_sent".to_owned()));
    assert_eq!(rows, [first, (2, t0 + 1005, None, None)]);
}

#[tokio::test]
async fn a_run_of_nobody_is_refused() {
    let (store, shared, _, _, _folder) = with_a_run().await;
    let nobody = crate::contract::new_user("nobody@example.org").id;
    assert!(shared.create_run(new_run(&nobody, "k")).await.is_err());
    assert_eq!(count(&store, "runs").await, 1);
}
