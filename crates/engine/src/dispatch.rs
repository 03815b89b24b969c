//! Sending a stored run to Codika, exactly once per attempt.

use model::{RunError, RunStatus};
use tracing::Instrument;

use codika::TriggerOutcome;

use crate::{
    Engine, EngineError, explain,
    runs::payload,
    store::{Applied, Attempt, Event, RunRow, Set, Transition},
};

const SENDING: &[RunStatus] = &[RunStatus::Submitting];

/// What one trigger call means for its run.
struct Verdict {
    to: RunStatus,
    kind: &'static str,
    text: String,
    execution_id: Option<String>,
    error: Option<RunError>,
}

impl Engine {
    /// The task belongs to the engine: whoever asked for the run may be gone by now.
    pub(crate) fn dispatch(&self, row: RunRow) {
        let engine = self.clone();
        let span = tracing::info_span!("dispatch", run = %row.summary.id);
        self.inner.dispatches.spawn(
            async move {
                if let Err(error) = engine.dispatch_now(row).await {
                    tracing::error!(
                        error = &error as &dyn std::error::Error,
                        "the outcome of a trigger was not stored"
                    );
                }
            }
            .instrument(span),
        );
    }

    async fn dispatch_now(&self, row: RunRow) -> Result<(), EngineError> {
        let env = self.env(&row.summary.environment)?;
        let outcome = env.upstream.trigger(&row.summary.workflow, &payload(&row)).await;
        let verdict = verdict(outcome);
        let taken_id = verdict.execution_id.clone();
        match self.record(&row, verdict).await? {
            Applied::Yes(row) if row.summary.status == RunStatus::Pending => self.inner.watcher.watch(row).await,
            Applied::Yes(_) => {}
            Applied::Stale => tracing::warn!("the answer to a trigger came after the run had moved on"),
            Applied::ExecutionTaken => {
                let flagged = Verdict {
                    to: RunStatus::Unconfirmed,
                    kind: "unconfirmed",
                    text: "Codika answered with an execution that belongs to another run.".to_owned(),
                    execution_id: None,
                    error: Some(explain::already_tracked(taken_id.as_deref().unwrap_or_default())),
                };
                self.record(&row, flagged).await?;
            }
        }
        Ok(())
    }

    async fn record(&self, row: &RunRow, verdict: Verdict) -> Result<Applied, EngineError> {
        let now = self.inner.clock.now();
        let accepted = verdict.to == RunStatus::Pending;
        self.apply(Transition {
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
            audit: Some(self.audit(None, "run.dispatched", format!("run:{}", row.summary.id), verdict.kind.to_owned())),
        })
        .await
    }

    /// Settles what the last process left: a trigger without a stored outcome may have started.
    /// Returns the runs that have to be watched.
    pub(crate) async fn recover(&self) -> Result<Vec<RunRow>, crate::StoreError> {
        let mut watching = Vec::new();
        for row in self.inner.store.moving_runs().await? {
            if row.summary.status != RunStatus::Submitting {
                watching.push(row);
                continue;
            }
            let transition = Transition {
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
            };
            self.inner.store.apply(transition).await?;
        }
        Ok(watching)
    }
}

fn verdict(outcome: TriggerOutcome) -> Verdict {
    match outcome {
        TriggerOutcome::Accepted { execution_id, warning, .. } => Verdict {
            to: RunStatus::Pending,
            kind: "accepted",
            text: match warning {
                None => "Codika accepted the run.".to_owned(),
                Some(warning) => format!("Codika started the run, with a warning: {warning}"),
            },
            execution_id: Some(execution_id.to_string()),
            error: None,
        },
        TriggerOutcome::Rejected { status, message, request_id, .. } => Verdict {
            to: RunStatus::Rejected,
            kind: "rejected",
            text: "Codika refused the run; nothing was started.".to_owned(),
            execution_id: None,
            error: Some(RunError { request_id, ..explain::rejected(status, message) }),
        },
        TriggerOutcome::NotSent { reason, detail } => Verdict {
            to: RunStatus::NotSent,
            kind: "not_sent",
            text: "Nothing was sent to Codika.".to_owned(),
            execution_id: None,
            error: Some(explain::not_sent(reason, detail)),
        },
        TriggerOutcome::Unconfirmed { reason, detail, request_id, .. } => Verdict {
            to: RunStatus::Unconfirmed,
            kind: "unconfirmed",
            text: "The request was sent, but no clear answer came back.".to_owned(),
            execution_id: None,
            error: Some(RunError { request_id, ..explain::unconfirmed(&reason, detail) }),
        },
    }
}
