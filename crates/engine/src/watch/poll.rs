//! One question to Codika about one run, and what its answer means.

use std::{sync::Arc, time::Duration};

use codika::{CallError, CallErrorKind, ExecutionId, ExecutionState, StatusReply};
use model::{AuditAction, EnvSlug, EventKind, Millis, RunError, RunId, RunStatus, WatchNote, WorkflowId};
use tokio::time::Instant;

use crate::{
    Engine,
    environments::Env,
    explain, ids,
    schedule::{Schedule, Took},
    store::{Applied, AuditEntry, Event, Hold, Lease, RunRow, Set, Transition},
    watch::{
        Turn, backoff,
        gate::{Admission, Caller, Health},
    },
};

/// How long after acceptance, or after watching began, an unknown execution only means that Codika is still
/// registering it.
const REGISTERING: Duration = Duration::from_secs(15);
/// Refusals in a row after which the key is taken to be rejected.
const REFUSALS: u32 = 2;
/// A Codika that does not answer says nothing about a run: it is given up only so long after its limit.
const SILENCE: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Questions that may break off by a fault of ours once the limit is over.
const PANICS: u32 = 3;
/// A run this old waits behind younger ones where the rate is limited.
const YOUNG: Duration = Duration::from_secs(60);
/// No question follows another one faster.
const SHORTEST_PAUSE: Duration = Duration::from_millis(50);
/// How soon to look again whether the lease is ours.
const LEASE_PAUSE: Duration = Duration::from_secs(2);
/// Characters of a status word that are shown.
const WORD: usize = 60;

/// A pending run, as little of it as asking needs, and what the last questions about it gave.
///
/// Ages are measured from here on by the monotonic clock. How old it was when watching began is known by the time of
/// day only, which may be wrong: so after a start, or when a person asks for it again, a run is watched for the whole
/// limit, whatever its age seems to be.
#[derive(Clone)]
pub struct Watched {
    id: RunId,
    environment: EnvSlug,
    workflow: WorkflowId,
    epoch: i64,
    turn: Turn,
    lease: Lease,
    /// The number of the local lease under which it was last seen to be ours.
    seen_in: u64,
    execution: ExecutionId,
    accepted_at: Millis,
    began: Instant,
    /// How long ago it was accepted when watching began.
    age: Duration,
    /// How long it counted as watched when watching began.
    watched: Duration,
    misses: u32,
    refusals: u32,
    /// How Codika last refused the key: the reason, should it never accept one.
    refusal: Option<Box<RunError>>,
    panics: u32,
    /// Its age when it was last seen running.
    running_ms: i64,
    /// When the gate promised it a question.
    promised: Option<Instant>,
    /// The last unknown status word.
    word: Option<String>,
}

impl Watched {
    /// None for a run without an execution id: there is nothing to ask about.
    pub fn new(row: &RunRow, now: Millis) -> Option<Self> {
        let run = &row.summary;
        let accepted_at = run.accepted_at.unwrap_or(run.created_at);
        let age = Duration::from_millis(u64::try_from(now - accepted_at).unwrap_or(0));
        Some(Self {
            id: run.id.clone(),
            environment: run.environment.clone(),
            workflow: run.workflow.clone(),
            epoch: row.epoch,
            turn: Turn::of(row),
            lease: row.lease.clone(),
            seen_in: 0,
            execution: ExecutionId::parse(run.execution_id.clone()?).ok()?,
            accepted_at,
            began: Instant::now(),
            age,
            watched: age,
            misses: 0,
            refusals: 0,
            refusal: None,
            panics: 0,
            running_ms: 0,
            promised: None,
            word: None,
        })
    }

    /// Counts as watched from now on, however old it is.
    pub fn anew(self) -> Self {
        Self { watched: Duration::ZERO, ..self }
    }

    pub fn id(&self) -> &RunId {
        &self.id
    }

    pub fn environment(&self) -> &EnvSlug {
        &self.environment
    }

    /// Whether it waits for a key that Codika accepts.
    pub fn is_refused(&self) -> bool {
        self.refusal.is_some()
    }

    pub fn turn(&self) -> Turn {
        self.turn
    }

    pub fn first_pause(&self, engine: &Engine) -> Duration {
        // Who asks for it anew waits before the screen.
        if self.is_anew() { Duration::ZERO } else { self.pause(engine) }
    }

    /// What a panic during a question means: a pause like after any other miss.
    pub fn panicked(&mut self) -> Duration {
        self.panics += 1;
        self.missed_once(Duration::ZERO)
    }

    fn is_anew(&self) -> bool {
        self.watched < self.age
    }

    /// The pause until the next question, if all goes well.
    fn pause(&self, engine: &Engine) -> Duration {
        // What was learned is about the time since acceptance.
        let (schedule, age) = if self.is_anew() {
            (Arc::<Schedule>::default(), self.watched())
        } else {
            (engine.schedule(&self.environment, &self.workflow), self.age())
        };
        schedule.next(age, ids::jitter()).saturating_sub(age).max(SHORTEST_PAUSE)
    }

    fn missed_once(&mut self, usual: Duration) -> Duration {
        self.misses += 1;
        backoff::after(usual, self.misses, ids::jitter())
    }

    /// How long it is watched by this process, since a person has last asked for it.
    fn asked_for(&self) -> Duration {
        self.began.elapsed()
    }

    fn age(&self) -> Duration {
        self.age + self.began.elapsed()
    }

    fn watched(&self) -> Duration {
        self.watched + self.began.elapsed()
    }

    /// Asks once. Returns the pause until the next question; none when there is no further one.
    pub async fn poll(&mut self, engine: &Engine) -> Option<Duration> {
        let Ok(env) = engine.env(&self.environment) else {
            if !engine.env_is_gone(&self.environment).await {
                return Some(LEASE_PAUSE);
            }
            return self.stall(engine, explain::watch_without_environment(&self.environment)).await;
        };
        if !engine.inner.local_lease.holds() {
            return Some(LEASE_PAUSE);
        }
        let limit = engine.inner.limits.watch;
        let patience = if self.panics >= PANICS { limit } else { limit + SILENCE };
        if self.misses > 0 && self.asked_for() >= limit && self.watched() >= patience {
            let reason = self.refusal.take().map_or_else(|| explain::watch_limit(limit), |refusal| *refusal);
            return self.stall(engine, reason).await;
        }
        let young = self.watched() < YOUNG;
        let caller = Caller { young, turn: &mut self.promised, jitter: ids::jitter() };
        let mut pass = match env.gate.admit(caller).await? {
            Admission::Go(pass) => pass,
            Admission::Later(wait) => return Some(wait),
        };
        // Waiting for the turn may have taken longer than the lease.
        if !engine.inner.local_lease.holds() {
            return Some(LEASE_PAUSE);
        }
        match self.is_ours(engine).await {
            Some(true) => {}
            Some(false) => return None,
            None => return Some(LEASE_PAUSE),
        }
        let asked_ms = Millis::try_from(self.age().as_millis()).unwrap_or(0);
        let answer = env.upstream.status(&self.execution).await;
        pass.report(&health(&answer), engine.now(), ids::jitter());
        match answer {
            Ok(reply) => {
                env.key.accepted();
                (self.misses, self.refusals, self.panics) = (0, 0, 0);
                self.refusal = None;
                engine.inner.notes.put(&self.id, None);
                match &reply.state {
                    ExecutionState::Success | ExecutionState::Failed => return self.end(engine, reply).await,
                    ExecutionState::Pending => self.word = None,
                    ExecutionState::Unknown(word) => self.note(engine, word).await,
                }
                if self.asked_for() >= limit {
                    return self.stall(engine, explain::watch_limit(limit)).await;
                }
                self.running_ms = asked_ms;
                Some(self.pause(engine))
            }
            Err(error) => match self.missed(engine, &env, &error) {
                Ok(pause) => Some(pause),
                Err(reason) => self.stall(engine, *reason).await,
            },
        }
    }

    async fn end(&mut self, engine: &Engine, reply: StatusReply) -> Option<Duration> {
        let seen_ms = Millis::try_from(self.age().as_millis()).unwrap_or(Millis::MAX);
        let measured_ms = reply.duration_ms.and_then(|ms| Millis::try_from(ms).ok());
        // Without Codika's own measure, only what was watched all the time says how long it took.
        if let Some(measured_ms) = measured_ms.or((!self.is_anew()).then_some(seen_ms)) {
            engine.took(&self.environment, &self.workflow, Took { measured_ms, running_ms: self.running_ms, seen_ms });
        }
        let end = self.finished(reply, engine.now());
        self.store(engine, end).await
    }

    /// After a lease was over, others may have claimed the run; none while the database does not say so.
    async fn is_ours(&mut self, engine: &Engine) -> Option<bool> {
        let local_lease = engine.inner.local_lease.number();
        if self.seen_in == local_lease {
            return Some(true);
        }
        match engine.inner.store.run(&self.id).await {
            Ok(Some(row)) if row.lease == self.lease && row.summary.status == RunStatus::Pending => {
                self.seen_in = local_lease;
                Some(true)
            }
            Ok(_) => Some(false),
            Err(error) => {
                tracing::error!(run = %self.id, error = &error as &dyn std::error::Error, "a run could not be read");
                None
            }
        }
    }

    /// What an unanswered question means: a pause, or the reason why asking makes no sense any more.
    /// It never means that the run failed.
    fn missed(&mut self, engine: &Engine, env: &Env, error: &CallError) -> Result<Duration, Box<RunError>> {
        tracing::debug!(run = %self.id, %error, "status was not available");
        let usual = self.pause(engine);
        let mut pause = self.missed_once(usual);
        let mut registering = false;
        if !matches!(error.kind, CallErrorKind::KeyRejected | CallErrorKind::Forbidden) {
            self.refusal = None;
        }
        match error.kind {
            CallErrorKind::KeyRejected | CallErrorKind::Forbidden if error.from_api => {
                self.refusals += 1;
                if self.refusals >= REFUSALS {
                    env.key.refused(error.kind);
                    // The run goes on, and its answer comes with the next key: until then it waits.
                    self.refusal = Some(Box::new(explain::watch_refused(error)));
                }
            }
            CallErrorKind::KeyMissing => return Err(Box::new(explain::watch_without_key(error))),
            CallErrorKind::NotFound if error.from_api => {
                // The first question may come late, when the run seems to be old.
                if self.asked_for() >= REGISTERING && self.misses > 1 {
                    return Err(Box::new(explain::unknown_execution(error)));
                }
                registering = true;
            }
            CallErrorKind::TooLarge => return Err(Box::new(explain::result_too_large(error))),
            CallErrorKind::RateLimited { retry_after: Some(wait) } => pause = pause.max(wait),
            _ => {}
        }
        let again_at = engine.now().saturating_add(Millis::try_from(pause.as_millis()).unwrap_or(0));
        let note = match error.kind {
            _ if registering => WatchNote::Registering,
            _ if self.refusal.is_some() => WatchNote::KeyRefused,
            CallErrorKind::RateLimited { .. } => WatchNote::Limited { again_at },
            _ => WatchNote::Unavailable { again_at },
        };
        engine.inner.notes.put(&self.id, Some(note));
        Ok(pause)
    }

    /// Shows a status word that Codika has not documented, once while it stays the same.
    async fn note(&mut self, engine: &Engine, word: &str) {
        let word: String = word.chars().filter(|c| !c.is_control()).take(WORD).collect();
        if word.is_empty() {
            return;
        }
        engine.inner.notes.put(&self.id, Some(WatchNote::Word { word: word.clone() }));
        if self.word.as_ref() == Some(&word) {
            return;
        }
        let text = format!("Codika reports the status “{word}”.");
        let mut step =
            self.transition(RunStatus::Pending, engine.now(), Set::default(), Event { kind: EventKind::Status, text });
        step.audit = None;
        match engine.apply(step).await {
            Ok(_) => self.word = Some(word),
            Err(error) => {
                tracing::error!(run = %self.id, error = &error as &dyn std::error::Error, "a status was not stored");
            }
        }
    }

    fn finished(&self, reply: StatusReply, now: Millis) -> Transition {
        let success = reply.state == ExecutionState::Success;
        let error = (!success).then(|| explain::workflow_failed(reply.error_details.as_ref()));
        let seen = || Millis::try_from(self.age().as_millis()).unwrap_or(Millis::MAX);
        self.transition(
            if success { RunStatus::Success } else { RunStatus::Failed },
            now,
            Set {
                finished_at: Some(now.max(self.accepted_at)),
                duration_ms: Some(reply.duration_ms.map_or_else(seen, |ms| ms.try_into().unwrap_or(i64::MAX))),
                error: Some(error),
                result: reply.result.map(|bytes| bytes.to_vec()),
                ..Set::default()
            },
            if success {
                Event { kind: EventKind::Succeeded, text: "Codika answered: the run succeeded.".to_owned() }
            } else {
                Event { kind: EventKind::Failed, text: "Codika answered: the run failed.".to_owned() }
            },
        )
    }

    async fn stall(&mut self, engine: &Engine, reason: RunError) -> Option<Duration> {
        let text = reason.message.clone();
        let set = Set { error: Some(Some(reason)), ..Set::default() };
        let step = self.transition(RunStatus::Stalled, engine.now(), set, Event { kind: EventKind::Stalled, text });
        self.store(engine, step).await
    }

    fn transition(&self, to: RunStatus, at: Millis, set: Set, event: Event) -> Transition {
        Transition {
            run: self.id.clone(),
            epoch: self.epoch,
            from: &[RunStatus::Pending],
            to,
            hold: Hold::Only(self.lease.clone()),
            at,
            set,
            attempt: None,
            event,
            audit: Some(AuditEntry {
                at,
                actor: None,
                action: AuditAction::RunWatched,
                subject: format!("run:{}", self.id),
                detail: to.as_str().to_owned(),
            }),
        }
    }

    /// Commits the end of watching; while the database is away it is asked and tried again later.
    async fn store(&mut self, engine: &Engine, transition: Transition) -> Option<Duration> {
        match engine.apply(transition).await {
            Ok(Applied::Yes(_)) => None,
            Ok(Applied::Stale | Applied::ExecutionTaken) => {
                tracing::debug!(run = %self.id, "an answer came after the run had moved on");
                None
            }
            Err(error) => {
                tracing::error!(run = %self.id, error = &error as &dyn std::error::Error, "an answer was not stored");
                Some(self.missed_once(Duration::ZERO))
            }
        }
    }
}

/// What an answer says about Codika itself.
fn health(answer: &Result<StatusReply, CallError>) -> Health {
    let Err(error) = answer else { return Health::Answers };
    match error.kind {
        CallErrorKind::RateLimited { retry_after } => retry_after.map_or(Health::Answers, Health::Limited),
        // The page of a proxy is no answer of Codika's.
        CallErrorKind::KeyRejected | CallErrorKind::Forbidden | CallErrorKind::NotFound if !error.from_api => {
            Health::Silent
        }
        kind if kind.is_transient() => Health::Silent,
        _ => Health::Answers,
    }
}
