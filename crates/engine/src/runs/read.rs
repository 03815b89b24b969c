//! Reading runs.

use model::{ListedRun, Page, Run, RunEvent, RunId, RunStatus, RunSummary, WatchNote};
use serde_json::Value;

use super::{RunQuery, about::about};
use crate::{
    Access, Engine, EngineError, Problem,
    policy::{self, Act},
    results::Fields,
    stats,
    store::{RunFilter, RunRow},
    stored_results::StoredResult,
};

const MAX_PAGE: u32 = 100;

impl Engine {
    /// A run with all that its page shows.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run(&self, who: &Access, id: &RunId) -> Result<Run, EngineError> {
        let row = self.visible(who, id).await?;
        let projection = &who.scope.projection;
        let candidates = match row.summary.status {
            RunStatus::Unconfirmed if policy::allows(who, Act::Decide(&row.summary)) => {
                Some(self.candidates(&row).await?)
            }
            _ => None,
        };
        let (rerun, repeats) = self.rerun(who, id).await?;
        let known = self.known_workflow(&row.summary.environment, &row.summary.workflow).await;
        let mut outputs = known.as_ref().map_or_else(Vec::new, |workflow| workflow.outputs.clone());
        outputs.retain(|output| projection.result.show(&output.key));
        let bytes = self.stored_result(&row, projection).await?;
        let shown_bytes = bytes.as_ref().map(|bytes| bytes.len() as u64);
        let result = match bytes {
            Some(bytes) => Some(self.laid_out(bytes, outputs).await?),
            None => None,
        };
        let summary = projection.summary(row.summary);
        let events = projection.events(self.inner.store.events(id).await?);
        let recent = self.inner.store.recent(&summary.environment, &summary.workflow, stats::WINDOW).await?;
        Ok(Run {
            input: projection.input(&row.input),
            form: known.and_then(|workflow| workflow.form),
            result,
            // Also of one that is no longer kept.
            result_bytes: match projection.result {
                Fields::All => row.result_bytes,
                _ => shown_bytes,
            },
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
    pub async fn run_summary(&self, who: &Access, id: &RunId) -> Result<RunSummary, EngineError> {
        Ok(who.scope.projection.summary(self.visible(who, id).await?.summary))
    }

    /// Where a run stands, and everything that has happened to it.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_history(&self, who: &Access, id: &RunId) -> Result<(RunSummary, Vec<RunEvent>), EngineError> {
        let summary = self.run_summary(who, id).await?;
        Ok((summary, who.scope.projection.events(self.inner.store.events(id).await?)))
    }

    /// The input a run was submitted with.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_input(&self, who: &Access, id: &RunId) -> Result<Value, EngineError> {
        Ok(who.scope.projection.input(&self.visible(who, id).await?.input))
    }

    /// The result as Codika sent it, byte for byte, or what of it this person is shown.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_result(&self, who: &Access, id: &RunId) -> Result<Option<StoredResult>, EngineError> {
        let row = self.visible(who, id).await?;
        self.stored_result(&row, &who.scope.projection).await
    }

    /// Newest first.
    ///
    /// # Errors
    /// [`Problem::BadValue`] for a cursor that is not ours.
    pub async fn runs(&self, who: &Access, query: RunQuery) -> Result<Page<RunSummary>, EngineError> {
        let page = self.run_rows(who, query).await?;
        let projection = &who.scope.projection;
        Ok(Page { items: page.items.into_iter().map(|row| projection.summary(row.summary)).collect(), next: page.next })
    }

    /// As [`Engine::runs`], for people: each with a few words of its input.
    ///
    /// # Errors
    /// As [`Engine::runs`].
    pub async fn list_runs(&self, who: &Access, query: RunQuery) -> Result<Page<ListedRun>, EngineError> {
        let page = self.run_rows(who, query).await?;
        let projection = &who.scope.projection;
        let listed = |row: RunRow| ListedRun {
            about: about(&row.input, &projection.input),
            run: projection.summary(row.summary),
        };
        Ok(Page { items: page.items.into_iter().map(listed).collect(), next: page.next })
    }

    async fn run_rows(&self, who: &Access, query: RunQuery) -> Result<Page<RunRow>, EngineError> {
        if let Some(cursor) = &query.after {
            RunId::parse(cursor.as_str()).map_err(|_| Problem::BadValue("This page mark is not valid.".to_owned()))?;
        }
        let filter = RunFilter {
            scope: who.scope.clone(),
            environment: query.environment,
            workflow: query.workflow,
            status: query.status,
            after: query.after,
            limit: query.limit.unwrap_or(50).clamp(1, MAX_PAGE),
        };
        let page = self.inner.store.runs(&filter).await?;
        // A token may go less far than the database is asked: its pages are shorter then.
        let seen = page.items.into_iter().filter(|row| policy::allows(who, Act::See(&row.summary)));
        Ok(Page { items: seen.collect(), next: page.next })
    }

    /// How many runs under way this person may see.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn moving(&self, who: &Access) -> Result<i64, EngineError> {
        Ok(i64::try_from(self.inner.store.count_moving(&who.scope).await?).unwrap_or(i64::MAX))
    }

    /// The run as it is stored: what of it is shown is for the caller to choose.
    pub(super) async fn visible(&self, who: &Access, id: &RunId) -> Result<RunRow, EngineError> {
        let row = self.inner.store.run(id).await?.ok_or(Problem::NoSuchRun)?;
        // Others' runs look like runs that do not exist.
        policy::check(who, Act::See(&row.summary))?;
        Ok(row)
    }

    /// A run that this person may decide on.
    pub(super) async fn decidable(&self, who: &Access, id: &RunId) -> Result<RunRow, EngineError> {
        let row = self.visible(who, id).await?;
        policy::check(who, Act::Decide(&row.summary))?;
        Ok(row)
    }
}
