use engine::store::{LastUse, TokenRow};
use model::{AuditAction, TokenScopes};

use super::{
    Shared,
    fixtures::{T0, audit, person, token, token_id},
};

pub async fn an_api_token_names_its_person(store: Shared) {
    let (ada, bob) = (person(&store, "ada@example.org").await, person(&store, "bob@example.org").await);
    let scopes = TokenScopes::from_words(["read", "env:prod", "workflow:text-summary"]).expect("scopes");
    let of_bob = TokenRow { scopes, runs_per_minute: Some(3), expires_at: Some(T0 + 5), ..token("t-bob", &bob) };
    store.create_token(token("t-ada", &ada), audit(AuditAction::TokenCreated)).await.expect("stored");
    store.create_token(of_bob.clone(), audit(AuditAction::TokenCreated)).await.expect("stored");
    let (found, owner) = store.token("t-bob").await.expect("read").expect("there is one");
    assert_eq!((found, owner.principal.id), (of_bob, bob.clone()));
    assert!(store.token("t-eve").await.expect("read").is_none());
    let names = async |owner| {
        let tokens = store.tokens(owner).await.expect("read");
        tokens.into_iter().map(|(token, _)| token.fingerprint).collect::<Vec<_>>()
    };
    assert_eq!(names(Some(&ada)).await, ["t-ada"]);
    assert_eq!(names(None).await.len(), 2);
}

pub async fn a_token_is_revoked_once_and_its_last_use_is_kept(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    store.create_token(token("t1", &ada), audit(AuditAction::TokenCreated)).await.expect("stored");
    let last = LastUse { at: T0 + 50, address: "10.0.0.9".to_owned() };
    store.token_used("t1", last).await.expect("stored");
    let revoke =
        async || store.revoke_token(&token_id("t1"), audit(AuditAction::TokenRevoked)).await.expect("an answer");
    assert!(revoke().await);
    assert!(!revoke().await);
    let (token, _) = store.token_by_id(&token_id("t1")).await.expect("read").expect("there is one");
    assert_eq!((token.revoked_at, token.last_used_at, token.address.as_str()), (Some(T0), Some(T0 + 50), "10.0.0.9"));
    assert!(!token.is_alive(T0));
}
