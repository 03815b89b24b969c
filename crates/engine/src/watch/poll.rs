//! One question to Codika about one run, and what its answer means.

use std::time::Duration;

use codika::{CallError, CallErrorKind, ExecutionId, ExecutionState, StatusReply};
use model::{Millis, RunError, RunId, RunStatus};

use crate::{
    Engine, explain,
    store::{AuditEntry, Event, RunRow, Set, Transition},
    watch::schedule,
};

/// How long after acceptance an unknown execution only means that Codika is still registering it.
const REGISTERING_MS: Millis = 15_000;
/// Refusals in a row after which the key is taken to be rejected.
const REFUSALS: u32 = 2;

/// A pending run and what the last questions about it gave.
pub struct Watched {
    row: RunRow,
    execution: ExecutionId,
    accepted_at: Millis,
    misses: u32,
    refusals: u32,
}

impl Watched {
    /// None for a run without an execution id: there is nothing to ask about.
    pub fn new(row: RunRow) -> Option<Self> {
        let execution = ExecutionId::parse(row.summary.execution_id.clone()?).ok()?;
        let accepted_at = row.summary.accepted_at.unwrap_or(row.summary.created_at);
        Some(Self { row, execution, accepted_at, misses: 0, refusals: 0 })
    }

    pub fn id(&self) -> &RunId {
        &self.row.summary.id
    }

    pub fn accepted_at(&self) -> Millis {
        self.accepted_at
    }

    /// Asks once. Returns the pause until the next question; none when there is no further one.
    pub async fn poll(&mut self, engine: &Engine) -> Option<Duration> {
        let upstream = engine.env(&self.row.summary.environment).ok()?.upstream.clone();
        let answer = upstream.status(&self.execution).await;
        let now = engine.inner.clock.now();
        let age = now - self.accepted_at;
        let pause = match answer {
            Ok(reply) => {
                (self.misses, self.refusals) = (0, 0);
                match reply.state {
                    ExecutionState::Success | ExecutionState::Failed => {
                        return self.store(engine, self.finished(reply, now)).await;
                    }
                    ExecutionState::Pending | ExecutionState::Unknown(_) => schedule::delay(age),
                }
            }
            Err(error) => match self.missed(&error, age) {
                Ok(pause) => pause,
                Err(reason) => return self.store(engine, self.stalled(reason, now)).await,
            },
        };
        let deadline = Millis::try_from(engine.inner.limits.watch.as_millis()).unwrap_or(Millis::MAX);
        if age >= deadline {
            return self.store(engine, self.stalled(explain::watch_limit(engine.inner.limits.watch), now)).await;
        }
        Some(pause)
    }

    /// What an unanswered question means: a pause, or the reason why asking makes no sense any more.
    /// It never means that the run failed.
    fn missed(&mut self, error: &CallError, age: Millis) -> Result<Duration, RunError> {
        tracing::debug!(run = %self.id(), %error, "status was not available");
        self.misses += 1;
        match error.kind {
            CallErrorKind::KeyRejected | CallErrorKind::Forbidden if error.from_api => {
                self.refusals += 1;
                if self.refusals >= REFUSALS {
                    return Err(explain::watch_refused(error));
                }
            }
            CallErrorKind::NotFound if error.from_api && age >= REGISTERING_MS => {
                return Err(explain::unknown_execution(error));
            }
            CallErrorKind::TooLarge => return Err(explain::result_too_large(error)),
            CallErrorKind::RateLimited { retry_after: Some(wait) } => return Ok(wait),
            _ => {}
        }
        Ok(schedule::backoff(age, self.misses))
    }

    fn finished(&self, reply: StatusReply, now: Millis) -> Transition {
        let success = reply.state == ExecutionState::Success;
        let error = (!success).then(|| explain::workflow_failed(reply.error_details.as_ref()));
        self.transition(
            if success { RunStatus::Success } else { RunStatus::Failed },
            now,
            Set {
                finished_at: Some(now),
                duration_ms: Some(
                    reply.duration_ms.map_or(now - self.accepted_at, |ms| ms.try_into().unwrap_or(i64::MAX)),
                ),
                error: Some(error),
                result: reply.result.map(|bytes| bytes.to_vec()),
                ..Set::default()
            },
            if success {
                Event { kind: "succeeded", text: "Codika answered: the run succeeded.".to_owned() }
            } else {
                Event { kind: "failed", text: "Codika answered: the run failed.".to_owned() }
            },
        )
    }

    fn stalled(&self, reason: RunError, now: Millis) -> Transition {
        let text = reason.message.clone();
        let set = Set { error: Some(Some(reason)), ..Set::default() };
        self.transition(RunStatus::Stalled, now, set, Event { kind: "stalled", text })
    }

    fn transition(&self, to: RunStatus, at: Millis, set: Set, event: Event) -> Transition {
        Transition {
            run: self.id().clone(),
            epoch: self.row.epoch,
            from: &[RunStatus::Pending],
            to,
            at,
            set,
            attempt: None,
            event,
            audit: Some(AuditEntry {
                at,
                actor: None,
                action: "run.watched",
                subject: format!("run:{}", self.id()),
                detail: to.as_str().to_owned(),
            }),
        }
    }

    /// Commits the end of watching; while the database is away it is tried again later.
    async fn store(&self, engine: &Engine, transition: Transition) -> Option<Duration> {
        match engine.apply(transition).await {
            Ok(_) => None,
            Err(error) => {
                tracing::error!(run = %self.id(), error = &error as &dyn std::error::Error, "an answer was not stored");
                Some(Duration::from_secs(2))
            }
        }
    }
}
