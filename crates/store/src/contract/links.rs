use engine::store::{LinkPurpose, LinkRow, LinkUse, NewUser};
use model::{AuditAction, Role, UserId};
use tokio::task::JoinSet;

use super::{
    Shared,
    fixtures::{T0, audit, link_id, log_in, new_user, person, session},
};

fn link(fingerprint: &str, purpose: LinkPurpose, by: Option<&UserId>) -> LinkRow {
    LinkRow {
        id: link_id(),
        fingerprint: fingerprint.to_owned(),
        purpose,
        created_by: by.cloned(),
        created_at: T0,
        expires_at: T0 + 100,
        closed_at: None,
    }
}

fn invitation(fingerprint: &str, email: &str) -> LinkRow {
    link(fingerprint, LinkPurpose::Invitation { email: email.to_owned(), role: Role::Runner }, None)
}

pub async fn an_invitation_makes_one_account_however_many_accept_it(store: Shared) {
    let row = invitation("secret", "new@example.org");
    assert!(store.create_link(row.clone(), audit(AuditAction::InvitationCreated)).await.expect("stored"));
    assert_eq!(store.link("secret").await.expect("read"), Some(row.clone()));
    assert_eq!(store.open_invitations(T0).await.expect("read"), [row]);
    let mut calls = JoinSet::new();
    for number in 0..20 {
        let store = store.clone();
        let user = new_user(&format!("p{number}@example.org"));
        calls.spawn(async move {
            store.use_invitation("secret", user, audit(AuditAction::AccountCreated)).await.expect("an answer")
        });
    }
    let answers = calls.join_all().await;
    assert_eq!(answers.iter().filter(|answer| **answer == LinkUse::Done).count(), 1);
    assert_eq!(answers.iter().filter(|answer| **answer == LinkUse::Closed).count(), 19);
    assert_eq!(store.users().await.expect("read").len(), 1);
    assert_eq!(store.open_invitations(T0).await.expect("read"), []);
}

pub async fn an_invitation_ends_by_time_by_a_newer_one_and_when_it_is_withdrawn(store: Shared) {
    let create =
        async |row| assert!(store.create_link(row, audit(AuditAction::InvitationCreated)).await.expect("stored"));
    let accept = async |fingerprint: &str, at| {
        let entry = engine::store::AuditEntry { at, ..audit(AuditAction::AccountCreated) };
        store.use_invitation(fingerprint, new_user("x@example.org"), entry).await.expect("an answer")
    };
    create(invitation("old", "New@example.org")).await;
    assert_eq!(accept("old", T0 + 100).await, LinkUse::Closed);
    create(invitation("newer", "new@EXAMPLE.org")).await;
    assert_eq!(accept("old", T0).await, LinkUse::Closed);
    let newer = store.link("newer").await.expect("read").expect("there is one");
    let withdraw = async || {
        store.withdraw_invitation(&newer.id, audit(AuditAction::InvitationWithdrawn)).await.expect("an answer")
    };
    assert!(withdraw().await);
    assert!(!withdraw().await);
    assert_eq!(accept("newer", T0).await, LinkUse::Closed);
    let ada = person(&store, "ada@example.org").await;
    create(invitation("taken", "ada@example.org")).await;
    let again = NewUser { email: "ada@example.org".to_owned(), ..new_user("x") };
    let used = store.use_invitation("taken", again, audit(AuditAction::AccountCreated)).await.expect("an answer");
    assert_eq!(used, LinkUse::EmailTaken);
    assert!(store.user(&ada).await.expect("read").is_some());
}

pub async fn a_password_link_takes_the_old_password_away_and_works_once(store: Shared) {
    let (ada, bob) = (person(&store, "ada@example.org").await, person(&store, "bob@example.org").await);
    log_in(&store, session("f1", &ada, T0 + 10)).await;
    let reset = link("first", LinkPurpose::Password(ada.clone()), Some(&bob));
    assert!(store.create_link(reset, audit(AuditAction::PasswordReset)).await.expect("stored"));
    let read = async || store.user(&ada).await.expect("read").expect("there is one");
    assert_eq!(read().await.password_hash, "");
    assert_eq!(store.sessions_of(&ada, T0).await.expect("read"), []);
    let again = link("second", LinkPurpose::Password(ada.clone()), Some(&bob));
    assert!(store.create_link(again, audit(AuditAction::PasswordReset)).await.expect("stored"));
    let choose = async |fingerprint: &str| {
        store
            .use_password_link(fingerprint, "$new".to_owned(), audit(AuditAction::PasswordChanged))
            .await
            .expect("an answer")
    };
    assert_eq!(choose("first").await, LinkUse::Closed, "a newer one replaces it");
    assert_eq!(choose("second").await, LinkUse::Done);
    assert_eq!((read().await.password_hash.as_str(), read().await.password_changed_at), ("$new", Some(T0)));
    assert_eq!(choose("second").await, LinkUse::Closed);
    assert_eq!(choose("guess").await, LinkUse::Closed);
}

pub async fn two_administrators_cannot_take_each_others_password_away(store: Shared) {
    let mut admins = Vec::new();
    for name in ["ada", "bob"] {
        let admin = NewUser { role: Role::Admin, ..new_user(&format!("{name}@example.org")) };
        admins.push(admin.id.clone());
        assert!(store.create_user(admin, audit(AuditAction::AccountCreated)).await.expect("an answer"));
    }
    let (ada, bob) = (admins[0].clone(), admins[1].clone());
    let of = |fingerprint, user: &UserId, by: &UserId| link(fingerprint, LinkPurpose::Password(user.clone()), Some(by));
    let (first, second) = tokio::join!(
        store.create_link(of("a", &ada, &bob), audit(AuditAction::PasswordReset)),
        store.create_link(of("b", &bob, &ada), audit(AuditAction::PasswordReset))
    );
    assert_ne!(first.expect("an answer"), second.expect("an answer"), "one of them stays");
    let operator = link("c", LinkPurpose::Password(ada), None);
    assert!(store.create_link(operator, audit(AuditAction::PasswordReset)).await.expect("stored"), "the operator may");
}

pub async fn a_setting_is_read_as_it_was_set_last(store: Shared) {
    let set = async |value: Option<&str>| {
        store.set_setting("x", value.map(str::to_owned), audit(AuditAction::SettingChanged)).await.expect("stored");
    };
    let read = async || store.setting("x").await.expect("read");
    assert_eq!(read().await, None);
    for value in [Some("1"), Some("2"), None] {
        set(value).await;
        assert_eq!(read().await.as_deref(), value);
    }
}
