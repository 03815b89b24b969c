//! Runs that were run again because nobody knew whether they had started.

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AgainFor, RerunStore, RunRow},
};
use model::{Millis, RunId};

use super::{Connection, Database, RunRecord, record_event, runs, while_doing};

/// The run that replaced this one, and when.
pub async fn of(db: &mut Connection, id: &RunId) -> Result<Option<(RunRow, Millis)>, sqlx::Error> {
    let at = value!(r#"SELECT resolved_at AS "at!" FROM reruns WHERE run_id = $1"#, id.as_str());
    let Some(at) = at.fetch_optional(&mut *db).await? else { return Ok(None) };
    let rerun = runs!("SELECT ", " FROM runs WHERE id = (SELECT rerun_id FROM reruns WHERE run_id = $1)", id.as_str());
    rerun.fetch_one(db).await?.read().map(|run| Some((run, at)))
}

/// Remembers that `rerun` was started instead of the earlier run, and tells the earlier one.
pub async fn link(db: &mut Connection, earlier: AgainFor, rerun: &RunId, at: Millis) -> Result<(), sqlx::Error> {
    let link = statement!(
        "INSERT INTO reruns (run_id, rerun_id, resolved_at) VALUES ($1, $2, $3)",
        earlier.run.as_str(),
        rerun.as_str(),
        at
    );
    link.execute(&mut *db).await?;
    let seq = value!(r#"UPDATE runs SET seq = seq + 1 WHERE id = $1 RETURNING seq AS "seq!""#, earlier.run.as_str());
    let seq = seq.fetch_one(&mut *db).await?;
    record_event(db, &earlier.run, seq, at, earlier.event).await
}

#[async_trait]
impl RerunStore for Database {
    async fn rerun(&self, id: &RunId) -> Result<Option<(RunRow, Millis)>, StoreError> {
        let doing = "the run that replaced another could not be read";
        let mut db = self.reads.acquire().await.map_err(while_doing(doing))?;
        of(&mut db, id).await.map_err(while_doing(doing))
    }

    async fn repeats(&self, id: &RunId) -> Result<Option<RunId>, StoreError> {
        let doing = "the run that another replaced could not be read";
        let first = value!(r#"SELECT run_id AS "id!" FROM reruns WHERE rerun_id = $1"#, id.as_str());
        let first: Option<String> = first.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        let read = |text: String| super::row::parsed("run_id", &text, |text| RunId::parse(text).ok());
        first.map(read).transpose().map_err(while_doing(doing))
    }
}
