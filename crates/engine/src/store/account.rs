use model::{Millis, Principal, Role, UserId};

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
