//! Runs of made-up workflows, asked about by one schedule or another.

use std::time::Duration;

use engine::schedule::{Schedule, Took, WINDOW};

/// SplitMix64: small, and the same everywhere.
pub struct Random(pub u64);

impl Random {
    /// Uniform in 0..1.
    pub fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Standard normal (Box and Muller).
    fn normal(&mut self) -> f64 {
        let (a, b) = (1.0 - self.unit(), self.unit());
        (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }
}

/// How long the runs of a workflow take, in seconds.
#[derive(Clone, Copy, Debug)]
pub enum Workload {
    LogNormal {
        median: f64,
        sigma: f64,
    },
    /// So many of a hundred runs take `short`, the others `long`; both with a spread of 10 %.
    Bimodal {
        percent: f64,
        short: f64,
        long: f64,
    },
    /// Pareto: at least `least`, and of those above any time a share of 2^-`shape` above its double.
    Heavy {
        least: f64,
        shape: f64,
    },
    /// Log-normal with σ 0.1 whose median grows by one percent a run for a hundred runs, then shrinks again.
    Drifting {
        median: f64,
    },
    /// Log-normal with σ 0.1 whose median jumps between `a` and `b` every 200 runs.
    Jumping {
        a: f64,
        b: f64,
    },
}

impl Workload {
    pub fn draw(self, run: usize, random: &mut Random) -> f64 {
        let log_normal = |median: f64, sigma: f64, random: &mut Random| median * (sigma * random.normal()).exp();
        match self {
            Self::LogNormal { median, sigma } => log_normal(median, sigma, random),
            Self::Bimodal { percent, short, long } => {
                let median = if random.unit() * 100.0 < percent { short } else { long };
                log_normal(median, 0.1, random)
            }
            Self::Heavy { least, shape } => (least * (1.0 - random.unit()).powf(-1.0 / shape)).min(1_000.0),
            Self::Drifting { median } => {
                let step = run % 200;
                log_normal(median * 1.01f64.powi(step.min(200 - step) as i32), 0.1, random)
            }
            Self::Jumping { a, b } => log_normal(if (run / 200).is_multiple_of(2) { a } else { b }, 0.1, random),
        }
    }

    /// The probability of an end until `at`, where it is the same for every run.
    pub fn cdf(self, at: f64) -> Option<f64> {
        let log_normal = |median: f64, sigma: f64| normal((at / median).ln() / sigma);
        match self {
            _ if at <= 0.0 => Some(0.0),
            Self::LogNormal { median, sigma } => Some(log_normal(median, sigma)),
            Self::Bimodal { percent, short, long } => {
                let share = percent / 100.0;
                Some(share * log_normal(short, 0.1) + (1.0 - share) * log_normal(long, 0.1))
            }
            Self::Heavy { least, shape } if at < 1_000.0 => Some((1.0 - (least / at).powf(shape)).max(0.0)),
            Self::Heavy { .. } => Some(1.0),
            Self::Drifting { .. } | Self::Jumping { .. } => None,
        }
    }
}

/// The standard normal distribution by Simpson's rule: slow, and independent of what it checks.
fn normal(z: f64) -> f64 {
    let (steps, end) = (200, z.abs().min(8.0));
    let width = end / f64::from(steps);
    let density = |x: f64| (-x * x / 2.0).exp();
    let inner: f64 =
        (1..steps).map(|step| density(f64::from(step) * width) * if step % 2 == 1 { 4.0 } else { 2.0 }).sum();
    let area = (density(0.0) + inner + density(end)) * width / 3.0 / std::f64::consts::TAU.sqrt();
    if z < 0.0 { 0.5 - area } else { 0.5 + area }
}

/// Who decides when to ask.
pub enum Asker {
    /// At the start and then every so many seconds, as the vendor's command line does.
    Every(f64),
    /// At these seconds, then every three.
    At(Vec<f64>),
    /// Learns again after so many runs.
    Learning(usize),
}

/// What a series of runs came to; lags in seconds, ascending.
pub struct Outcome {
    pub lags: Vec<f64>,
    pub polls: usize,
}

impl Outcome {
    pub fn lag(&self, percent: usize) -> f64 {
        self.lags[(self.lags.len() - 1) * percent / 100]
    }

    pub fn polls_per_run(&self) -> f64 {
        self.polls as f64 / self.lags.len() as f64
    }
}

/// How much later than the start of Codika's own measure the end can be seen, in seconds.
const OFFSET: f64 = 0.12;

/// Runs one after the other; only those from `skip` on count.
pub fn simulate(workload: Workload, asker: &Asker, runs: usize, skip: usize, seed: u64) -> Outcome {
    let (mut random, mut jitter) = (Random(seed), Random(!seed));
    let mut history: Vec<Took> = Vec::new();
    let mut schedule = Schedule::default();
    let mut outcome = Outcome { lags: Vec::new(), polls: 0 };
    for run in 0..runs {
        let end = workload.draw(run, &mut random);
        let (mut at, mut running, mut polls) = (0.0, 0.0, 0);
        loop {
            at = match asker {
                Asker::Every(_) if polls == 0 => 0.0,
                Asker::Every(pause) => at + pause,
                Asker::At(times) => times.get(polls).copied().unwrap_or(at + 3.0),
                Asker::Learning(_) => schedule.next(Duration::from_secs_f64(at), jitter.unit()).as_secs_f64(),
            };
            polls += 1;
            if at >= end {
                break;
            }
            running = at;
        }
        if run >= skip {
            outcome.lags.push(at - end);
            outcome.polls += polls;
        }
        let ms = |seconds: f64| (seconds * 1_000.0) as i64;
        let measured_ms = ms((end - OFFSET).max(0.0));
        history.insert(0, Took { measured_ms, running_ms: ms(running), seen_ms: ms(at) });
        history.truncate(WINDOW);
        if matches!(asker, Asker::Learning(every) if run % every == 0) {
            schedule = Schedule::learn(&history);
        }
    }
    outcome.lags.sort_by(f64::total_cmp);
    outcome
}
