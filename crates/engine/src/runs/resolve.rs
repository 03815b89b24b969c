//! Finding out what became of a run that may have started.

use std::{collections::HashSet, time::Duration};

use codika::{CallErrorKind, ExecutionId, wire::ListedExecution};
use model::{Candidate, Candidates, Principal, RunId, RunStatus, RunSummary};
use tokio::time::timeout;

use super::settle::Step;
use crate::{
    Engine, EngineError, Problem,
    policy::{self, Act},
    store::{RunFilter, RunRow, Set},
};

/// A page does not wait longer than this for Codika.
const PATIENCE: Duration = Duration::from_secs(4);

impl Engine {
    /// A person has recognised the execution that an unconfirmed run has become: it is watched from now on.
    ///
    /// # Errors
    /// [`Problem::BadValue`] unless Codika lists this execution for the run's workflow and no other run has it;
    /// [`Problem::WrongState`] unless the run is unconfirmed.
    pub async fn adopt(&self, who: &Principal, id: &RunId, execution: &str) -> Result<RunSummary, EngineError> {
        policy::check(who, Act::Run)?;
        let row = self.visible(who, id).await?;
        if row.summary.status != RunStatus::Unconfirmed {
            return Err(Problem::WrongState(row.summary.status.label()).into());
        }
        let candidates = self.candidates(&row).await;
        if !candidates.found.iter().any(|candidate| candidate.execution == execution) {
            let why = candidates
                .why_not
                .unwrap_or_else(|| "Codika does not list this execution for the workflow.".to_owned());
            return Err(Problem::BadValue(why).into());
        }
        let step = Step {
            from: &[RunStatus::Unconfirmed],
            to: RunStatus::Pending,
            action: "run.adopted",
            kind: "adopted",
            text: format!("{} recognised it as execution {execution}.", who.name),
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

    /// The executions of the run's workflow that may be it, newest first.
    pub(super) async fn candidates(&self, row: &RunRow) -> Candidates {
        let run = &row.summary;
        let Ok(env) = self.env(&run.environment) else {
            return Candidates {
                found: Vec::new(),
                why_not: Some("Its environment is not set up any more.".to_owned()),
            };
        };
        match timeout(PATIENCE, env.upstream.executions(&run.workflow)).await {
            Ok(Ok(listed)) => {
                let since = run.created_at.saturating_sub(SKEW_MS);
                let mut found: Vec<Candidate> = listed.into_iter().filter_map(candidate).collect();
                found.retain(|one| one.created_at.is_none_or(|at| at >= since));
                let others = self.executions_of_runs(run).await;
                found.retain(|one| !others.contains(&one.execution));
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
        }
    }
}

impl Engine {
    /// Executions that are known to belong to runs of this workflow, the newest of them.
    async fn executions_of_runs(&self, run: &RunSummary) -> HashSet<String> {
        let filter = RunFilter {
            environment: Some(run.environment.clone()),
            workflow: Some(run.workflow.clone()),
            limit: KNOWN,
            ..RunFilter::default()
        };
        match self.inner.store.runs(&filter).await {
            Ok(page) => page.items.into_iter().filter_map(|row| row.summary.execution_id).collect(),
            // Adopting one of them is refused all the same.
            Err(_) => HashSet::new(),
        }
    }
}

/// Runs whose executions are left out.
const KNOWN: u32 = 500;
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
