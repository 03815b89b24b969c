//! When to ask for the end of a run, learned from how long earlier runs of its workflow took.
//!
//! Pure: durations in, times out. The budget is that of the vendor's command line, which asks at 0 s, 3 s, 6 s, …:
//! a learned schedule expects to ask no more often than that, and asks where answers are likely.

mod density;
mod history;
mod optimum;

use std::time::Duration;

pub use density::Density;
pub use history::{Took, WINDOW};
pub use optimum::{Aim, Reached, optimum};

/// The pause of the schedule whose budget is kept, in seconds.
pub const BUDGET_PAUSE: f64 = 3.0;
/// Finished runs without which nothing is learned.
const ENOUGH: usize = 5;
/// How far, in logarithms, a workflow that is becoming slower or faster may be from where it is expected.
const UNSURE: f64 = 0.15;
/// From this age on, in seconds, a run is asked about less often than every [`BUDGET_PAUSE`].
const OLD: f64 = 300.0;
const LONGEST_PAUSE: f64 = 10.0;
/// The first question while nothing is learned, in place of the one at 0 s.
const FIRST: f64 = 1.0;
/// Times so close, in seconds, count as one.
const SAME: f64 = 0.005;
/// How many times as often as every [`BUDGET_PAUSE`] a run may be asked about that does not end.
const OFTEN: f64 = 2.0;
/// How far a question may be delayed: this share of the pause before it, and at most so many seconds.
const JITTER: f64 = 0.05;
const LONGEST_JITTER: f64 = 0.1;

/// The times, counted from acceptance, at which a run is asked about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// Learned times in seconds, ascending; empty while too little is known. After the last one it goes on unlearned.
    learned: Vec<f64>,
}

impl Schedule {
    /// From the finished runs of one workflow, newest first. With fewer than five of them nothing is learned.
    pub fn learn(newest_first: &[Took]) -> Self {
        let past = history::past(newest_first);
        if past.samples.len() < ENOUGH {
            return Self::default();
        }
        let density = Density::around(&past.samples, if past.moving { UNSURE } else { 0.0 });
        let fixed = Aim::beside_fixed(&density);
        // A little within budget and bound: what was learned is never quite what comes.
        let aim = Aim {
            polls: 0.98 * fixed.polls,
            often: OFTEN,
            most: if past.moving { 0.98 } else { 0.97 },
            bound: 0.98 * fixed.bound,
            ..fixed
        };
        Self { learned: early(bounded(&aim, optimum(&density, &aim))) }
    }

    pub fn is_learned(&self) -> bool {
        !self.learned.is_empty()
    }

    /// The first time to ask that is later than `age`.
    ///
    /// `jitter` in 0..1 delays it a little, so that runs which were started together are not asked about together.
    pub fn next(&self, age: Duration, jitter: f64) -> Duration {
        let age = age.as_secs_f64();
        let at = self.learned.partition_point(|at| *at <= age + SAME);
        let target = self.learned.get(at).copied().unwrap_or_else(|| unlearned(age));
        Duration::from_secs_f64(target + jitter * longest_delay(target - age))
    }
}

/// Whatever was learned: no more questions than `aim` allows a run that takes longer than all before it.
fn bounded(aim: &Aim, times: Vec<f64>) -> Vec<f64> {
    let mut kept = Vec::with_capacity(times.len());
    for at in times {
        if aim.allows(kept.len(), at) {
            kept.push(at);
        }
    }
    kept
}

/// Each time earlier by half of what it may be delayed, so that on average it is asked when it should be.
fn early(times: Vec<f64>) -> Vec<f64> {
    let before = std::iter::once(0.0).chain(times.iter().copied());
    times.iter().zip(before).map(|(at, before)| at - longest_delay(at - before) / 2.0).collect()
}

/// How far a question after such a pause may be delayed.
fn longest_delay(pause: f64) -> f64 {
    (JITTER * pause).min(LONGEST_JITTER)
}

/// At 1 s, 3 s, 6 s, 9 s, …, and less often from five minutes on.
fn unlearned(age: f64) -> f64 {
    if age + SAME < FIRST {
        FIRST
    } else if age < OLD {
        (((age + SAME) / BUDGET_PAUSE).floor() + 1.0) * BUDGET_PAUSE
    } else {
        age + (age / 100.0).clamp(BUDGET_PAUSE, LONGEST_PAUSE)
    }
}
