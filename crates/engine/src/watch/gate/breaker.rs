//! Stops asking a Codika that does not answer, but for one probe at a time.

use std::time::Duration;

use model::{Millis, Outage};
use tokio::time::Instant;

/// Failures in a row, of whichever runs, after which it opens.
const FAILURES: u32 = 5;
const FIRST_PAUSE: f64 = 5.0;
const LONGEST_PAUSE: f64 = 60.0;
/// How long those wait who come while a probe is under way, and over how many seconds the others spread behind it.
const SPREAD: f64 = 2.0;

#[derive(Default)]
pub struct Breaker {
    failures: u32,
    open: Option<Open>,
}

struct Open {
    since: Instant,
    told: Outage,
    next: Instant,
    probes: u32,
    probing: bool,
}

impl Breaker {
    pub fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub fn outage(&self) -> Option<Outage> {
        self.open.as_ref().map(|open| open.told.clone())
    }

    /// Whether the question is a probe, or how long to wait.
    pub fn admit(&mut self, now: Instant, jitter: f64) -> Result<bool, Duration> {
        let Some(open) = &mut self.open else { return Ok(false) };
        let spread = Duration::from_secs_f64(0.1 + SPREAD * jitter);
        if open.probing {
            Err(spread)
        } else if open.next > now {
            Err(open.next - now + spread.saturating_sub(Duration::from_secs_f64(0.1)))
        } else {
            open.probing = true;
            Ok(true)
        }
    }

    pub fn answered(&mut self, now: Instant) {
        self.failures = 0;
        if let Some(open) = self.open.take() {
            let seconds = (now - open.since).as_secs();
            tracing::info!(seconds, probes = open.probes, "Codika answers again");
        }
    }

    pub fn silent(&mut self, probe: bool, now: Instant, at: Millis, jitter: f64) {
        self.failures = self.failures.saturating_add(1);
        match &mut self.open {
            Some(open) if probe => {
                open.probes += 1;
                open.probing = false;
                let pause = pause(open.probes, jitter);
                (open.next, open.told.again_at) = (now + pause, at.saturating_add(pause.as_millis() as Millis));
            }
            // Asked before it opened.
            Some(_) => {}
            None if self.failures >= FAILURES => {
                let pause = pause(0, jitter);
                let told = Outage { since: at, again_at: at.saturating_add(pause.as_millis() as Millis) };
                tracing::warn!(failures = self.failures, "Codika does not answer; one question at a time from now on");
                self.open = Some(Open { since: now, told, next: now + pause, probes: 0, probing: false });
            }
            None => {}
        }
    }

    /// The probe did not take place.
    pub fn give_back(&mut self) {
        if let Some(open) = &mut self.open {
            open.probing = false;
        }
    }
}

fn pause(probes: u32, jitter: f64) -> Duration {
    let doubled = FIRST_PAUSE * 2f64.powi(i32::try_from(probes.min(16)).unwrap_or(16));
    Duration::from_secs_f64(doubled.min(LONGEST_PAUSE) * (1.0 + 0.1 * jitter))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn opened(now: Instant) -> Breaker {
        let mut breaker = Breaker::default();
        for _ in 0..FAILURES {
            assert!(!breaker.is_open());
            breaker.silent(false, now, 1_000, 0.0);
        }
        breaker
    }

    #[test]
    fn only_failures_in_a_row_open_it() {
        let now = Instant::now();
        let mut breaker = Breaker::default();
        for _ in 0..100 {
            (0..FAILURES - 1).for_each(|_| breaker.silent(false, now, 0, 0.0));
            breaker.answered(now);
        }
        assert!(!breaker.is_open());
        assert_eq!(opened(now).outage(), Some(Outage { since: 1_000, again_at: 6_000 }));
    }

    #[test]
    fn one_probe_at_a_time_and_less_and_less_often() {
        let mut now = Instant::now();
        let mut breaker = opened(now);
        assert!(breaker.admit(now, 0.0).is_err());
        let mut pauses = Vec::new();
        for _ in 0..6 {
            let wait = breaker.admit(now, 0.0).expect_err("not yet");
            pauses.push(wait.as_secs());
            now += wait;
            assert_eq!(breaker.admit(now, 0.0), Ok(true));
            assert!(breaker.admit(now, 0.0).is_err(), "one at a time");
            breaker.silent(true, now, 0, 0.0);
        }
        assert_eq!(pauses, [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn a_probe_that_did_not_take_place_is_free_again_and_an_answer_closes() {
        let now = Instant::now();
        let mut breaker = opened(now);
        let later = now + Duration::from_secs(5);
        assert_eq!(breaker.admit(later, 0.0), Ok(true));
        breaker.give_back();
        assert_eq!(breaker.admit(later, 0.0), Ok(true));
        breaker.answered(later);
        assert_eq!((breaker.is_open(), breaker.admit(later, 0.0)), (false, Ok(false)));
    }
}
