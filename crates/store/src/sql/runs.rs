//! Runs: creating one and reading them. What moves one on is in `transition`, lists are in `list`,
//! what was run again in `reruns`.

pub mod list;
mod reruns;
mod transition;

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AgainFor, Applied, Created, Event, Lease, NewRun, RunRow, RunStore, Transition},
};
use model::{EnvSlug, Millis, RunEvent, RunId, RunSummary, UserId, WorkflowId};

use super::{
    Backend, Connection, Database, audit, dialect,
    row::{self, EventRecord, RunRecord, runs, text},
    while_doing,
};
use crate::audit::Sealable;

async fn open_attempt(db: &mut Connection, run: &RunId, epoch: i64, at: Millis) -> Result<(), sqlx::Error> {
    let open =
        statement!("INSERT INTO attempts (run_id, epoch, started_at) VALUES ($1, $2, $3)", run.as_str(), epoch, at);
    open.execute(db).await.map(drop)
}

async fn record_event(db: &mut Connection, run: &RunId, seq: i64, at: Millis, event: Event) -> Result<(), sqlx::Error> {
    let insert = statement!(
        "INSERT INTO events (run_id, seq, at, kind, text) VALUES ($1, $2, $3, $4, $5)",
        run.as_str(),
        seq,
        at,
        event.kind.as_str(),
        text(event.text)
    );
    insert.execute(db).await.map(drop)
}

async fn create(
    db: &mut Connection,
    new: NewRun,
    entry: Sealable,
    earlier: Option<(AgainFor, Sealable)>,
) -> Result<Created, sqlx::Error> {
    if let Some((earlier, _)) = &earlier {
        // Locked until the end: of two that replace one run, one does.
        let doubtful = dialect::locked_run(db, &earlier.run).await?.filter(|run| run.status == "unconfirmed");
        if doubtful.is_none() {
            return Ok(Created::Settled);
        }
        if let Some((rerun, _)) = reruns::of(db, &earlier.run).await? {
            return Ok(Created::Existing(rerun));
        }
    }
    let (workflow_name, owner_name, key) = (text(new.workflow_name), text(new.owner_name), text(new.key));
    let inserted = statement!(
        "INSERT INTO runs (id, environment, workflow, workflow_name, owner, owner_name, door, key, input, status,"
            + " epoch, seq, created_at, lease_owner, lease_epoch)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, 1, $11, $12, 1)"
            + " ON CONFLICT (owner, environment, workflow, key) DO NOTHING",
        new.id.as_str(),
        new.environment.as_str(),
        new.workflow.as_str(),
        workflow_name,
        new.owner.as_str(),
        owner_name,
        new.door.as_str(),
        key,
        new.input,
        new.status.as_str(),
        new.at,
        new.holder.as_str()
    );
    if inserted.execute(&mut *db).await?.rows_affected() == 0 {
        let first = runs!(
            "SELECT ",
            " FROM runs WHERE owner = $1 AND environment = $2 AND workflow = $3 AND key = $4",
            new.owner.as_str(),
            new.environment.as_str(),
            new.workflow.as_str(),
            key
        );
        return first.fetch_one(db).await?.read().map(Created::Existing);
    }
    open_attempt(db, &new.id, 1, new.at).await?;
    record_event(db, &new.id, 1, new.at, new.event).await?;
    audit::record(db, entry).await?;
    if let Some((earlier, entry)) = earlier {
        reruns::link(db, earlier, &new.id, new.at).await?;
        audit::record(db, entry).await?;
    }
    Ok(Created::New(RunRow {
        summary: RunSummary {
            id: new.id,
            environment: new.environment,
            workflow: new.workflow,
            workflow_name,
            status: new.status,
            owner: new.owner,
            owner_name,
            door: new.door,
            execution_id: None,
            created_at: new.at,
            accepted_at: None,
            finished_at: None,
            duration_ms: None,
            error: None,
        },
        key,
        input: new.input,
        epoch: 1,
        seq: 1,
        result_bytes: None,
        lease: Lease { holder: new.holder, epoch: 1 },
    }))
}

#[async_trait]
impl RunStore for Database {
    async fn create_run(&self, new: NewRun) -> Result<Created, StoreError> {
        let entry = self.sign(new.audit.clone())?;
        let earlier = new.again_for.clone();
        let earlier = earlier.map(|run| Ok((run.clone(), self.sign(run.audit)?))).transpose()?;
        let work = self.writer.write(move |db| Box::pin(create(db, new, entry, earlier)));
        work.await.map_err(while_doing("the run could not be stored"))
    }

    async fn run(&self, id: &RunId) -> Result<Option<RunRow>, StoreError> {
        let doing = "the run could not be read";
        let row = runs!("SELECT ", " FROM runs WHERE id = $1", id.as_str());
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(RunRecord::read).transpose().map_err(while_doing(doing))
    }

    async fn run_by_key(
        &self,
        owner: &UserId,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        key: &str,
    ) -> Result<Option<RunRow>, StoreError> {
        let doing = "the run could not be read";
        let row = runs!(
            "SELECT ",
            " FROM runs WHERE owner = $1 AND environment = $2 AND workflow = $3 AND key = $4",
            owner.as_str(),
            environment.as_str(),
            workflow.as_str(),
            text(key)
        );
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(RunRecord::read).transpose().map_err(while_doing(doing))
    }

    async fn result(&self, id: &RunId) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = value!(r#"SELECT bytes AS "bytes!" FROM results WHERE run_id = $1"#, id.as_str());
        bytes.fetch_optional(&self.reads).await.map_err(while_doing("the result could not be read"))
    }

    async fn events(&self, id: &RunId) -> Result<Vec<RunEvent>, StoreError> {
        let rows = rows!(
            EventRecord,
            r#"SELECT seq AS "seq!", at AS "at!", kind AS "kind!", text AS "text!""#
                + " FROM events WHERE run_id = $1 ORDER BY seq",
            id.as_str()
        );
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing("the run's history could not be read"))?;
        Ok(rows.into_iter().map(EventRecord::read).collect())
    }

    async fn apply(&self, step: Transition) -> Result<Applied, StoreError> {
        let entry = step.audit.clone().map(|entry| self.sign(entry)).transpose()?;
        let outcome = self.writer.write(move |db| Box::pin(transition::apply(db, step, entry))).await;
        match outcome {
            // Two runs that get one execution at the same moment pass the look at it together.
            Err(refused) if refused.is_about("runs_by_execution") => Ok(Applied::ExecutionTaken),
            outcome => outcome.map_err(while_doing("the run's new state could not be stored")),
        }
    }

    async fn has_execution(&self, environment: &EnvSlug, execution: &str) -> Result<bool, StoreError> {
        let known = value!(
            r#"SELECT EXISTS (SELECT 1 FROM runs WHERE environment = $1 AND execution_id = $2) AS "known!: bool""#,
            environment.as_str(),
            execution
        );
        known.fetch_one(&self.reads).await.map_err(while_doing("the executions of runs could not be read"))
    }
}
