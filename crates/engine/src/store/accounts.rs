use model::{Millis, Principal, PrincipalKind, Role, UserId};

use super::{AuditEntry, StoreError, declare::store_trait};

#[derive(Clone)]
pub struct NewUser {
    pub id: UserId,
    pub kind: PrincipalKind,
    /// Empty for what is no person.
    pub email: String,
    pub name: String,
    pub role: Role,
    /// A PHC string; empty for what has no password.
    pub password_hash: String,
    pub at: Millis,
}

#[derive(Clone)]
pub struct UserRow {
    pub principal: Principal,
    pub kind: PrincipalKind,
    /// A PHC string; empty while there is no password.
    pub password_hash: String,
    pub created_at: Millis,
    pub disabled_at: Option<Millis>,
    pub last_seen_at: Option<Millis>,
    /// None: never since the account was made.
    pub password_changed_at: Option<Millis>,
}

/// A change of an account; it happens at the time of its audit entry.
#[derive(Clone)]
pub enum UserChange {
    Name(String),
    Role(Role),
    /// Ends every session, token and link of the account for good.
    Disable,
    Enable,
    /// A new PHC string. Ends every session but the one with the fingerprint `keep`, and every password link.
    Password {
        hash: String,
        keep: Option<String>,
    },
}

/// What came of a change of an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Changed {
    Yes,
    /// It was so already, or there is no such account.
    No,
    /// Nothing was changed: nobody would be left who can log in as an administrator.
    LastAdmin,
}

store_trait! {
    /// People, and the service accounts that programs use.
    pub trait AccountStore as forward_account_store {
        async fn has_users(&self) -> Result<bool, StoreError>;
        /// Adds the first user of all; `false` when there is one already, however many ask at once.
        async fn create_first_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError>;
        /// `false` when the email is taken.
        async fn create_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError>;
        /// Emails compare as [`crate::fold_email`] folds them.
        async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError>;
        async fn user(&self, id: &UserId) -> Result<Option<UserRow>, StoreError>;
        /// Everybody, in the order in which the accounts were made.
        async fn users(&self) -> Result<Vec<UserRow>, StoreError>;
        async fn change_user(
            &self,
            id: &UserId,
            change: UserChange,
            audit: AuditEntry,
        ) -> Result<Changed, StoreError>;
    }
}
