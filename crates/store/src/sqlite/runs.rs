//! Runs: creating one and reading them. What moves one on is in `transition`, lists are in `list`.

pub mod list;
mod transition;

use engine::{
    StoreError,
    store::{Created, Event, NewRun, RunRow},
};
use model::{EnvSlug, Millis, RunEvent, RunId, RunSummary, UserId, WorkflowId};
use sqlx::{SqliteConnection, query, query_scalar};

use super::{
    SqliteStore, audit,
    error::while_doing,
    row::{self, door_word, run_columns},
};

const INSERT: &str = "INSERT INTO runs \
    (id, environment, workflow, workflow_name, owner, owner_name, door, key, input, status, epoch, seq, created_at) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, 1, $11) \
    ON CONFLICT (owner, environment, workflow, key) DO NOTHING";
const BY_ID: &str = concat!("SELECT ", run_columns!(), " FROM runs WHERE id = $1");
const BY_KEY: &str = concat!(
    "SELECT ",
    run_columns!(),
    " FROM runs WHERE owner = $1 AND environment = $2 AND workflow = $3 AND key = $4"
);
const MOVING: &str =
    concat!("SELECT ", run_columns!(), " FROM runs WHERE status IN ('submitting', 'pending') ORDER BY id");
const COUNT_MOVING: &str =
    "SELECT count(*) FROM runs WHERE status IN ('submitting', 'pending') AND ($1 IS NULL OR owner = $1)";
const RESULT: &str = "SELECT bytes FROM results WHERE run_id = $1";
const EVENTS: &str = "SELECT seq, at, kind, text FROM events WHERE run_id = $1 ORDER BY seq";
const OPEN_ATTEMPT: &str = "INSERT INTO attempts (run_id, epoch, started_at) VALUES ($1, $2, $3)";
const INSERT_EVENT: &str = "INSERT INTO events (run_id, seq, at, kind, text) VALUES ($1, $2, $3, $4, $5)";

async fn open_attempt(db: &mut SqliteConnection, run: &RunId, epoch: i64, at: Millis) -> Result<(), sqlx::Error> {
    query(OPEN_ATTEMPT).bind(run.to_string()).bind(epoch).bind(at).execute(db).await.map(drop)
}

async fn record_event(
    db: &mut SqliteConnection,
    run: &RunId,
    seq: i64,
    at: Millis,
    event: Event,
) -> Result<(), sqlx::Error> {
    let insert = query(INSERT_EVENT).bind(run.to_string()).bind(seq).bind(at).bind(event.kind).bind(event.text);
    insert.execute(db).await.map(drop)
}

async fn create(db: &mut SqliteConnection, new: NewRun) -> Result<Created, sqlx::Error> {
    let inserted = query(INSERT)
        .bind(new.id.to_string())
        .bind(new.environment.to_string())
        .bind(new.workflow.to_string())
        .bind(&new.workflow_name)
        .bind(new.owner.to_string())
        .bind(&new.owner_name)
        .bind(door_word(new.door))
        .bind(&new.key)
        .bind(&new.input)
        .bind(new.status.as_str())
        .bind(new.at)
        .execute(&mut *db)
        .await?;
    if inserted.rows_affected() == 0 {
        let first = query(BY_KEY)
            .bind(new.owner.to_string())
            .bind(new.environment.to_string())
            .bind(new.workflow.to_string())
            .bind(new.key)
            .fetch_one(db)
            .await?;
        return row::run(&first).map(Created::Existing);
    }
    open_attempt(db, &new.id, 1, new.at).await?;
    record_event(db, &new.id, 1, new.at, new.event).await?;
    audit::record(db, new.audit).await?;
    Ok(Created::New(RunRow {
        summary: RunSummary {
            id: new.id,
            environment: new.environment,
            workflow: new.workflow,
            workflow_name: new.workflow_name,
            status: new.status,
            owner: new.owner,
            owner_name: new.owner_name,
            door: new.door,
            execution_id: None,
            created_at: new.at,
            accepted_at: None,
            finished_at: None,
            duration_ms: None,
            error: None,
        },
        key: new.key,
        input: new.input,
        epoch: 1,
        seq: 1,
        result_bytes: None,
    }))
}

impl SqliteStore {
    pub(super) async fn add_run(&self, new: NewRun) -> Result<Created, StoreError> {
        let work = self.writer.write(move |db| Box::pin(create(db, new)));
        work.await.map_err(while_doing("the run could not be stored"))
    }

    pub(super) async fn find_run(&self, id: &RunId) -> Result<Option<RunRow>, StoreError> {
        let doing = "the run could not be read";
        let row = query(BY_ID).bind(id.as_str()).fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.as_ref().map(row::run).transpose().map_err(while_doing(doing))
    }

    pub(super) async fn find_run_by_key(
        &self,
        owner: &UserId,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        key: &str,
    ) -> Result<Option<RunRow>, StoreError> {
        let doing = "the run could not be read";
        let row = query(BY_KEY)
            .bind(owner.as_str())
            .bind(environment.as_str())
            .bind(workflow.as_str())
            .bind(key)
            .fetch_optional(&self.reads)
            .await
            .map_err(while_doing(doing))?;
        row.as_ref().map(row::run).transpose().map_err(while_doing(doing))
    }

    pub(super) async fn find_result(&self, id: &RunId) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = query_scalar(RESULT).bind(id.as_str()).fetch_optional(&self.reads).await;
        bytes.map_err(while_doing("the result could not be read"))
    }

    pub(super) async fn list_events(&self, id: &RunId) -> Result<Vec<RunEvent>, StoreError> {
        let doing = "the run's history could not be read";
        let rows = query(EVENTS).bind(id.as_str()).fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.iter().map(row::event).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    pub(super) async fn list_moving(&self) -> Result<Vec<RunRow>, StoreError> {
        let doing = "the runs under way could not be read";
        let rows = query(MOVING).fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.iter().map(row::run).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    pub(super) async fn count_moving_runs(&self, owner: Option<&UserId>) -> Result<u64, StoreError> {
        let counted: Result<i64, _> =
            query_scalar(COUNT_MOVING).bind(owner.map(UserId::as_str)).fetch_one(&self.reads).await;
        counted.map(|count| count.unsigned_abs()).map_err(while_doing("the runs under way could not be counted"))
    }
}
