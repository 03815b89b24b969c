use engine::store::{LastUse, NewSession, UserChange};
use model::AuditAction;

use super::{
    Shared,
    fixtures::{T0, audit, log_in, new_user, person, session},
};

pub async fn a_session_is_found_also_when_it_has_expired(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let row = session("f1", &ada, T0 - 1);
    log_in(&store, row.clone()).await;
    let (found, user) = store.session("f1").await.expect("read").expect("there is one");
    assert_eq!(found, row);
    assert_eq!((user.principal.id.clone(), user.principal.email.as_str()), (ada.clone(), "ada@example.org"));
    assert_eq!((user.last_seen_at, user.disabled_at), (Some(T0), None));
    assert!(store.session("f2").await.expect("read").is_none());
    log_in(&store, session("f3", &ada, T0 + 1)).await;
    let bob = person(&store, "bob@example.org").await;
    let end = async |user, fingerprint| {
        store.end_session(user, fingerprint, audit(AuditAction::SessionEnded)).await.expect("an answer")
    };
    assert!(!end(&bob, "f3").await, "it is not his");
    assert!(end(&ada, "f3").await);
    let (ended, _) = store.session("f3").await.expect("read").expect("still known");
    assert!(ended.expires_at <= T0, "{}", ended.expires_at);
    assert!(!end(&ada, "f3").await, "twice is no error");
}

pub async fn expired_sessions_are_pruned(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    for (fingerprint, expires_at) in [("old", T0 - 1), ("edge", T0), ("new", T0 + 1)] {
        let session = session(fingerprint, &ada, expires_at);
        log_in(&store, session).await;
    }
    store.prune_sessions(T0).await.expect("pruned");
    for (fingerprint, stays) in [("old", false), ("edge", true), ("new", true)] {
        assert_eq!(store.session(fingerprint).await.expect("read").is_some(), stays, "{fingerprint}");
    }
}

pub async fn the_last_use_of_a_session_is_kept(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    log_in(&store, session("f1", &ada, T0 + 100)).await;
    let last = LastUse { at: T0 + 50, address: "10.0.0.9".to_owned() };
    store.session_used("f1", last).await.expect("stored");
    let open = store.sessions_of(&ada, T0).await.expect("read").remove(0);
    assert_eq!((open.last_used_at, open.address.as_str()), (Some(T0 + 50), "10.0.0.9"));
    assert_eq!(store.user(&ada).await.expect("read").expect("there").last_seen_at, Some(T0 + 50));
}

pub async fn who_logs_in_while_the_account_changes_is_out(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let try_it = async |fingerprint: &str, password_hash: &str| {
        let session = session(fingerprint, &ada, T0 + 10);
        let new = NewSession { session, password_hash: password_hash.to_owned(), browser: "browser".to_owned() };
        store.create_session(new, audit(AuditAction::SessionCreated)).await.expect("an answer")
    };
    let hash = new_user("").password_hash;
    assert!(try_it("before", &hash).await);
    let change = UserChange::Password { hash: "$new".to_owned(), keep: None };
    store.change_user(&ada, change, audit(AuditAction::PasswordChanged)).await.expect("changed");
    assert!(!try_it("old", &hash).await);
    assert!(try_it("new", "$new").await);
    store.change_user(&ada, UserChange::Disable, audit(AuditAction::AccountDisabled)).await.expect("disabled");
    assert!(!try_it("disabled", "$new").await);
    assert_eq!(store.sessions_of(&ada, T0).await.expect("read"), []);
}
