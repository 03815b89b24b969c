//! Sending a stored run to Codika, exactly once per attempt.

mod outcome;

use std::time::Duration;

use model::{AuditAction, EventKind, RunStatus};
use tracing::Instrument;

use crate::{
    Engine, EngineError, Problem, StoreError, explain,
    in_flight::Flight,
    runs::payload,
    store::{Applied, Attempt, Event, Hold, RunRow, Set, Transition},
};

use outcome::DispatchOutcome;

const SENDING: &[RunStatus] = &[RunStatus::Submitting];
/// How long a run waits for a database that was away.
const LEASE_PATIENCE: Duration = Duration::from_secs(15);
/// The pauses while the database does not take an outcome.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Engine {
    /// The task belongs to the engine: whoever asked for the run may be gone by now.
    pub(crate) fn dispatch(&self, row: RunRow, flight: Flight) {
        let engine = self.clone();
        let span = tracing::info_span!("dispatch", run = %row.summary.id);
        flight.may_be_sent();
        let dispatch = async move {
            engine.dispatch_now(row, &flight).await;
        };
        self.inner.dispatches.spawn(dispatch.instrument(span));
    }

    async fn dispatch_now(&self, row: RunRow, flight: &Flight) {
        // So that what earlier runs took is at hand when it is accepted.
        self.schedule(&row.summary.environment, &row.summary.workflow);
        let outcome = self.send(&row, flight).await;
        if let (RunStatus::Pending | RunStatus::Rejected, Ok(env)) = (outcome.to, self.env(&row.summary.environment)) {
            env.key.triggered(outcome.error.as_ref());
        }
        let taken_id = outcome.execution_id.clone();
        match self.record(&row, outcome).await {
            Some(Applied::Yes(row)) if row.summary.status == RunStatus::Pending => {
                self.inner.watcher.watch(&row, self.now()).await;
            }
            Some(Applied::Yes(_)) | None => {}
            Some(Applied::Stale) => self.moved_on(&row, taken_id.as_deref()).await,
            Some(Applied::ExecutionTaken) => {
                self.record(&row, DispatchOutcome::already_tracked(&taken_id.unwrap_or_default())).await;
            }
        }
    }

    async fn send(&self, row: &RunRow, flight: &Flight) -> DispatchOutcome {
        let slug = &row.summary.environment;
        let Ok(env) = self.env(slug) else {
            return DispatchOutcome::not_sent(explain::no_environment(slug));
        };
        let Some(payload) = payload(&row.input) else {
            return DispatchOutcome::not_sent(explain::unsendable());
        };
        // A stopping engine sends what it has begun, and begins nothing more.
        let _place = tokio::select! {
            biased;
            place = env.sends.clone().acquire_owned() => place,
            () = self.inner.stop.cancelled() => return DispatchOutcome::not_sent(explain::never_begun()),
        };
        // Meanwhile it may have got another key, been disabled or been removed.
        let env = match self.enabled_env(slug) {
            Ok(env) => env,
            Err(EngineError::Problem(Problem::EnvironmentDisabled(_))) => {
                return DispatchOutcome::not_sent(explain::environment_disabled(slug));
            }
            Err(_) => return DispatchOutcome::not_sent(explain::no_environment(slug)),
        };
        let ready = async {
            // First, for it may take longer than a lease lasts.
            env.upstream.prepare().await;
            self.may_send(row, flight, env.upstream.reach()).await
        };
        tokio::select! {
            ready = ready => if !ready {
                return DispatchOutcome::not_sent(explain::lease_over());
            },
            () = self.inner.give_up.cancelled() => return DispatchOutcome::not_sent(explain::never_begun()),
        }
        let (upstream, workflow) = (env.upstream.clone(), row.summary.workflow.clone());
        // Its own task, so that a panic in it is an outcome like any other.
        let call = async move { upstream.trigger(&workflow, &payload).await };
        let mut call = self.inner.dispatches.spawn(call.in_current_span());
        let ended = tokio::select! {
            biased;
            ended = &mut call => ended,
            () = self.inner.give_up.cancelled() => {
                call.abort();
                return DispatchOutcome::interrupted();
            }
        };
        match ended {
            Ok(outcome) => outcome.into(),
            Err(error) => {
                tracing::error!(%error, "a trigger call ended without an outcome");
                DispatchOutcome::broke_off()
            }
        }
    }

    /// Once our lease is over, others may take the run for lost, and a person may settle it. So it has to last until
    /// the first byte is written, which may be `reach` from now; and if it was over since the run was stored, the
    /// database has to say that it is still ours.
    async fn may_send(&self, row: &RunRow, flight: &Flight, reach: Duration) -> bool {
        let local_lease = &self.inner.local_lease;
        // In this order: a lease that is there again has a new number.
        if local_lease.holds_for(reach) && local_lease.number() == flight.lease_number() {
            return true;
        }
        if !local_lease.regained(reach, LEASE_PATIENCE).await {
            return false;
        }
        let number = local_lease.number();
        let found = self.inner.store.run(&row.summary.id).await.ok().flatten();
        let ours = |now: RunRow| {
            now.lease == row.lease && now.epoch == row.epoch && now.summary.status == RunStatus::Submitting
        };
        found.is_some_and(ours) && local_lease.holds_for(reach) && local_lease.number() == number
    }

    /// Stores an outcome, however long the database takes to come back: Codika says it only once.
    /// None when the engine has stopped first; the next start then finds the run as it was.
    async fn record(&self, row: &RunRow, outcome: DispatchOutcome) -> Option<Applied> {
        self.store(self.transition(row, outcome)).await
    }

    async fn store(&self, transition: Transition) -> Option<Applied> {
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

    fn transition(&self, row: &RunRow, outcome: DispatchOutcome) -> Transition {
        let now = self.inner.clock.now();
        let accepted = outcome.to == RunStatus::Pending;
        let word = outcome.kind.as_str();
        let audit = self.audit(None, AuditAction::RunDispatched, format!("run:{}", row.summary.id), word.to_owned());
        Transition {
            run: row.summary.id.clone(),
            epoch: row.epoch,
            from: SENDING,
            to: outcome.to,
            hold: Hold::Only(row.lease.clone()),
            at: now,
            set: Set {
                execution_id: outcome.execution_id,
                accepted_at: accepted.then_some(now),
                finished_at: outcome.to.is_final().then_some(now),
                error: Some(outcome.error),
                ..Set::default()
            },
            attempt: Some(Attempt::Close { outcome: word }),
            event: Event { kind: outcome.kind, text: outcome.text },
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
                    && found.lease == row.lease
                    && found.summary.execution_id.as_deref() == execution_id =>
            {
                self.announce(&found, EventKind::Accepted);
                self.inner.watcher.watch(&found, self.now()).await;
            }
            Ok(_) => {
                tracing::warn!(execution = execution_id, "the answer to a trigger came after the run had moved on");
            }
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "a run could not be read yet");
                self.in_doubt();
            }
        }
    }

    /// Settles a run whose holder is gone: a trigger without a stored outcome may have started.
    pub(crate) async fn interrupt(&self, row: RunRow) -> Result<(), StoreError> {
        let flight = self.mark_in_flight(&row.summary.id);
        let transition = Transition {
            attempt: Some(Attempt::Close { outcome: "interrupted" }),
            audit: Some(self.audit(
                None,
                AuditAction::RunInterrupted,
                format!("run:{}", row.summary.id),
                String::new(),
            )),
            ..self.transition(&row, DispatchOutcome::interrupted())
        };
        match self.apply(transition.clone()).await {
            Err(error) if self.inner.store.cluster().is_none() => return Err(error),
            Err(_) => {}
            Ok(_) => return Ok(()),
        }
        // It is ours now, so nobody else will do it.
        let engine = self.clone();
        self.inner.dispatches.spawn(async move {
            let _flight = flight;
            engine.store(transition).await;
        });
        Ok(())
    }

    /// Settles a run of ours that was stored although the database said otherwise, and that nobody has sent.
    pub(crate) async fn drop_unsent(&self, row: &RunRow) -> Result<(), StoreError> {
        self.apply(self.transition(row, DispatchOutcome::not_sent(explain::not_stored()))).await.map(drop)
    }
}
