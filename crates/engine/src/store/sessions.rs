use model::{Millis, UserId};

use super::{AuditEntry, StoreError, UserRow, declare::store_trait};

/// A log-in; the token itself is only in the browser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionRow {
    pub fingerprint: String,
    pub user: UserId,
    pub created_at: Millis,
    pub expires_at: Millis,
    /// What the browser says that it is.
    pub device: String,
    /// Where it was used from last.
    pub address: String,
    /// None: not since it was made.
    pub last_used_at: Option<Millis>,
}

/// A log-in that has just succeeded.
#[derive(Clone, Debug)]
pub struct NewSession {
    pub session: SessionRow,
    /// The one that the password was right for.
    pub password_hash: String,
    /// The fingerprint of what the browser is recognised by.
    pub browser: String,
}

/// When and from where something was used last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastUse {
    pub at: Millis,
    pub address: String,
}

store_trait! {
    /// Log-ins.
    pub trait SessionStore as forward_session_store {
        /// `false` when the account was disabled or its password changed meanwhile.
        async fn create_session(&self, new: NewSession, audit: AuditEntry) -> Result<bool, StoreError>;
        /// The session with its person, also when it has expired.
        async fn session(&self, fingerprint: &str) -> Result<Option<(SessionRow, UserRow)>, StoreError>;
        /// Those of a person that have not expired, the newest first.
        async fn sessions_of(&self, user: &UserId, now: Millis) -> Result<Vec<SessionRow>, StoreError>;
        /// Ends a session of this person at the time of its audit entry; it stays known as one that was.
        /// `false` when there was none to end.
        async fn end_session(&self, user: &UserId, fingerprint: &str, audit: AuditEntry) -> Result<bool, StoreError>;
        /// Ends every session of a person but `keep`; how many.
        async fn end_sessions(&self, user: &UserId, keep: Option<&str>, audit: AuditEntry) -> Result<u64, StoreError>;
        /// Writes down when it was used, and that its person was there.
        async fn session_used(&self, fingerprint: &str, last: LastUse) -> Result<(), StoreError>;
    }
}
