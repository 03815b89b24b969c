//! The last tenths: dynamic programming with multipliers leaves a part of the budget unused.

use super::{Aim, Density};

/// How far times are moved, as shares of the pause that keeps the budget.
const STEPS: [f64; 4] = [0.4, 0.15, 0.05, 0.02];
/// Times from the first on that are moved one by one.
const MOVED: usize = 24;
/// Of schedules with more times than this the part is small.
const SMALL: usize = 120;

/// What a schedule comes to.
pub struct Reached {
    /// Questions a run, on average.
    pub polls: f64,
    /// The quantile of the lag that was aimed at, in seconds.
    pub lag: f64,
    /// Share of runs within the bound.
    pub bounded: f64,
}

impl Reached {
    pub fn of(density: &Density, aim: &Aim, times: &[f64]) -> Self {
        let ends: Vec<(f64, f64)> = times.iter().map(|at| (*at, density.until(*at))).collect();
        let polls = 1.0 + ends.iter().map(|(_, until)| 1.0 - until).sum::<f64>();
        let (mut low, mut high) = (0.0, 4.0 * aim.bound);
        for _ in 0..14 {
            let lag = (low + high) / 2.0;
            if share(density, &ends, lag) >= aim.half { high = lag } else { low = lag }
        }
        Self { polls, lag: high, bounded: share(density, &ends, aim.bound) }
    }

    /// Smaller is better; a broken bound is worse than any lag.
    fn cost(&self, aim: &Aim) -> f64 {
        let over = 20.0 * (self.polls - aim.polls).max(0.0) + 100.0 * (aim.most - self.bounded).max(0.0);
        self.lag + over + 0.001 * self.polls
    }
}

/// The probability of a lag within `lag`.
fn share(density: &Density, ends: &[(f64, f64)], lag: f64) -> f64 {
    let (mut sum, mut before) = (0.0, (0.0, 0.0));
    for (at, until) in ends {
        sum += until - if at - lag > before.0 { density.until(at - lag) } else { before.1 };
        before = (*at, *until);
    }
    sum
}

/// Moves one time after the other, alone or with all behind it, as long as that helps.
pub fn polished(density: &Density, aim: &Aim, mut times: Vec<f64>) -> Vec<f64> {
    if times.len() > SMALL {
        return times;
    }
    let cost = |times: &[f64]| Reached::of(density, aim, times).cost(aim);
    let mut least = cost(&times);
    let mut tried = times.clone();
    for step in STEPS.into_iter().flat_map(|step| [step, step]) {
        for index in 0..times.len().min(MOVED) {
            for (by, end) in [(-step, index + 1), (step, index + 1), (-step, times.len()), (step, times.len())] {
                tried.clone_from(&times);
                tried[index..end].iter_mut().for_each(|at| *at = (*at + by).max(0.0));
                if tried.is_sorted() {
                    let now = cost(&tried);
                    if now < least {
                        least = now;
                        times.clone_from(&tried);
                    }
                }
            }
        }
    }
    times
}
