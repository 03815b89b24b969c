//! One record per kind of row, and what becomes of it; a stored text that is none of our words is an error,
//! never a guess.

mod accounts;
mod grants;

use engine::{
    EnvironmentSettings,
    schedule::Took,
    store::{AddedWorkflow, EnvironmentRow, Held, Lease, ReplicaId, RunRow, StoredKey},
};
use model::{
    EnvKind, EnvSlug, EventKind, Millis, RecentRun, Role, RunEvent, RunId, RunStatus, RunSummary, UserId, WorkflowId,
};

use crate::audit::{Seal, Sealable};

pub use accounts::*;
pub use grants::*;

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
                door: parsed("door", &self.door, |text| text.parse().ok())?,
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

fn role(word: &str) -> Option<Role> {
    word.parse().ok()
}

/// An entry of a run's history.
pub struct EventRecord {
    pub seq: i64,
    pub at: Millis,
    pub kind: String,
    pub text: String,
}

impl EventRecord {
    pub fn read(self) -> RunEvent {
        RunEvent { seq: self.seq, at: self.at, kind: EventKind::of_word(&self.kind), text: self.text }
    }
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
    pub key_id: i64,
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
            key_id: self.key_id,
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
    pub key_id: i64,
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
            key_id: self.key_id,
        }
    }
}

/// A master key's number and its mark.
pub struct MasterKeyRecord {
    pub id: i64,
    pub fingerprint: String,
}

pub struct EnvironmentRecord {
    pub id: String,
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub colour: String,
    pub base_url: String,
    pub instance_id: String,
    pub state: String,
    pub revision: i64,
    pub created_at: i64,
    pub updated_at: i64,
}

/// The word of an environment's state in the database.
pub const fn state_word(enabled: bool) -> &'static str {
    if enabled { "enabled" } else { "disabled" }
}

impl EnvironmentRecord {
    pub fn read(self, keys: Vec<StoredKey>) -> Result<EnvironmentRow> {
        let colour = |text: &str| if text.is_empty() { Some(None) } else { text.parse().ok().map(Some) };
        Ok(EnvironmentRow {
            settings: EnvironmentSettings {
                slug: parsed("slug", &self.slug, |text| EnvSlug::parse(text).ok())?,
                name: self.name,
                kind: parsed("kind", &self.kind, |text| text.parse::<EnvKind>().ok())?,
                colour: parsed("colour", &self.colour, colour)?,
                base_url: self.base_url,
                instance_id: self.instance_id,
                enabled: parsed("state", &self.state, |word| {
                    [true, false].into_iter().find(|enabled| state_word(*enabled) == word)
                })?,
            },
            id: self.id,
            revision: self.revision,
            keys,
            created_at: self.created_at,
            updated_at: self.updated_at,
        })
    }
}

/// A key of an environment, sealed.
pub struct KeyRecord {
    pub environment: String,
    pub kind: String,
    pub key_id: i64,
    pub sealed: Vec<u8>,
    pub suffix: String,
    pub set_at: i64,
    pub expires_at: Option<i64>,
    pub base_url: String,
}
