//! One function per kind of row; a stored text that is none of our words is an error, never a guess.

use engine::{
    schedule::Took,
    store::{AddedWorkflow, RunRow, SessionRow, UserRow},
};
use model::{Door, EnvSlug, Principal, RecentRun, Role, RunEvent, RunId, RunStatus, RunSummary, UserId, WorkflowId};
use sqlx::{Row, sqlite::SqliteRow};

type Result<T> = std::result::Result<T, sqlx::Error>;

#[derive(Debug, thiserror::Error)]
#[error("the stored text is not one this program writes")]
struct Unreadable;

/// Reads a text column through `parse`.
fn parsed<T>(row: &SqliteRow, column: &'static str, parse: impl FnOnce(&str) -> Option<T>) -> Result<T> {
    parse(row.try_get(column)?)
        .ok_or_else(|| sqlx::Error::ColumnDecode { index: column.to_owned(), source: Box::new(Unreadable) })
}

/// The columns [`run`] reads, for `concat!`.
macro_rules! run_columns {
    () => {
        "id, environment, workflow, workflow_name, owner, owner_name, door, key, input, status, epoch, seq, \
         execution_id, created_at, accepted_at, finished_at, duration_ms, error, result_bytes"
    };
}
pub(super) use run_columns;

pub fn run(row: &SqliteRow) -> Result<RunRow> {
    let error: Option<&str> = row.try_get("error")?;
    let error = error
        .map(serde_json::from_str)
        .transpose()
        .map_err(|source| sqlx::Error::ColumnDecode { index: "error".to_owned(), source: Box::new(source) })?;
    let result_bytes: Option<i64> = row.try_get("result_bytes")?;
    Ok(RunRow {
        summary: RunSummary {
            id: parsed(row, "id", |text| RunId::parse(text).ok())?,
            environment: parsed(row, "environment", |text| EnvSlug::parse(text).ok())?,
            workflow: parsed(row, "workflow", |text| WorkflowId::parse(text).ok())?,
            workflow_name: row.try_get("workflow_name")?,
            status: parsed(row, "status", |text| text.parse().ok())?,
            owner: parsed(row, "owner", |text| UserId::parse(text).ok())?,
            owner_name: row.try_get("owner_name")?,
            door: parsed(row, "door", door)?,
            execution_id: row.try_get("execution_id")?,
            created_at: row.try_get("created_at")?,
            accepted_at: row.try_get("accepted_at")?,
            finished_at: row.try_get("finished_at")?,
            duration_ms: row.try_get("duration_ms")?,
            error,
        },
        key: row.try_get("key")?,
        input: row.try_get("input")?,
        epoch: row.try_get("epoch")?,
        seq: row.try_get("seq")?,
        result_bytes: result_bytes.map(|bytes| u64::try_from(bytes).unwrap_or(0)),
    })
}

pub fn recent_run(row: &SqliteRow) -> Result<RecentRun> {
    Ok(RecentRun {
        id: parsed(row, "id", |text| RunId::parse(text).ok())?,
        status: parsed(row, "status", |text| text.parse::<RunStatus>().ok())?,
        created_at: row.try_get("created_at")?,
        duration_ms: row.try_get("duration_ms")?,
    })
}

/// None for a run that was never accepted.
pub fn took(row: &SqliteRow) -> Result<Option<Took>> {
    let duration: Option<i64> = row.try_get("duration_ms")?;
    let (accepted, finished): (Option<i64>, Option<i64>) = (row.try_get("accepted_at")?, row.try_get("finished_at")?);
    let seen = accepted.zip(finished).map(|(accepted, finished)| finished - accepted);
    Ok(duration.zip(seen).map(|(measured_ms, seen_ms)| Took { measured_ms, running_ms: 0, seen_ms }))
}

pub fn event(row: &SqliteRow) -> Result<RunEvent> {
    Ok(RunEvent {
        seq: row.try_get("seq")?,
        at: row.try_get("at")?,
        kind: row.try_get("kind")?,
        text: row.try_get("text")?,
    })
}

pub fn workflow(row: &SqliteRow) -> Result<AddedWorkflow> {
    Ok(AddedWorkflow {
        environment: parsed(row, "environment", |text| EnvSlug::parse(text).ok())?,
        id: parsed(row, "id", |text| WorkflowId::parse(text).ok())?,
        name: row.try_get("name")?,
        description: row.try_get("description")?,
        schema: row.try_get("schema")?,
    })
}

/// The columns [`user`] reads, of `users`, for `concat!`.
macro_rules! user_columns {
    () => {
        "users.id, users.email, users.name, users.role, users.password_hash"
    };
}
pub(super) use user_columns;

pub fn user(row: &SqliteRow) -> Result<UserRow> {
    Ok(UserRow {
        principal: Principal {
            id: parsed(row, "id", |text| UserId::parse(text).ok())?,
            email: row.try_get("email")?,
            name: row.try_get("name")?,
            role: parsed(row, "role", role)?,
        },
        password_hash: row.try_get("password_hash")?,
    })
}

pub fn session(row: &SqliteRow) -> Result<SessionRow> {
    Ok(SessionRow {
        fingerprint: row.try_get("fingerprint")?,
        user: parsed(row, "user_id", |text| UserId::parse(text).ok())?,
        created_at: row.try_get("created_at")?,
        expires_at: row.try_get("expires_at")?,
    })
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
