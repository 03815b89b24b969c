//! Runs: creating one and reading them. What moves one on is in `transition`, lists are in `list`.

pub mod list;
mod transition;

use engine::{
    StoreError,
    store::{Created, Event, Gone, Lease, NewRun, ReplicaId, RunRow},
};
use model::{EnvSlug, Millis, RunEvent, RunId, RunSummary, UserId, WorkflowId};

use super::{
    Backend, Connection, Database, audit, dialect,
    row::{self, RunRecord, door_word, runs, text},
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
        event.kind,
        text(event.text)
    );
    insert.execute(db).await.map(drop)
}

async fn create(db: &mut Connection, new: NewRun, entry: Sealable) -> Result<Created, sqlx::Error> {
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
        door_word(new.door),
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

impl Database {
    pub(super) async fn add_run(&self, new: NewRun) -> Result<Created, StoreError> {
        let entry = self.sign(new.audit.clone())?;
        let work = self.writer.write(move |db| Box::pin(create(db, new, entry)));
        work.await.map_err(while_doing("the run could not be stored"))
    }

    pub(super) async fn find_run(&self, id: &RunId) -> Result<Option<RunRow>, StoreError> {
        let doing = "the run could not be read";
        let row = runs!("SELECT ", " FROM runs WHERE id = $1", id.as_str());
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(RunRecord::read).transpose().map_err(while_doing(doing))
    }

    pub(super) async fn find_run_by_key(
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

    pub(super) async fn find_result(&self, id: &RunId) -> Result<Option<Vec<u8>>, StoreError> {
        let bytes = value!(r#"SELECT bytes AS "bytes!" FROM results WHERE run_id = $1"#, id.as_str());
        bytes.fetch_optional(&self.reads).await.map_err(while_doing("the result could not be read"))
    }

    pub(super) async fn list_events(&self, id: &RunId) -> Result<Vec<RunEvent>, StoreError> {
        let rows = rows!(
            RunEvent,
            r#"SELECT seq AS "seq!", at AS "at!", kind AS "kind!", text AS "text!""#
                + " FROM events WHERE run_id = $1 ORDER BY seq",
            id.as_str()
        );
        rows.fetch_all(&self.reads).await.map_err(while_doing("the run's history could not be read"))
    }

    pub(super) async fn claim_runs(
        &self,
        replica: &ReplicaId,
        gone: Gone,
        limit: u32,
    ) -> Result<Vec<RunRow>, StoreError> {
        let doing = "open runs could not be claimed";
        let replica = replica.clone();
        let claim = self.writer.write(move |db| {
            Box::pin(async move {
                let claimed = dialect::claim(db, &replica, gone, i64::from(limit)).await?;
                claimed.into_iter().map(RunRecord::read).collect::<Result<Vec<_>, _>>()
            })
        });
        let mut claimed = claim.await.map_err(while_doing(doing))?;
        claimed.sort_by(|a, b| a.summary.id.cmp(&b.summary.id));
        Ok(claimed)
    }

    pub(super) async fn list_moving(&self) -> Result<Vec<RunRow>, StoreError> {
        let doing = "the runs under way could not be read";
        let rows = runs!("SELECT ", " FROM runs WHERE status IN ('submitting', 'pending') ORDER BY id");
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.into_iter().map(RunRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }
}
