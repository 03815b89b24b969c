use model::{Millis, TokenId, TokenScopes, UserId};

use super::{AuditEntry, LastUse, StoreError, UserRow, declare::store_trait};

/// A token for the REST API; the token itself is only with its owner.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TokenRow {
    pub id: TokenId,
    pub fingerprint: String,
    pub owner: UserId,
    pub name: String,
    /// The last four characters; empty for a token from before they were kept.
    pub suffix: String,
    pub scopes: TokenScopes,
    /// None: not limited.
    pub runs_per_minute: Option<u32>,
    pub created_at: Millis,
    /// None: never.
    pub expires_at: Option<Millis>,
    pub revoked_at: Option<Millis>,
    pub last_used_at: Option<Millis>,
    /// Where it was used from last.
    pub address: String,
}

impl TokenRow {
    /// Neither revoked nor expired.
    pub fn is_alive(&self, now: Millis) -> bool {
        self.revoked_at.is_none() && self.expires_at.is_none_or(|at| now < at)
    }
}

store_trait! {
    /// Tokens for the REST API.
    pub trait TokenStore as forward_token_store {
        async fn create_token(&self, token: TokenRow, audit: AuditEntry) -> Result<(), StoreError>;
        /// The token with its owner, also when it is not alive any more.
        async fn token(&self, fingerprint: &str) -> Result<Option<(TokenRow, UserRow)>, StoreError>;
        async fn token_by_id(&self, id: &TokenId) -> Result<Option<(TokenRow, UserRow)>, StoreError>;
        /// Of one owner or of all, the newest first.
        async fn tokens(&self, owner: Option<&UserId>) -> Result<Vec<(TokenRow, UserRow)>, StoreError>;
        /// `false` when there is none, or it is revoked already.
        async fn revoke_token(&self, id: &TokenId, audit: AuditEntry) -> Result<bool, StoreError>;
        async fn token_used(&self, fingerprint: &str, last: LastUse) -> Result<(), StoreError>;
    }
}
