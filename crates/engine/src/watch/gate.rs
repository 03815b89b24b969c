//! What an environment's key may be asked: how many questions at once, how many a second, when at all.

mod breaker;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{Millis, Outage};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::Limits;

use breaker::Breaker;

/// Questions that may come at once although the rate would spread them.
const BURST: Duration = Duration::from_secs(1);

pub struct Gate {
    permits: Arc<Semaphore>,
    /// The time between two questions of one lane.
    interval: Duration,
    state: Mutex<State>,
}

struct State {
    /// When the next question of each lane is free: one for young runs alone, one for all. So a crowd of old runs
    /// never delays a run that somebody waits for.
    free: [Instant; 2],
    /// What Codika's `Retry-After` asked for.
    hold: Option<(Instant, Millis)>,
    breaker: Breaker,
}

/// Who wants to ask.
pub struct Caller<'a> {
    pub young: bool,
    /// A turn that was promised to it.
    pub turn: &'a mut Option<Instant>,
    /// In 0..1, spreads those who are told to come later.
    pub jitter: f64,
}

pub enum Admission {
    /// Ask now, and tell the gate how it went.
    Go(Pass),
    Later(Duration),
}

/// The right to ask one question.
pub struct Pass {
    gate: Arc<Gate>,
    probe: bool,
    _permit: OwnedSemaphorePermit,
}

/// What an answer says about Codika, whatever it says about the run.
pub enum Health {
    Answers,
    /// Codika asked for a pause.
    Limited(Duration),
    Silent,
}

impl Gate {
    pub fn new(limits: &Limits) -> Arc<Self> {
        let rate = limits.polls_per_second.max(1);
        let state = State { free: [Instant::now(); 2], hold: None, breaker: Breaker::default() };
        Arc::new(Self {
            permits: Arc::new(Semaphore::new(limits.polls.max(1))),
            interval: Duration::from_secs(2) / rate,
            state: Mutex::new(state),
        })
    }

    /// None while the engine stops.
    pub async fn admit(self: &Arc<Self>, caller: Caller<'_>) -> Option<Admission> {
        let probe = match self.state().decide(self.interval, caller) {
            Ok(probe) => probe,
            Err(later) => return Some(Admission::Later(later)),
        };
        // Made before the wait for a permit: dropped there, it gives the probe back.
        let open = Probe { gate: self, held: probe };
        let permit = self.permits.clone().acquire_owned().await.ok()?;
        Some(Admission::Go(Pass { gate: self.clone(), probe: open.keep(), _permit: permit }))
    }

    /// Since when Codika does not answer, and when it is asked again.
    pub fn outage(&self) -> Option<Outage> {
        self.state().breaker.outage()
    }

    /// Until when Codika asked to be left alone.
    pub fn hold(&self) -> Option<Millis> {
        self.state().hold.filter(|(until, _)| *until > Instant::now()).map(|(_, at)| at)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether the question is a probe, or how long to wait.
    fn decide(&mut self, interval: Duration, caller: Caller<'_>) -> Result<bool, Duration> {
        let now = Instant::now();
        if let Some((until, _)) = self.hold.filter(|(until, _)| *until > now) {
            return Err(until - now + Duration::from_secs_f64(caller.jitter));
        }
        let turn = caller.turn.take();
        if turn.is_none_or(|turn| turn > now) && !self.breaker.is_open() {
            // Young runs take whichever is free sooner.
            let lane = &mut self.free[usize::from(!caller.young || self.free[1] < self.free[0])];
            let free = (*lane).max(now);
            *lane = free + interval;
            if let Some(wait) = free.checked_duration_since(now + BURST).filter(|wait| !wait.is_zero()) {
                *caller.turn = Some(now + wait);
                return Err(wait);
            }
        }
        self.breaker.admit(now, caller.jitter)
    }
}

impl Pass {
    /// The pass is kept until the answer is worked off: results wait in memory until they are stored.
    pub fn report(&mut self, health: &Health, now: Millis, jitter: f64) {
        let mut state = self.gate.state();
        let at = Instant::now();
        if let Health::Limited(wait) = health {
            let until = at + *wait;
            if state.hold.is_none_or(|(before, _)| before < until) {
                state.hold = Some((until, now.saturating_add(wait.as_millis() as Millis)));
                tracing::warn!(seconds = wait.as_secs(), "Codika limits the rate; nothing is asked meanwhile");
            }
        }
        match health {
            Health::Answers | Health::Limited(_) => state.breaker.answered(at),
            Health::Silent => state.breaker.silent(self.probe, at, now, jitter),
        }
        drop(state);
        self.probe = false;
    }
}

impl Drop for Pass {
    /// A question that ended without a word was no probe.
    fn drop(&mut self) {
        if self.probe {
            self.gate.state().breaker.give_back();
        }
    }
}

struct Probe<'a> {
    gate: &'a Gate,
    held: bool,
}

impl Probe<'_> {
    fn keep(mut self) -> bool {
        std::mem::take(&mut self.held)
    }
}

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        if self.held {
            self.gate.state().breaker.give_back();
        }
    }
}
