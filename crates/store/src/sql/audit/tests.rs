use std::sync::Arc;

use engine::store::{AccountStore, AuditStore};
use model::AuditAction;

use super::*;
use crate::{
    Fault,
    contract::{T0, audit, new_user},
};

use super::super::super::tests::{WITHOUT_GUARDS, fresh_database};

/// As an administrator of the database would, past the program.
async fn execute(store: &Database, sql: &'static str) {
    let done =
        store.writer.write(move |db| Box::pin(async move { sqlx::raw_sql(sql).execute(db).await.map(drop) })).await;
    done.expect("the SQL is right");
}

/// Writes so many entries.
async fn deeds(store: &Database, count: usize) {
    for _ in 0..count {
        let email = format!("{}@example.org", uuid::Uuid::new_v4());
        assert!(store.create_user(new_user(&email), audit(AuditAction::AccountCreated)).await.expect("stored"));
    }
}

async fn verified(store: &Database) -> Report {
    store.verify_trail(None).await.expect("readable")
}

#[tokio::test]
async fn entries_get_their_seal_and_verify() {
    let (store, _guard) = fresh_database().await;
    assert_eq!(verified(&store).await, Report::default(), "an empty trail is whole");
    assert_eq!(store.seal_audit(T0).await.expect("nothing to do"), 0);
    deeds(&store, 3).await;
    let waiting = verified(&store).await;
    assert_eq!((waiting.sealed, waiting.waiting, waiting.waiting_since, waiting.fault), (0, 3, Some(T0), None));
    assert_eq!(store.seal_audit(T0 + 1).await.expect("sealed"), 3);
    deeds(&store, 1).await;
    let head = verified(&store).await.head.expect("a head");
    assert_eq!(store.seal_audit(T0 + 2).await.expect("sealed"), 1);
    let report = store.verify_trail(Some(head)).await.expect("readable");
    assert_eq!((report.sealed, report.waiting, report.fault), (4, 0, None));
    assert_eq!(report.head.map(|head| head.number), Some(2));
}

#[tokio::test]
async fn very_many_entries_are_sealed_in_turns() {
    let (store, _guard) = fresh_database().await;
    let store = Arc::new(store);
    deeds(&store, usize::try_from(ENTRIES).expect("small") + 7).await;
    assert_eq!(store.seal_audit(T0).await.expect("sealed"), 500);
    assert_eq!(store.seal_audit(T0).await.expect("sealed"), 7);
    assert_eq!(store.seal_audit(T0).await.expect("sealed"), 0);
    let report = verified(&store).await;
    assert_eq!((report.sealed, report.fault), (507, None));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sealers_and_deeds_at_the_same_time_make_one_chain() {
    let (store, _guard) = fresh_database().await;
    let store = Arc::new(store);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..4 {
        let (doing, sealing) = (store.clone(), store.clone());
        tasks.spawn(async move { deeds(&doing, 25).await });
        tasks.spawn(async move {
            for at in 0..25 {
                sealing.seal_audit(T0 + at).await.expect("another sealer stops nobody");
                assert_eq!(verified(&sealing).await.fault, None, "whole at any moment");
            }
        });
    }
    tasks.join_all().await;
    while store.seal_audit(T0).await.expect("sealed") > 0 {}
    let report = verified(&store).await;
    assert_eq!((report.sealed, report.waiting, report.fault), (100, 0, None));
}

#[tokio::test]
async fn what_is_done_past_the_program_is_found() {
    for (deed, fault) in [
        ("UPDATE audit SET detail = 'x' WHERE position = 2", Fault::Changed { position: 2 }),
        ("UPDATE audit SET actor = 'eve' WHERE position = 3", Fault::Changed { position: 3 }),
        ("DELETE FROM audit WHERE position = 2", Fault::Missing { position: 2 }),
        ("DELETE FROM audit_seals WHERE number = 1", Fault::SealMissing { number: 1 }),
        ("UPDATE audit_seals SET at = at + 1 WHERE number = 2", Fault::SealChanged { number: 2, first: 3, last: 4 }),
        (
            "INSERT INTO audit (at, action, subject, detail) VALUES (1, 'run.start', 'run:1', '')",
            Fault::TailChanged { id: 5, action: "run.start".to_owned(), subject: "run:1".to_owned() },
        ),
        (
            "INSERT INTO audit (at, actor, action, subject, detail, nonce, mac)
             SELECT at, actor, action, subject, detail, nonce, mac FROM audit WHERE position = 1",
            Fault::Copied { id: 5, action: "account.created".to_owned(), subject: "test:1".to_owned() },
        ),
    ] {
        let (store, _guard) = fresh_database().await;
        for _ in 0..2 {
            deeds(&store, 2).await;
            store.seal_audit(T0).await.expect("sealed");
        }
        execute(&store, WITHOUT_GUARDS).await;
        execute(&store, deed).await;
        assert_eq!(verified(&store).await.fault, Some(fault), "{deed}");
    }
}

#[tokio::test]
async fn a_long_tail_is_read_in_turns_to_its_end() {
    let (store, _guard) = fresh_database().await;
    deeds(&store, 1).await;
    let many = "WITH RECURSIVE numbers AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM numbers WHERE n < 12000) \
        INSERT INTO audit (at, action, subject, detail, nonce, mac) \
        SELECT at, action, subject, detail, nonce, mac FROM audit, numbers";
    execute(&store, many).await;
    let report = verified(&store).await;
    assert_eq!((report.sealed, report.waiting), (0, 12_001));
    assert!(matches!(report.fault, Some(Fault::Copied { id: 2, .. })), "{:?}", report.fault);
}

#[tokio::test]
async fn what_the_sealer_finds_without_a_code_stays_foreign() {
    let (store, _guard) = fresh_database().await;
    deeds(&store, 1).await;
    store.seal_audit(T0).await.expect("sealed");
    execute(&store, "INSERT INTO audit (at, action, subject, detail) VALUES (1, 'run.start', 'run:1', '')").await;
    assert_eq!(store.seal_audit(T0).await.expect("sealed"), 1);
    assert_eq!(verified(&store).await.fault, Some(Fault::Foreign { position: 2 }));
}

#[tokio::test]
async fn entries_from_before_the_key_are_sealed_first() {
    let (store, _guard) = fresh_database().await;
    for _ in 0..3 {
        execute(&store, "INSERT INTO audit (at, action, subject, detail) VALUES (1, 'log_in', 'user:1', '')").await;
    }
    deeds(&store, 2).await;
    assert_eq!(store.seal_audit(T0).await.expect("sealed"), 3);
    assert_eq!(store.seal_audit(T0).await.expect("sealed"), 2);
    let report = verified(&store).await;
    assert_eq!((report.sealed, report.fault), (5, None));
}
