use model::{Millis, Principal, Role, UserId};

use super::{AuditEntry, StoreError, declare::store_trait};

#[derive(Clone)]
pub struct NewUser {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
    /// A PHC string.
    pub password_hash: String,
    pub at: Millis,
}

#[derive(Clone)]
pub struct UserRow {
    pub principal: Principal,
    /// A PHC string.
    pub password_hash: String,
}

/// A log-in; the token itself is only in the browser.
#[derive(Clone, Debug)]
pub struct SessionRow {
    pub fingerprint: String,
    pub user: UserId,
    pub created_at: Millis,
    pub expires_at: Millis,
}

/// A token for the REST API; the token itself is only with its owner.
#[derive(Clone, Debug)]
pub struct ApiTokenRow {
    pub fingerprint: String,
    pub user: UserId,
    pub name: String,
    pub created_at: Millis,
}

store_trait! {
    /// People, their sessions and tokens.
    pub trait AccountStore as forward_account_store {
        async fn has_users(&self) -> Result<bool, StoreError>;
        /// Adds the first user of all; `false` when there is one already, however many ask at once.
        async fn create_first_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError>;
        /// `false` when the email is taken. Emails compare without case.
        async fn create_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError>;
        async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError>;
        async fn create_session(&self, session: SessionRow, audit: AuditEntry) -> Result<(), StoreError>;
        /// The session with its person, also when it has expired.
        async fn session(&self, fingerprint: &str) -> Result<Option<(SessionRow, UserRow)>, StoreError>;
        /// Ends a session at the time of its audit entry; it stays known as one that was.
        async fn end_session(&self, fingerprint: &str, audit: AuditEntry) -> Result<(), StoreError>;
        async fn create_api_token(&self, token: ApiTokenRow, audit: AuditEntry) -> Result<(), StoreError>;
        async fn user_by_api_token(&self, fingerprint: &str) -> Result<Option<UserRow>, StoreError>;
        /// Remembers a failed log-in for each of `keys` (an account, an address).
        async fn note_login_failure(&self, keys: &[String], at: Millis) -> Result<(), StoreError>;
        /// The largest number of failures since `since` that any of `keys` has.
        async fn login_failures(&self, keys: &[String], since: Millis) -> Result<u32, StoreError>;
    }
}
