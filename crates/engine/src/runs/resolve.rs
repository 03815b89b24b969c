//! Finding out what became of a run that may have started.

use std::time::Duration;

use codika::{CallErrorKind, ExecutionId, wire::ListedExecution};
use model::{AuditAction, Candidate, Candidates, Door, EventKind, Rerun, RunId, RunStatus, RunSummary};
use tokio::time::timeout;

use super::{StartRun, settle::Step, start::AGAIN};
use crate::{
    Access, Engine, EngineError, Problem,
    policy::{self, Act},
    store::{AgainFor, Event, RunRow, Set},
};

/// A page does not wait longer than this for Codika.
const PATIENCE: Duration = Duration::from_secs(4);

impl Engine {
    /// The executions at Codika that an unconfirmed run may have become.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless the run is unconfirmed.
    pub async fn executions(&self, who: &Access, id: &RunId) -> Result<Candidates, EngineError> {
        self.candidates(&self.doubtful(who, id).await?).await
    }

    /// A person has recognised the execution that an unconfirmed run has become: it is watched from now on.
    ///
    /// # Errors
    /// [`Problem::BadValue`] unless Codika lists this execution for the run's workflow and no other run has it;
    /// [`Problem::WrongState`] unless the run is unconfirmed.
    pub async fn adopt(&self, who: &Access, id: &RunId, execution: &str) -> Result<RunSummary, EngineError> {
        let row = self.doubtful(who, id).await?;
        let candidates = self.candidates(&row).await?;
        if !candidates.found.iter().any(|candidate| candidate.execution == execution) {
            let why = candidates
                .why_not
                .unwrap_or_else(|| "Codika does not list this execution for the workflow.".to_owned());
            return Err(Problem::BadValue(why).into());
        }
        let step = Step {
            from: &[RunStatus::Unconfirmed],
            to: RunStatus::Pending,
            action: AuditAction::RunAdopted,
            kind: EventKind::Adopted,
            text: format!("{} recognised it as execution {execution}.", who.person.name),
            set: Set {
                execution_id: Some(execution.to_owned()),
                accepted_at: Some(self.now()),
                error: Some(None),
                ..Set::default()
            },
            attempt: None,
        };
        self.settle(who, row, step).await
    }

    /// Starts a new run with the input of an unconfirmed one, although that one may have started: then the
    /// workflow runs twice. The first one stays unconfirmed, with a link to the new one. Asked for again, it
    /// gives the same new run.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless the run is unconfirmed; those of [`Engine::start_run`].
    pub async fn run_again_anyway(&self, who: &Access, id: &RunId, door: Door) -> Result<RunSummary, EngineError> {
        let row = self.doubtful(who, id).await?;
        let again_for = AgainFor {
            event: Event {
                kind: EventKind::RunAgain,
                text: format!("{} ran it again, not knowing whether it had started.", who.person.name),
            },
            audit: self.audit(Some(&who.person), AuditAction::RunRunAgain, format!("run:{id}"), String::new()),
            run: id.clone(),
        };
        let request = StartRun {
            environment: row.summary.environment,
            workflow: row.summary.workflow,
            input: serde_json::from_str(&row.input).map_err(|_| EngineError::Internal("a stored input is no JSON"))?,
            key: format!("{AGAIN}{id}"),
            door,
            again: None,
        };
        let started = self.submit(who, request, Some(again_for)).await?.run;
        // Somebody else may have been first.
        policy::check(who, Act::See(&started)).map_err(|_| Problem::WrongState("run again by somebody else"))?;
        Ok(started)
    }

    async fn doubtful(&self, who: &Access, id: &RunId) -> Result<RunRow, EngineError> {
        let row = self.decidable(who, id).await?;
        match row.summary.status {
            RunStatus::Unconfirmed => Ok(row),
            status => Err(Problem::WrongState(status.label()).into()),
        }
    }

    /// How a run belongs together with one that was started instead of it, as far as this person may see it.
    pub(super) async fn rerun(&self, who: &Access, id: &RunId) -> Result<(Option<Rerun>, Option<RunId>), EngineError> {
        let rerun = self.inner.store.rerun(id).await?.map(|(row, at)| Rerun {
            run: policy::allows(who, Act::See(&row.summary)).then_some(row.summary.id),
            by: row.summary.owner_name,
            at,
        });
        let repeats = match self.inner.store.repeats(id).await? {
            Some(first) => self.visible(who, &first).await.is_ok().then_some(first),
            None => None,
        };
        Ok((rerun, repeats))
    }

    /// The executions of the run's workflow that may be it, newest first; those of other runs are left out.
    pub(super) async fn candidates(&self, row: &RunRow) -> Result<Candidates, EngineError> {
        let run = &row.summary;
        let Ok(env) = self.env(&run.environment) else {
            return Ok(Candidates {
                found: Vec::new(),
                why_not: Some("Its environment is not set up any more.".to_owned()),
            });
        };
        Ok(match timeout(PATIENCE, env.upstream.executions(&run.workflow)).await {
            Ok(Ok(listed)) => {
                let since = run.created_at.saturating_sub(SKEW_MS);
                let mut found = Vec::new();
                for one in listed.into_iter().filter_map(candidate) {
                    let fits = one.created_at.is_none_or(|at| at >= since);
                    if fits && !self.inner.store.has_execution(&run.environment, &one.execution).await? {
                        found.push(one);
                    }
                }
                Candidates { found, why_not: None }
            }
            Ok(Err(error)) if error.kind == CallErrorKind::KeyMissing => Candidates {
                found: Vec::new(),
                why_not: Some(
                    "Its executions cannot be listed here: the environment has no organization key.".to_owned(),
                ),
            },
            Ok(Err(_)) | Err(_) => Candidates {
                found: Vec::new(),
                why_not: Some(
                    "Codika could not list the executions at the moment. Reload the page to try again.".to_owned(),
                ),
            },
        })
    }
}

/// How far Codika's clock may be behind ours.
const SKEW_MS: i64 = 120_000;

fn candidate(listed: ListedExecution) -> Option<Candidate> {
    ExecutionId::parse(listed.execution_id.clone()).ok()?;
    Some(Candidate {
        execution: listed.execution_id,
        status: listed.status.to_string().chars().take(60).collect(),
        created_at: listed.created_at.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond),
    })
}
