//! One record per kind of row, and what becomes of it; a stored text that is none of our words is an error,
//! never a guess.

use engine::{
    schedule::Took,
    store::{AddedWorkflow, Held, Lease, LinkPurpose, LinkRow, ReplicaId, RunRow, SessionRow, TokenRow, UserRow},
};
use model::{
    Door, EnvSlug, LinkId, Principal, RecentRun, Role, RunId, RunStatus, RunSummary, TokenId, UserId, WorkflowId,
};

use crate::audit::{Seal, Sealable};

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(Debug, thiserror::Error)]
#[error("the stored text is not one this program writes")]
struct Unreadable;

/// Reads a text through `parse`.
pub fn parsed<T>(column: &'static str, text: &str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    parse(text).ok_or_else(|| sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(Unreadable) })
}

/// Free text as every database takes it: PostgreSQL has no place for NUL.
pub fn text(given: impl Into<String>) -> String {
    let given = given.into();
    if given.contains('\0') { given.replace('\0', "\u{fffd}") } else { given }
}

/// `runs!("SELECT ", " FROM runs WHERE id = $1", id)`: rows of runs as [`RunRecord`].
macro_rules! runs {
    ($before:literal, $after:literal $(, $argument:expr)* $(,)?) => {
        rows!(
            RunRecord,
            $before
                + r#"id AS "id!", environment AS "environment!", workflow AS "workflow!", "#
                + r#"workflow_name AS "workflow_name!", owner AS "owner!", owner_name AS "owner_name!", "#
                + r#"door AS "door!", key AS "key!", input AS "input!", status AS "status!", epoch AS "epoch!", "#
                + r#"seq AS "seq!", execution_id AS "execution_id?", created_at AS "created_at!", "#
                + r#"accepted_at AS "accepted_at?", finished_at AS "finished_at?", duration_ms AS "duration_ms?", "#
                + r#"error AS "error?", result_bytes AS "result_bytes?", lease_owner AS "lease_owner!", "#
                + r#"lease_epoch AS "lease_epoch!""#
                + $after
            $(, $argument)*
        )
    };
}
pub(in super::super) use runs;

/// The columns of [`RunRecord`] for a statement that is put together at run time.
pub const RUN_COLUMNS: &str = "id, environment, workflow, workflow_name, owner, owner_name, door, key, input, status, \
    epoch, seq, execution_id, created_at, accepted_at, finished_at, duration_ms, error, result_bytes, lease_owner, lease_epoch";

#[derive(sqlx::FromRow)]
pub struct RunRecord {
    pub id: String,
    pub environment: String,
    pub workflow: String,
    pub workflow_name: String,
    pub owner: String,
    pub owner_name: String,
    pub door: String,
    pub key: String,
    pub input: String,
    pub status: String,
    pub epoch: i64,
    pub seq: i64,
    pub execution_id: Option<String>,
    pub created_at: i64,
    pub accepted_at: Option<i64>,
    pub finished_at: Option<i64>,
    pub duration_ms: Option<i64>,
    pub error: Option<String>,
    pub result_bytes: Option<i64>,
    pub lease_owner: String,
    pub lease_epoch: i64,
}

impl RunRecord {
    pub fn read(self) -> Result<RunRow> {
        let error = self.error.as_deref().map(serde_json::from_str).transpose();
        Ok(RunRow {
            summary: RunSummary {
                id: parsed("id", &self.id, |text| RunId::parse(text).ok())?,
                environment: parsed("environment", &self.environment, |text| EnvSlug::parse(text).ok())?,
                workflow: parsed("workflow", &self.workflow, |text| WorkflowId::parse(text).ok())?,
                workflow_name: self.workflow_name,
                status: parsed("status", &self.status, |text| text.parse().ok())?,
                owner: parsed("owner", &self.owner, |text| UserId::parse(text).ok())?,
                owner_name: self.owner_name,
                door: parsed("door", &self.door, door)?,
                execution_id: self.execution_id,
                created_at: self.created_at,
                accepted_at: self.accepted_at,
                finished_at: self.finished_at,
                duration_ms: self.duration_ms,
                error: error
                    .map_err(|source| sqlx::Error::ColumnDecode { index: "error".to_owned(), source: source.into() })?,
            },
            key: self.key,
            input: self.input,
            epoch: self.epoch,
            seq: self.seq,
            result_bytes: self.result_bytes.map(|bytes| u64::try_from(bytes).unwrap_or(0)),
            lease: Lease { holder: ReplicaId::new(self.lease_owner), epoch: self.lease_epoch },
        })
    }
}

pub struct HeldRecord {
    pub id: String,
    pub status: String,
    pub lease_epoch: i64,
}

impl HeldRecord {
    pub fn read(self) -> Result<Held> {
        Ok(Held {
            run: parsed("id", &self.id, |text| RunId::parse(text).ok())?,
            status: parsed("status", &self.status, |text| text.parse().ok())?,
            lease: self.lease_epoch,
        })
    }
}

#[derive(sqlx::FromRow)]
pub struct RecentRecord {
    id: String,
    status: String,
    created_at: i64,
    duration_ms: Option<i64>,
}

/// The columns of [`RecentRecord`].
pub const RECENT_COLUMNS: &str = "id, status, created_at, duration_ms";

impl RecentRecord {
    pub fn read(self) -> Result<RecentRun> {
        Ok(RecentRun {
            id: parsed("id", &self.id, |text| RunId::parse(text).ok())?,
            status: parsed("status", &self.status, |text| text.parse::<RunStatus>().ok())?,
            created_at: self.created_at,
            duration_ms: self.duration_ms,
        })
    }
}

#[derive(sqlx::FromRow)]
pub struct TookRecord {
    duration_ms: Option<i64>,
    accepted_at: Option<i64>,
    finished_at: Option<i64>,
}

/// The columns of [`TookRecord`].
pub const TOOK_COLUMNS: &str = "duration_ms, accepted_at, finished_at";

impl TookRecord {
    /// None for a run that was never accepted.
    pub fn read(self) -> Option<Took> {
        let seen_ms = self.finished_at? - self.accepted_at?;
        Some(Took { measured_ms: self.duration_ms?, running_ms: 0, seen_ms })
    }
}

pub struct WorkflowRecord {
    pub environment: String,
    pub id: String,
    pub name: String,
    pub description: String,
    pub schema: Option<String>,
}

impl WorkflowRecord {
    pub fn read(self) -> Result<AddedWorkflow> {
        Ok(AddedWorkflow {
            environment: parsed("environment", &self.environment, |text| EnvSlug::parse(text).ok())?,
            id: parsed("id", &self.id, |text| WorkflowId::parse(text).ok())?,
            name: self.name,
            description: self.description,
            schema: self.schema,
        })
    }
}

/// `users!("SELECT ", " FROM users WHERE id = $1", id)`: rows of accounts as [`UserRecord`].
macro_rules! users {
    ($before:literal, $after:literal $(, $argument:expr)* $(,)?) => {
        rows!(
            UserRecord,
            $before
                + r#"id AS "id!", email AS "email!", name AS "name!", role AS "role!", "#
                + r#"password_hash AS "password_hash!", created_at AS "created_at!", disabled_at AS "disabled_at?", "#
                + r#"last_seen_at AS "last_seen_at?", password_changed_at AS "password_changed_at?""#
                + $after
            $(, $argument)*
        )
    };
}
pub(in super::super) use users;

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

/// The word of a door in the database.
pub const fn door_word(door: Door) -> &'static str {
    match door {
        Door::Dashboard => "dashboard",
        Door::Api => "api",
    }
}

fn door(word: &str) -> Option<Door> {
    [Door::Dashboard, Door::Api].into_iter().find(|door| door_word(*door) == word)
}

fn role(word: &str) -> Option<Role> {
    [Role::Admin, Role::Member].into_iter().find(|role| role.as_str() == word)
}

/// An entry of the audit trail.
pub struct EntryRecord {
    pub id: i64,
    pub position: Option<i64>,
    pub nonce: Option<String>,
    pub at: i64,
    pub actor: Option<String>,
    pub action: String,
    pub subject: String,
    pub detail: String,
    pub mac: Option<Vec<u8>>,
}

impl EntryRecord {
    pub fn read(self) -> Sealable {
        Sealable {
            id: self.id,
            position: self.position.unwrap_or_default(),
            nonce: self.nonce,
            at: self.at,
            actor: self.actor,
            action: self.action,
            subject: self.subject,
            detail: self.detail,
            mac: self.mac,
        }
    }
}

pub struct SealRecord {
    pub number: i64,
    pub first: i64,
    pub last: i64,
    pub at: i64,
    pub unkeyed: i64,
    pub hash: Vec<u8>,
}

impl SealRecord {
    pub fn read(self) -> Seal {
        Seal {
            number: self.number,
            first: self.first,
            last: self.last,
            at: self.at,
            unkeyed: self.unkeyed != 0,
            hash: self.hash,
        }
    }
}
