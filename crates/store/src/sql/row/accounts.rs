use engine::store::{LinkPurpose, LinkRow, SessionRow, TokenRow, UserRow};
use model::{LinkId, Principal, TokenId, UserId};

use super::{Result, parsed, role};

/// `users!("SELECT ", " FROM users WHERE id = $1", id)`: rows of accounts as [`UserRecord`].
macro_rules! users {
    ($before:literal, $after:literal $(, $argument:expr)* $(,)?) => {
        rows!(
            UserRecord,
            $before
                + r#"id AS "id!", email AS "email!", name AS "name!", role AS "role!", "#
                + r#"password_hash AS "password_hash!", created_at AS "created_at!", disabled_at AS "disabled_at?", "#
                + r#"last_seen_at AS "last_seen_at?", password_changed_at AS "password_changed_at?", "#
                + r#"(SELECT kind FROM principals WHERE principals.id = users.id) AS "kind!""#
                + $after
            $(, $argument)*
        )
    };
}
pub(in super::super::super) use users;

pub struct UserRecord {
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    pub password_hash: String,
    pub created_at: i64,
    pub disabled_at: Option<i64>,
    pub last_seen_at: Option<i64>,
    pub password_changed_at: Option<i64>,
    pub kind: String,
}

impl UserRecord {
    pub fn read(self) -> Result<UserRow> {
        Ok(UserRow {
            principal: Principal {
                id: user_id("id", &self.id)?,
                email: self.email,
                name: self.name,
                role: parsed("role", &self.role, role)?,
            },
            kind: parsed("kind", &self.kind, |word| word.parse().ok())?,
            password_hash: self.password_hash,
            created_at: self.created_at,
            disabled_at: self.disabled_at,
            last_seen_at: self.last_seen_at,
            password_changed_at: self.password_changed_at,
        })
    }
}

fn user_id(column: &'static str, text: &str) -> Result<UserId> {
    parsed(column, text, |text| UserId::parse(text).ok())
}

pub struct SessionRecord {
    pub fingerprint: String,
    pub user_id: String,
    pub created_at: i64,
    pub expires_at: i64,
    pub device: String,
    pub address: String,
    pub last_used_at: Option<i64>,
}

impl SessionRecord {
    pub fn read(self) -> Result<SessionRow> {
        Ok(SessionRow {
            fingerprint: self.fingerprint,
            user: user_id("user_id", &self.user_id)?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            device: self.device,
            address: self.address,
            last_used_at: self.last_used_at,
        })
    }
}

/// A session beside its person.
pub struct SessionOfUserRecord {
    pub fingerprint: String,
    pub opened_at: i64,
    pub expires_at: i64,
    pub device: String,
    pub address: String,
    pub last_used_at: Option<i64>,
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    pub password_hash: String,
    pub created_at: i64,
    pub disabled_at: Option<i64>,
    pub last_seen_at: Option<i64>,
    pub password_changed_at: Option<i64>,
    pub kind: String,
}

impl SessionOfUserRecord {
    pub fn read(self) -> Result<(SessionRow, UserRow)> {
        let user = UserRecord {
            id: self.id,
            email: self.email,
            name: self.name,
            role: self.role,
            password_hash: self.password_hash,
            created_at: self.created_at,
            disabled_at: self.disabled_at,
            last_seen_at: self.last_seen_at,
            password_changed_at: self.password_changed_at,
            kind: self.kind,
        };
        let user = user.read()?;
        let session = SessionRow {
            fingerprint: self.fingerprint,
            user: user.principal.id.clone(),
            created_at: self.opened_at,
            expires_at: self.expires_at,
            device: self.device,
            address: self.address,
            last_used_at: self.last_used_at,
        };
        Ok((session, user))
    }
}

/// A token beside its owner.
pub struct TokenRecord {
    pub token: String,
    pub fingerprint: String,
    pub token_name: String,
    pub suffix: String,
    pub scopes: String,
    pub runs_per_minute: Option<i64>,
    pub made_at: i64,
    pub expires_at: Option<i64>,
    pub revoked_at: Option<i64>,
    pub last_used_at: Option<i64>,
    pub address: String,
    pub id: String,
    pub email: String,
    pub name: String,
    pub role: String,
    pub password_hash: String,
    pub created_at: i64,
    pub disabled_at: Option<i64>,
    pub last_seen_at: Option<i64>,
    pub password_changed_at: Option<i64>,
    pub kind: String,
}

impl TokenRecord {
    pub fn read(self) -> Result<(TokenRow, UserRow)> {
        let user = UserRecord {
            id: self.id,
            email: self.email,
            name: self.name,
            role: self.role,
            password_hash: self.password_hash,
            created_at: self.created_at,
            disabled_at: self.disabled_at,
            last_seen_at: self.last_seen_at,
            password_changed_at: self.password_changed_at,
            kind: self.kind,
        };
        let user = user.read()?;
        let token = TokenRow {
            id: parsed("id", &self.token, |text| TokenId::parse(text).ok())?,
            fingerprint: self.fingerprint,
            owner: user.principal.id.clone(),
            name: self.token_name,
            suffix: self.suffix,
            scopes: parsed("scopes", &self.scopes, |text| serde_json::from_str(text).ok())?,
            runs_per_minute: self.runs_per_minute.map(|runs| u32::try_from(runs).unwrap_or(0)),
            created_at: self.made_at,
            expires_at: self.expires_at,
            revoked_at: self.revoked_at,
            last_used_at: self.last_used_at,
            address: self.address,
        };
        Ok((token, user))
    }
}

pub struct LinkRecord {
    pub id: String,
    pub fingerprint: String,
    pub user_id: Option<String>,
    pub email: String,
    pub role: String,
    pub created_by: Option<String>,
    pub created_at: i64,
    pub expires_at: i64,
    pub closed_at: Option<i64>,
}

impl LinkRecord {
    pub fn read(self) -> Result<LinkRow> {
        Ok(LinkRow {
            id: parsed("id", &self.id, |text| LinkId::parse(text).ok())?,
            fingerprint: self.fingerprint,
            purpose: match self.user_id {
                Some(user) => LinkPurpose::Password(user_id("user_id", &user)?),
                None => LinkPurpose::Invitation { email: self.email, role: parsed("role", &self.role, role)? },
            },
            created_by: self.created_by.map(|user| user_id("created_by", &user)).transpose()?,
            created_at: self.created_at,
            expires_at: self.expires_at,
            closed_at: self.closed_at,
        })
    }
}
