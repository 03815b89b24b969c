//! Sending a stored run to Codika, exactly once per attempt.

mod verdict;

use std::time::Duration;

use model::RunStatus;
use tracing::Instrument;

use crate::{
    Engine, explain,
    runs::payload,
    store::{Applied, Attempt, Event, RunRow, Set, Transition},
};

use verdict::Verdict;

const SENDING: &[RunStatus] = &[RunStatus::Submitting];
/// The pauses while the database does not take an outcome.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Engine {
    /// The task belongs to the engine: whoever asked for the run may be gone by now.
    pub(crate) fn dispatch(&self, row: RunRow) {
        let engine = self.clone();
        let span = tracing::info_span!("dispatch", run = %row.summary.id);
        self.inner.dispatches.spawn(async move { engine.dispatch_now(row).await }.instrument(span));
    }

    async fn dispatch_now(&self, row: RunRow) {
        let verdict = self.send(&row).await;
        if let (RunStatus::Pending | RunStatus::Rejected, Ok(env)) = (verdict.to, self.env(&row.summary.environment)) {
            env.key.triggered(verdict.error.as_ref());
        }
        let taken_id = verdict.execution_id.clone();
        match self.record(&row, verdict).await {
            Some(Applied::Yes(row)) if row.summary.status == RunStatus::Pending => {
                self.inner.watcher.watch(&row, self.now()).await;
            }
            Some(Applied::Yes(_)) | None => {}
            Some(Applied::Stale) => self.moved_on(&row, taken_id.as_deref()).await,
            Some(Applied::ExecutionTaken) => {
                self.record(&row, Verdict::already_tracked(&taken_id.unwrap_or_default())).await;
            }
        }
    }

    async fn send(&self, row: &RunRow) -> Verdict {
        let Ok(env) = self.env(&row.summary.environment) else {
            return Verdict::not_sent(explain::no_environment(&row.summary.environment));
        };
        let Some(payload) = payload(&row.input) else {
            return Verdict::not_sent(explain::unsendable());
        };
        let (upstream, workflow) = (env.upstream.clone(), row.summary.workflow.clone());
        // Its own task, so that a panic in it is an outcome like any other.
        let call = async move { upstream.trigger(&workflow, &payload).await };
        match self.inner.dispatches.spawn(call.in_current_span()).await {
            Ok(outcome) => outcome.into(),
            Err(error) => {
                tracing::error!(%error, "a trigger call ended without an outcome");
                Verdict::broke_off()
            }
        }
    }

    /// Stores an outcome, however long the database takes to come back: Codika says it only once.
    /// None when the engine has stopped first; the next start then finds the run as it was.
    async fn record(&self, row: &RunRow, verdict: Verdict) -> Option<Applied> {
        let transition = self.transition(row, verdict);
        let mut pause = FIRST_PAUSE;
        loop {
            let error = match self.apply(transition.clone()).await {
                Ok(applied) => return Some(applied),
                Err(error) => error,
            };
            tracing::error!(error = &error as &dyn std::error::Error, "the outcome of a trigger is not stored yet");
            tokio::select! {
                () = self.inner.over.cancelled() => return None,
                () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
            }
        }
    }

    fn transition(&self, row: &RunRow, verdict: Verdict) -> Transition {
        let now = self.inner.clock.now();
        let accepted = verdict.to == RunStatus::Pending;
        let audit = self.audit(None, "run.dispatched", format!("run:{}", row.summary.id), verdict.kind.to_owned());
        Transition {
            run: row.summary.id.clone(),
            epoch: row.epoch,
            from: SENDING,
            to: verdict.to,
            at: now,
            set: Set {
                execution_id: verdict.execution_id,
                accepted_at: accepted.then_some(now),
                finished_at: verdict.to.is_final().then_some(now),
                error: Some(verdict.error),
                ..Set::default()
            },
            attempt: Some(Attempt::Close { outcome: verdict.kind }),
            event: Event { kind: verdict.kind, text: verdict.text },
            audit: Some(audit),
        }
    }

    /// The outcome came too late, or a write that seemed to fail was done after all. Then the run waits
    /// for this very execution, and nobody watches it yet.
    async fn moved_on(&self, row: &RunRow, execution_id: Option<&str>) {
        match self.inner.store.run(&row.summary.id).await {
            Ok(Some(found))
                if found.summary.status == RunStatus::Pending
                    && found.epoch == row.epoch
                    && found.summary.execution_id.as_deref() == execution_id =>
            {
                self.announce(&found, "accepted");
                self.inner.watcher.watch(&found, self.now()).await;
            }
            Ok(_) => {
                tracing::warn!(execution = execution_id, "the answer to a trigger came after the run had moved on");
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "a run could not be read; a restart watches it"
                );
            }
        }
    }

    /// Settles what the last process left: a trigger without a stored outcome may have started.
    /// Returns the runs that have to be watched.
    pub(crate) async fn recover(&self) -> Result<Vec<RunRow>, crate::StoreError> {
        let mut watching = Vec::new();
        for row in self.inner.store.moving_runs().await? {
            if row.summary.status != RunStatus::Submitting {
                watching.push(row);
            } else if let Applied::Stale = self.inner.store.apply(self.interruption(&row)).await? {
                // The last process was not quite gone: it has just stored its answer.
                let now = self.inner.store.run(&row.summary.id).await?;
                watching.extend(now.filter(|row| row.summary.status == RunStatus::Pending));
            }
        }
        Ok(watching)
    }

    fn interruption(&self, row: &RunRow) -> Transition {
        Transition {
            run: row.summary.id.clone(),
            epoch: row.epoch,
            from: SENDING,
            to: RunStatus::Unconfirmed,
            at: self.inner.clock.now(),
            set: Set { error: Some(Some(explain::interrupted())), ..Set::default() },
            attempt: Some(Attempt::Close { outcome: "interrupted" }),
            event: Event {
                kind: "unconfirmed",
                text: "The dashboard stopped while it was sending this run.".to_owned(),
            },
            audit: Some(self.audit(None, "run.interrupted", format!("run:{}", row.summary.id), String::new())),
        }
    }
}
