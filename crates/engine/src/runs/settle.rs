//! Moving a run on by a person's word, and committing whatever moves one on.

use model::{AuditAction, Door, EventKind, LiveEvent, RunAction, RunId, RunStatus, RunSummary};

use crate::{
    Access, Engine, EngineError, Problem, StoreError, explain,
    in_flight::Flight,
    policy::{self, Act},
    store::{Applied, Attempt, Event, Hold, RunRow, Set, Transition},
};

impl Engine {
    /// The one way from a button, or a program's word, to a run. Gives the run to be shown next.
    ///
    /// # Errors
    /// As the verb of the same meaning.
    pub async fn act(
        &self,
        who: &Access,
        id: &RunId,
        action: RunAction,
        door: Door,
    ) -> Result<RunSummary, EngineError> {
        match action {
            RunAction::StopWaiting => self.stop_watching(who, id).await,
            RunAction::LookAgain => self.resume_watching(who, id).await,
            RunAction::SendAgain => self.send_again(who, id).await,
            RunAction::DidNotStart => self.mark_not_started(who, id).await,
            RunAction::RunAgainAnyway => self.run_again_anyway(who, id, door).await,
            RunAction::Close => self.close(who, id).await,
            RunAction::Adopt { execution } => self.adopt(who, id, &execution).await,
        }
    }

    /// Stops asking Codika about a run. The run itself goes on there: Codika cannot stop it.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless it is pending.
    pub async fn stop_watching(&self, who: &Access, id: &RunId) -> Result<RunSummary, EngineError> {
        let row = self.decidable(who, id).await?;
        let step = Step {
            from: &[RunStatus::Pending],
            to: RunStatus::Stalled,
            action: AuditAction::RunWatchStopped,
            kind: EventKind::WatchStopped,
            text: format!("{} stopped waiting for the answer.", who.person.name),
            set: Set { error: Some(Some(explain::stopped_watching())), ..Set::default() },
            attempt: None,
        };
        self.settle(who, row, step).await
    }

    /// Asks Codika again about a run whose watching ended without an answer.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless it is stalled and has an execution id;
    /// [`Problem::NoSuchEnvironment`] when its environment is not set up any more.
    pub async fn resume_watching(&self, who: &Access, id: &RunId) -> Result<RunSummary, EngineError> {
        let row = self.decidable(who, id).await?;
        self.env(&row.summary.environment)?;
        if row.summary.execution_id.is_none() {
            return Err(Problem::WrongState(row.summary.status.label()).into());
        }
        let step = Step {
            from: &[RunStatus::Stalled],
            to: RunStatus::Pending,
            action: AuditAction::RunWatchResumed,
            kind: EventKind::WatchResumed,
            text: format!("{} asked for the answer again.", who.person.name),
            set: Set { error: Some(None), ..Set::default() },
            attempt: None,
        };
        self.settle(who, row, step).await
    }

    /// Nobody waits for the answer of a stalled run any more. It can still be looked at again.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless it is stalled.
    pub async fn close(&self, who: &Access, id: &RunId) -> Result<RunSummary, EngineError> {
        let row = self.decidable(who, id).await?;
        let step = Step {
            from: &[RunStatus::Stalled],
            to: RunStatus::Stalled,
            action: AuditAction::RunClosed,
            kind: EventKind::Closed,
            text: format!("{} closed it without an answer.", who.person.name),
            set: Set { error: Some(Some(explain::closed(&who.person.name))), ..Set::default() },
            attempt: None,
        };
        self.settle(who, row, step).await
    }

    /// Sends a run again of which no byte has reached Codika: a new attempt of the same run.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless it was not sent; [`Problem::NoSuchEnvironment`] when its environment
    /// is not set up any more.
    pub async fn send_again(&self, who: &Access, id: &RunId) -> Result<RunSummary, EngineError> {
        let row = self.decidable(who, id).await?;
        let RunSummary { environment, workflow, .. } = &row.summary;
        policy::check(who, Act::Run { environment, workflow })?;
        self.active_env(environment).await?;
        let step = Step {
            from: &[RunStatus::NotSent],
            to: RunStatus::Submitting,
            action: AuditAction::RunSentAgain,
            kind: EventKind::SentAgain,
            text: format!("Sent again by {}.", who.person.name),
            set: Set { error: Some(None), ..Set::default() },
            attempt: Some(Attempt::Open),
        };
        self.settle(who, row, step).await
    }

    /// A named person says that an unconfirmed run did not start.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless it is unconfirmed and was not run again.
    pub async fn mark_not_started(&self, who: &Access, id: &RunId) -> Result<RunSummary, EngineError> {
        let row = self.decidable(who, id).await?;
        // Sent as well, it would run a third time.
        if self.inner.store.rerun(id).await?.is_some() {
            return Err(Problem::WrongState("run again").into());
        }
        let step = Step {
            from: &[RunStatus::Unconfirmed],
            to: RunStatus::NotSent,
            action: AuditAction::RunMarkedNotStarted,
            kind: EventKind::MarkedNotStarted,
            text: format!("{} checked with Codika and says that it did not start.", who.person.name),
            set: Set { error: Some(Some(explain::said_not_started(&who.person.name))), ..Set::default() },
            attempt: None,
        };
        self.settle(who, row, step).await
    }

    pub(super) async fn settle(&self, who: &Access, row: RunRow, step: Step) -> Result<RunSummary, EngineError> {
        let id = row.summary.id;
        let transition = Transition {
            epoch: row.epoch,
            from: step.from,
            to: step.to,
            // Whoever makes a run move again looks after it.
            hold: if step.to.is_moving() { Hold::Take(self.inner.local_lease.id.clone()) } else { Hold::Any },
            at: self.inner.clock.now(),
            set: step.set,
            attempt: step.attempt,
            event: Event { kind: step.kind, text: step.text },
            audit: Some(self.audit(Some(&who.person), step.action, format!("run:{id}"), String::new())),
            run: id.clone(),
        };
        let (engine, lease, projection) = (self.clone(), row.lease.epoch, who.scope.projection.clone());
        // From the write on nobody's leaving may come between the new state and what it asks for.
        self.finish(async move {
            let flight = engine.mark_in_flight(&id);
            let to = transition.to;
            match engine.apply(transition).await {
                Ok(Applied::Yes(row)) => {
                    engine.go_on(&row, flight).await;
                    Ok(projection.summary(row.summary))
                }
                Ok(Applied::Stale | Applied::ExecutionTaken) => {
                    let row = engine.inner.store.run(&id).await?.ok_or(Problem::NoSuchRun)?;
                    Err(Problem::WrongState(row.summary.status.label()).into())
                }
                Err(error) => {
                    match to {
                        RunStatus::Submitting => engine.attempt_in_doubt(&flight, lease + 1),
                        _ => engine.in_doubt(),
                    }
                    Err(error.into())
                }
            }
        })
        .await
    }

    /// Does what the state that a person has just chosen asks for.
    async fn go_on(&self, row: &RunRow, flight: Flight) {
        match row.summary.status {
            RunStatus::Submitting => self.dispatch(row.clone(), flight),
            RunStatus::Pending => self.inner.watcher.watch_anew(row, self.now()).await,
            RunStatus::Stalled => self.inner.watcher.forget(row).await,
            _ => {}
        }
    }

    /// Commits a transition and tells every listener of it.
    pub(crate) async fn apply(&self, transition: Transition) -> Result<Applied, StoreError> {
        let kind = transition.event.kind;
        let _lock = self.lock_run(&transition.run).await;
        let applied = self.inner.store.apply(transition).await?;
        if let Applied::Yes(row) = &applied {
            self.announce(row, kind);
        }
        Ok(applied)
    }

    /// Tells of a change that was stored together with another run's.
    pub(super) async fn announce_stored(&self, id: &RunId, kind: EventKind) {
        // What could not be read now is told with the next change.
        if let Ok(Some(row)) = self.inner.store.run(id).await {
            self.announce(&row, kind);
        }
    }

    pub(crate) fn announce(&self, row: &RunRow, kind: EventKind) {
        if self.inner.store.cluster().is_some() {
            // The feed tells of every replica's changes in one order.
            self.inner.feed.wake();
        } else {
            let run = row.summary.clone();
            // Fails only while nobody listens.
            let _ = self.inner.events.send(LiveEvent { run, seq: row.seq, kind });
        }
    }
}

pub(super) struct Step {
    pub from: &'static [RunStatus],
    pub to: RunStatus,
    pub action: AuditAction,
    pub kind: EventKind,
    pub text: String,
    pub set: Set,
    pub attempt: Option<Attempt>,
}
