//! Reading runs.

use model::{Page, Principal, Run, RunEvent, RunId, RunStatus, RunSummary, WatchNote};
use schema::ResultView;
use serde_json::Value;

use super::RunQuery;
use crate::{
    Engine, EngineError, Problem,
    policy::{self, Act},
    stats,
    store::{RunFilter, RunRow},
};

const MAX_PAGE: u32 = 100;

impl Engine {
    /// A run with all that its page shows.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run(&self, who: &Principal, id: &RunId) -> Result<Run, EngineError> {
        let row = self.visible(who, id).await?;
        let candidates = match row.summary.status {
            RunStatus::Unconfirmed => Some(self.candidates(&row).await?),
            _ => None,
        };
        let (rerun, repeats) = self.rerun(who, id).await?;
        let summary = row.summary;
        let events = self.inner.store.events(id).await?;
        let bytes = if row.result_bytes.is_some() { self.inner.store.result(id).await? } else { None };
        let recent = self.inner.store.recent(&summary.environment, &summary.workflow, stats::WINDOW).await?;
        let known = self.known_workflow(&summary.environment, &summary.workflow).await;
        let outputs = known.as_ref().map_or(&[][..], |workflow| &workflow.outputs);
        let result = bytes.as_deref().map(|bytes| ResultView::of_bytes(bytes, outputs, &crate::to_html));
        Ok(Run {
            input: serde_json::from_str(&row.input).unwrap_or(Value::Null),
            form: known.and_then(|workflow| workflow.form),
            result,
            result_bytes: row.result_bytes,
            events,
            usual: stats::usual(&recent),
            candidates,
            rerun,
            repeats,
            watch: self.watch_note(&summary),
            now: self.inner.clock.now(),
            summary,
        })
    }

    fn watch_note(&self, run: &RunSummary) -> Option<WatchNote> {
        if run.status != RunStatus::Pending {
            return None;
        }
        let gate = self.env(&run.environment).ok().map(|env| env.gate.clone());
        let outage = gate.as_ref().and_then(|gate| gate.outage()).map(WatchNote::Outage);
        let hold = || gate.as_ref().and_then(|gate| gate.hold()).map(|again_at| WatchNote::Limited { again_at });
        outage.or_else(hold).or_else(|| self.inner.notes.of(&run.id))
    }

    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_summary(&self, who: &Principal, id: &RunId) -> Result<RunSummary, EngineError> {
        Ok(self.visible(who, id).await?.summary)
    }

    /// Where a run stands, and everything that has happened to it.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_history(&self, who: &Principal, id: &RunId) -> Result<(RunSummary, Vec<RunEvent>), EngineError> {
        let summary = self.run_summary(who, id).await?;
        Ok((summary, self.inner.store.events(id).await?))
    }

    /// The input a run was submitted with.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_input(&self, who: &Principal, id: &RunId) -> Result<Value, EngineError> {
        let row = self.visible(who, id).await?;
        Ok(serde_json::from_str(&row.input).unwrap_or(Value::Null))
    }

    /// The result as Codika sent it, byte for byte.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_result(&self, who: &Principal, id: &RunId) -> Result<Option<Vec<u8>>, EngineError> {
        self.visible(who, id).await?;
        Ok(self.inner.store.result(id).await?)
    }

    /// Newest first; a member sees only their own.
    ///
    /// # Errors
    /// [`Problem::BadValue`] for a cursor that is not ours.
    pub async fn runs(&self, who: &Principal, query: RunQuery) -> Result<Page<RunSummary>, EngineError> {
        if let Some(cursor) = &query.after {
            RunId::parse(cursor.as_str()).map_err(|_| Problem::BadValue("This page mark is not valid.".to_owned()))?;
        }
        let filter = RunFilter {
            owner: (!policy::allows(who, Act::SeeAllRuns)).then(|| who.id.clone()),
            environment: query.environment,
            workflow: query.workflow,
            status: query.status,
            after: query.after,
            limit: query.limit.unwrap_or(50).clamp(1, MAX_PAGE),
        };
        let page = self.inner.store.runs(&filter).await?;
        Ok(Page { items: page.items.into_iter().map(|row| row.summary).collect(), next: page.next })
    }

    /// How many runs under way this person may see.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn moving(&self, who: &Principal) -> Result<i64, EngineError> {
        let owner = (!policy::allows(who, Act::SeeAllRuns)).then_some(&who.id);
        Ok(i64::try_from(self.inner.store.count_moving(owner).await?).unwrap_or(i64::MAX))
    }

    pub(super) async fn visible(&self, who: &Principal, id: &RunId) -> Result<RunRow, EngineError> {
        let row = self.inner.store.run(id).await?.ok_or(Problem::NoSuchRun)?;
        // Others' runs look like runs that do not exist.
        policy::check(who, Act::Touch(&row.summary.owner)).map_err(|_| Problem::NoSuchRun)?;
        Ok(row)
    }
}
