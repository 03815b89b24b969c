use engine::store::{ApiTokenRow, NewUser, SessionRow};
use model::{AuditAction, Role, UserId};
use tokio::task::JoinSet;

use super::{
    Shared,
    fixtures::{T0, audit, new_user, person},
};

pub async fn of_many_first_people_one_wins(store: Shared) {
    assert!(!store.has_users().await.expect("read"));
    let mut calls = JoinSet::new();
    for number in 0..100 {
        let user = NewUser { role: Role::Admin, ..new_user(&format!("p{number}@example.org")) };
        let store = store.clone();
        calls.spawn(async move {
            let email = user.email.clone();
            let won = store.create_first_user(user, audit(AuditAction::AccountCreated)).await.expect("an answer");
            won.then_some(email)
        });
    }
    let winners: Vec<String> = calls.join_all().await.into_iter().flatten().collect();
    assert_eq!(winners.len(), 1);
    assert!(store.has_users().await.expect("read"));
    for number in 0..100 {
        let email = format!("p{number}@example.org");
        let found = store.user_by_email(&email).await.expect("read");
        assert_eq!(found.is_some(), winners[0] == email);
    }
}

pub async fn emails_are_unique_without_case(store: Shared) {
    let ada = new_user("Ada.Müller@Example.org");
    let id = ada.id.clone();
    assert!(store.create_user(ada, audit(AuditAction::AccountCreated)).await.expect("an answer"));
    for same in ["ada.müller@example.org", "ADA.MÜLLER@EXAMPLE.ORG"] {
        assert!(!store.create_user(new_user(same), audit(AuditAction::AccountCreated)).await.expect("an answer"));
        let found = store.user_by_email(same).await.expect("read").expect("there is one");
        assert_eq!(found.principal.id, id);
        assert_eq!(found.principal.email, "Ada.Müller@Example.org", "as it was written");
        assert_eq!(found.password_hash, new_user("x").password_hash);
        assert_eq!(found.principal.role, Role::Runner);
    }
    assert!(store.user_by_email("someone@example.org").await.expect("read").is_none());
}

fn session(fingerprint: &str, user: &UserId, expires_at: i64) -> SessionRow {
    SessionRow { fingerprint: fingerprint.to_owned(), user: user.clone(), created_at: T0, expires_at }
}

pub async fn a_session_is_found_also_when_it_has_expired(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    store.create_session(session("f1", &ada, T0 - 1), audit(AuditAction::SessionCreated)).await.expect("stored");
    let (row, user) = store.session("f1").await.expect("read").expect("there is one");
    assert_eq!(
        (row.fingerprint.as_str(), row.user.clone(), row.created_at, row.expires_at),
        ("f1", ada.clone(), T0, T0 - 1)
    );
    assert_eq!((user.principal.id, user.principal.email.as_str()), (ada, "ada@example.org"));
    assert!(store.session("f2").await.expect("read").is_none());
    store.create_session(session("f3", &row.user, T0 + 1), audit(AuditAction::SessionCreated)).await.expect("stored");
    store.end_session("f3", audit(AuditAction::SessionEnded)).await.expect("ended");
    let (ended, _) = store.session("f3").await.expect("read").expect("still known");
    assert!(ended.expires_at <= T0, "{}", ended.expires_at);
    store.end_session("f3", audit(AuditAction::SessionEnded)).await.expect("twice is no error");
}

pub async fn expired_sessions_are_pruned(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    for (fingerprint, expires_at) in [("old", T0 - 1), ("edge", T0), ("new", T0 + 1)] {
        store
            .create_session(session(fingerprint, &ada, expires_at), audit(AuditAction::SessionCreated))
            .await
            .expect("stored");
    }
    store.prune_sessions(T0).await.expect("pruned");
    for (fingerprint, stays) in [("old", false), ("edge", true), ("new", true)] {
        assert_eq!(store.session(fingerprint).await.expect("read").is_some(), stays, "{fingerprint}");
    }
}

pub async fn an_api_token_names_its_person(store: Shared) {
    let (ada, bob) = (person(&store, "ada@example.org").await, person(&store, "bob@example.org").await);
    for (fingerprint, user) in [("t-ada", &ada), ("t-bob", &bob)] {
        let token = ApiTokenRow {
            fingerprint: fingerprint.to_owned(),
            user: user.clone(),
            name: "build server".to_owned(),
            created_at: T0,
        };
        store.create_api_token(token, audit(AuditAction::TokenCreated)).await.expect("stored");
    }
    let found = store.user_by_api_token("t-bob").await.expect("read").expect("there is one");
    assert_eq!(found.principal.id, bob);
    assert!(store.user_by_api_token("t-eve").await.expect("read").is_none());
}

pub async fn failed_log_ins_are_counted_per_key(store: Shared) {
    let key = |text: &str| text.to_owned();
    store.note_login_failure(&[key("ada"), key("10.0.0.1")], T0).await.expect("stored");
    store.note_login_failure(&[key("bob"), key("10.0.0.1")], T0 + 10).await.expect("stored");
    let count = async |keys: &[String], since| store.login_failures(keys, since).await.expect("read");
    assert_eq!(count(&[key("ada")], T0).await, 1);
    assert_eq!(count(&[key("ada"), key("10.0.0.1")], T0).await, 2, "the largest counts");
    assert_eq!(count(&[key("ada"), key("10.0.0.1")], T0 + 1).await, 1);
    assert_eq!(count(&[key("eve")], 0).await, 0);
    assert_eq!(count(&[], 0).await, 0);
}

pub async fn old_failures_are_forgotten(store: Shared) {
    let keys = ["ada".to_owned()];
    let day = 24 * 60 * 60 * 1000;
    store.note_login_failure(&keys, T0).await.expect("stored");
    store.note_login_failure(&keys, T0 + day).await.expect("stored");
    assert_eq!(store.login_failures(&keys, 0).await.expect("read"), 2);
    store.note_login_failure(&keys, T0 + day + 1).await.expect("stored");
    assert_eq!(store.login_failures(&keys, 0).await.expect("read"), 2);
}
