use engine::store::{Changed, NewUser, UserChange};
use model::{AuditAction, PrincipalKind, Role};
use tokio::task::JoinSet;

use super::{
    Shared,
    fixtures::{T0, audit, log_in, new_user, person, session, token, token_id},
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

pub async fn an_account_changes_and_ends_what_it_opened(store: Shared) {
    let (ada, bob) = (person(&store, "ada@example.org").await, person(&store, "bob@example.org").await);
    let change =
        async |change| store.change_user(&ada, change, audit(AuditAction::AccountRenamed)).await.expect("an answer");
    let read = async || store.user(&ada).await.expect("read").expect("there is one");
    assert_eq!(change(UserChange::Name("Ada King".to_owned())).await, Changed::Yes);
    assert_eq!(change(UserChange::Name("Ada King".to_owned())).await, Changed::No);
    assert_eq!(read().await.principal.name, "Ada King");

    for fingerprint in ["here", "there"] {
        log_in(&store, session(fingerprint, &ada, T0 + 10)).await;
    }
    let hash = "$argon2id$new".to_owned();
    assert_eq!(change(UserChange::Password { hash, keep: Some("here".to_owned()) }).await, Changed::Yes);
    let ada_now = read().await;
    assert_eq!((ada_now.password_hash.as_str(), ada_now.password_changed_at), ("$argon2id$new", Some(T0)));
    let open = async || {
        let open = store.sessions_of(&ada, T0).await.expect("read");
        open.into_iter().map(|session| session.fingerprint).collect::<Vec<_>>()
    };
    assert_eq!(open().await, ["here"]);

    store.create_token(token("t-ada", &ada), audit(AuditAction::TokenCreated)).await.expect("stored");
    store.create_token(token("t-bob", &bob), audit(AuditAction::TokenCreated)).await.expect("stored");
    assert_eq!(change(UserChange::Disable).await, Changed::Yes);
    assert_eq!(change(UserChange::Disable).await, Changed::No);
    assert_eq!(read().await.disabled_at, Some(T0));
    assert_eq!(open().await, [""; 0]);
    let revoked = async |token| store.token(token).await.expect("read").expect("there is one").0.revoked_at;
    assert_eq!((revoked("t-ada").await, revoked("t-bob").await), (Some(T0), None));
    assert_eq!(change(UserChange::Enable).await, Changed::Yes);
    assert_eq!(read().await.disabled_at, None);
    assert_eq!(revoked("t-ada").await, Some(T0), "what is over stays over");
    assert_eq!(store.users().await.expect("read").len(), 2);
    let nobody = new_user("x").id;
    assert_eq!(
        store.change_user(&nobody, UserChange::Enable, audit(AuditAction::AccountEnabled)).await.expect("an answer"),
        Changed::No
    );
}

pub async fn the_last_administrator_stays_however_many_go_at_once(store: Shared) {
    let mut admins = Vec::new();
    for number in 0..8 {
        let admin = NewUser { role: Role::Admin, ..new_user(&format!("p{number}@example.org")) };
        admins.push(admin.id.clone());
        assert!(store.create_user(admin, audit(AuditAction::AccountCreated)).await.expect("an answer"));
    }
    // Somebody who cannot log in does not count.
    let without = NewUser { role: Role::Admin, password_hash: String::new(), ..new_user("new@example.org") };
    assert!(store.create_user(without, audit(AuditAction::AccountCreated)).await.expect("an answer"));
    let mut calls = JoinSet::new();
    for (number, id) in admins.into_iter().enumerate() {
        let store = store.clone();
        let change = if number % 2 == 0 { UserChange::Disable } else { UserChange::Role(Role::Runner) };
        calls.spawn(async move {
            store.change_user(&id, change, audit(AuditAction::AccountRenamed)).await.expect("an answer")
        });
    }
    let answers = calls.join_all().await;
    assert_eq!(answers.iter().filter(|answer| **answer == Changed::LastAdmin).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|answer| **answer == Changed::Yes).count(), 7, "{answers:?}");
    let left = store.users().await.expect("read").into_iter();
    let left = left.filter(|user| user.principal.role == Role::Admin && user.disabled_at.is_none());
    assert_eq!(left.filter(|user| !user.password_hash.is_empty()).count(), 1);
}

pub async fn a_service_account_has_no_email_and_owns_tokens(store: Shared) {
    let service = |name: &str| NewUser {
        kind: PrincipalKind::ServiceAccount,
        name: name.to_owned(),
        email: String::new(),
        password_hash: String::new(),
        ..new_user("")
    };
    let (import, export) = (service("Nightly import"), service("Nightly export"));
    let id = import.id.clone();
    for account in [import, export] {
        assert!(store.create_user(account, audit(AuditAction::AccountCreated)).await.expect("an answer"));
    }
    store.create_token(token("t1", &id), audit(AuditAction::TokenCreated)).await.expect("stored");
    let (_, owner) = store.token("t1").await.expect("read").expect("there is one");
    assert_eq!((owner.principal.name.as_str(), owner.kind), ("Nightly import", PrincipalKind::ServiceAccount));
    for email in ["".to_owned(), format!("service_account:{id}")] {
        let found = store.user_by_email(&email).await.expect("read");
        assert!(found.is_none_or(|user| user.password_hash.is_empty()), "{email:?} opens nothing");
    }
    assert_eq!(store.users().await.expect("read").len(), 2);
}

pub async fn every_change_of_rights_is_counted(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let version = async || store.rights_version().await.expect("read");
    let mut before = version().await;
    let mut rose = async |what: &str| {
        let now = version().await;
        assert!(now > before, "{what}");
        before = now;
    };
    log_in(&store, session("f1", &ada, T0 + 10)).await;
    log_in(&store, session("f2", &ada, T0 + 10)).await;
    store.create_token(token("t1", &ada), audit(AuditAction::TokenCreated)).await.expect("stored");
    assert!(store.end_session(&ada, "f1", audit(AuditAction::SessionEnded)).await.expect("ended"));
    rose("a session that was ended").await;
    assert_eq!(store.end_sessions(&ada, None, audit(AuditAction::SessionEnded)).await.expect("ended"), 1);
    rose("sessions that were ended").await;
    assert!(store.revoke_token(&token_id("t1"), audit(AuditAction::TokenRevoked)).await.expect("revoked"));
    rose("a token that was revoked").await;
    for change in
        [UserChange::Role(Role::Admin), UserChange::Role(Role::Runner), UserChange::Disable, UserChange::Enable]
    {
        // Else the last administrator could not go.
        let other = NewUser { role: Role::Admin, ..new_user("other@example.org") };
        store.create_user(other, audit(AuditAction::AccountCreated)).await.expect("an answer");
        assert_eq!(
            store.change_user(&ada, change, audit(AuditAction::AccountRenamed)).await.expect("an answer"),
            Changed::Yes
        );
        rose("an account that changed").await;
    }
}
