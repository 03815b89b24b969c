//! How likely a run ends when: a smooth distribution over a grid of times.

use super::BUDGET_PAUSE;

/// How far, in widths, one earlier run speaks for times around its own.
const REACH: f64 = 2.6;
/// How many times as long as nine tenths of the runs is too far away to be learned.
const FAR: f64 = 3.0;
/// Share of the past that is not taken at its word: anything may take another time.
const DOUBT: f64 = 0.02;

/// A distribution of durations. All times are in seconds.
pub struct Density {
    /// The grid: 0, then times that grow by one factor.
    pub(super) times: Vec<f64>,
    /// The probability of an end until each of these times.
    pub(super) below: Vec<f64>,
    /// The mean of the ends until each of these times, times their probability.
    pub(super) moment: Vec<f64>,
}

impl Density {
    /// From `cdf`, the probability of an end until a time; nearly all of it must lie between `low` and `high`.
    pub fn new(low: f64, high: f64, cells: usize, cdf: impl Fn(f64) -> f64) -> Self {
        let factor = (high / low).powf(1.0 / cells as f64);
        let mut times = vec![0.0];
        times.extend((0..=cells).map(|cell| low * factor.powi(cell as i32)));
        let last = times.len() - 1;
        let mut below: Vec<f64> = times.iter().map(|at| cdf(*at).clamp(0.0, 1.0)).collect();
        (below[0], below[last]) = (0.0, 1.0);
        let mut moment = vec![0.0];
        for cell in 1..=last {
            let middle = (times[cell] + times[cell - 1]) / 2.0;
            moment.push(moment[cell - 1] + (below[cell] - below[cell - 1]) * middle);
        }
        Self { times, below, moment }
    }

    /// Smoothed over weighted durations. Each speaks for its surroundings, the wider the fewer others are near.
    pub(super) fn around(samples: &[(f64, f64)], least_width: f64) -> Self {
        let mut sorted: Vec<(f64, f64)> = samples.iter().map(|(weight, seconds)| (*weight, seconds.ln())).collect();
        sorted.sort_by(|a, b| a.1.total_cmp(&b.1));
        let near = (sorted.len() / 5).max(2);
        let widths: Vec<f64> = (0..sorted.len()).map(|index| width(&sorted, index, near)).collect();
        let mut ranked = widths.clone();
        ranked.sort_by(f64::total_cmp);
        // Half way to the usual width: with its own, a run at the edge would speak for times that none took.
        let usual = ranked[ranked.len() / 2];
        let kernels: Vec<(f64, f64, f64)> = sorted
            .iter()
            .zip(widths)
            .map(|((weight, log), width)| (*weight, *log, (width * usual).sqrt().max(least_width)))
            .collect();
        let total: f64 = sorted.iter().map(|(weight, _)| weight).sum();
        let median = sorted[sorted.len() / 2].1;
        let edge = |side: f64| kernels.iter().map(move |(_, log, width)| log + side * REACH * width);
        let low = edge(-1.0).fold(f64::INFINITY, f64::min).exp().max(0.05);
        // Few and very long runs say little about each other: far beyond most runs nothing is learned.
        let far = FAR * sorted[sorted.len() * 9 / 10].1.exp();
        let high = edge(1.0).fold(f64::NEG_INFINITY, f64::max).exp().min(far).max(low * 2.0);
        // Fine enough for pauses of a few tenths of a second.
        let cells = ((high / low).ln() * median.exp() / 0.03).clamp(500.0, 8_000.0);
        Self::new(low, high, cells as usize, |at| {
            let log = at.max(1e-3).ln();
            let told: f64 = kernels.iter().map(|(weight, at, width)| weight * normal((log - at) / width)).sum();
            (1.0 - DOUBT) * told / total + DOUBT * normal((log - median) / 1.2)
        })
    }

    /// How many questions the schedule 0 s, 3 s, 6 s, … is expected to take.
    pub fn budget(&self) -> f64 {
        let later =
            (0..=(self.end() / BUDGET_PAUSE) as u32).map(|slot| 1.0 - self.until(f64::from(slot) * BUDGET_PAUSE));
        1.0 + later.sum::<f64>()
    }

    /// The time until which all ends.
    pub(super) fn end(&self) -> f64 {
        self.times[self.times.len() - 1]
    }

    /// The probability of an end until `at`, which need not be on the grid.
    pub fn until(&self, at: f64) -> f64 {
        let after = self.times.partition_point(|time| *time <= at);
        if after >= self.times.len() {
            return 1.0;
        }
        let (from, to) = (self.times[after - 1], self.times[after]);
        let share = (at - from) / (to - from);
        self.below[after - 1] + share * (self.below[after] - self.below[after - 1])
    }
}

/// The distance, in logarithms, within which one duration has `near` others.
fn width(sorted: &[(f64, f64)], index: usize, near: usize) -> f64 {
    let log = |at: usize| sorted[at].1;
    let first = index.saturating_sub(near);
    let last = (index + near).min(sorted.len() - 1);
    let distance = (first..=last - near).map(|from| (log(index) - log(from)).max(log(from + near) - log(index)));
    distance.fold(f64::INFINITY, f64::min).clamp(0.015, 1.0)
}

/// The standard normal distribution, to seven digits (Abramowitz and Stegun 7.1.26).
fn normal(z: f64) -> f64 {
    let t = 1.0 / (1.0 + 0.327_591_1 * (z.abs() / std::f64::consts::SQRT_2));
    let series = ((((1.061_405_429 * t - 1.453_152_027) * t) + 1.421_413_741) * t - 0.284_496_736) * t + 0.254_829_592;
    let tail = 0.5 * series * t * (-z * z / 2.0).exp();
    if z < 0.0 { tail } else { 1.0 - tail }
}
