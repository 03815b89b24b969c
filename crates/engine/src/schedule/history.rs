//! What the past says about the next run.

/// How long one finished run took.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Took {
    /// As Codika measured it, in milliseconds.
    pub measured_ms: i64,
    /// From acceptance until it was last seen running, in milliseconds; 0 when that is not known.
    pub running_ms: i64,
    /// From acceptance until the answer was seen, in milliseconds.
    pub seen_ms: i64,
}

impl Took {
    fn is_usable(&self) -> bool {
        (0..LONGEST).contains(&self.measured_ms) && self.seen_ms > 0 && self.running_ms < LONGEST
    }
}

/// Milliseconds that nothing that is asked about takes.
const LONGEST: i64 = 86_400_000;
/// Age, in runs, at which a run counts half.
const HALF_LIFE: f64 = 100.0;
/// Newest runs that are looked at.
pub const WINDOW: usize = 200;
/// Newest runs in which a steady change is looked for.
const TREND: usize = 32;
/// How much, in logarithms, a steady change must come to over that many runs.
const NOTICEABLE: f64 = 0.15;
/// Newest runs of which a sudden change must at least consist.
const FEWEST: usize = 5;
/// How much later than by Codika's measure an end is expected to show, in milliseconds.
const USUAL_OFFSET: i64 = 50;
/// Bounds of it that are no further apart, in milliseconds, tell it: it is taken to be in their middle.
const CLOSE: i64 = 150;
/// How surely, in squared standard errors, a change is one.
const SURE: f64 = 18.0;

pub struct Past {
    /// Weights, and seconds from acceptance to the end.
    pub samples: Vec<(f64, f64)>,
    /// The workflow becomes slower or faster from run to run.
    pub moving: bool,
}

/// The runs since the last change of behaviour, as if they were of today.
pub fn past(newest_first: &[Took]) -> Past {
    let usable: Vec<Took> = newest_first.iter().copied().filter(Took::is_usable).take(WINDOW).collect();
    let offset = offset(&usable);
    let seconds: Vec<f64> = usable
        .iter()
        .map(|took| (took.measured_ms + offset).clamp(20, took.seen_ms.clamp(20, LONGEST)) as f64 / 1_000.0)
        .collect();
    let logs: Vec<f64> = seconds.iter().map(|seconds| seconds.ln()).collect();
    let weigh = |age: usize, log: f64| (0.5f64.powf(age as f64 / HALF_LIFE), log.exp());
    let trend = &logs[..logs.len().min(TREND)];
    let (sudden, steady) = (step(&logs), slope(trend));
    if steady.gain > SURE && steady.by.abs() * TREND as f64 > NOTICEABLE && steady.gain >= step(trend).gain {
        let now = |(age, log): (usize, &f64)| weigh(age, log + steady.by * (age as f64 + 1.0));
        return Past { samples: trend.iter().enumerate().map(now).collect(), moving: true };
    }
    let kept = if sudden.gain > SURE { sudden.newer } else { logs.len() };
    Past { samples: logs[..kept].iter().enumerate().map(|(age, log)| weigh(age, *log)).collect(), moving: false }
}

/// Codika's clock starts and stops a little apart from what can be seen from here. Each run bounds the difference: it
/// still ran when it was last seen running, and had ended when the answer was seen. Without a reason it is taken to be
/// small: seen late says only that it was asked late.
fn offset(tooks: &[Took]) -> i64 {
    let quantile = |mut differences: Vec<i64>, percent: usize| {
        differences.sort_unstable();
        differences.get(differences.len().saturating_sub(1) * percent / 100).copied()
    };
    let most = quantile(tooks.iter().map(|took| took.seen_ms - took.measured_ms).collect(), 5);
    let known = tooks.iter().filter(|took| took.running_ms > 0);
    let least = quantile(known.map(|took| took.running_ms - took.measured_ms).collect(), 95);
    let usual = most.unwrap_or(0).min(USUAL_OFFSET);
    match (least, most) {
        (Some(least), Some(most)) if (0..CLOSE).contains(&(most - least)) => (least + most) / 2,
        (Some(least), _) => usual.max(least),
        _ => usual,
    }
}

struct Step {
    gain: f64,
    newer: usize,
}

/// The best division into newer and older runs.
fn step(logs: &[f64]) -> Step {
    let n = logs.len();
    let total: f64 = logs.iter().sum();
    let all = spread(logs);
    let mut best = Step { gain: 0.0, newer: n };
    let mut sum = 0.0;
    for newer in 1..n.saturating_sub(FEWEST) {
        sum += logs[newer - 1];
        if newer >= FEWEST {
            let (a, b) = (newer as f64, (n - newer) as f64);
            let between = (sum / a - (total - sum) / b).powi(2) * a * b / (a + b);
            let gain = gain(all, between, n);
            if gain > best.gain {
                best = Step { gain, newer };
            }
        }
    }
    best
}

struct Slope {
    gain: f64,
    /// How much the logarithm grows from one run to the next.
    by: f64,
}

/// The straight line through the newest runs.
fn slope(logs: &[f64]) -> Slope {
    let n = logs.len() as f64;
    let (middle, mean) = ((n - 1.0) / 2.0, logs.iter().sum::<f64>() / n);
    let along: f64 = (0..logs.len()).map(|age| (age as f64 - middle).powi(2)).sum();
    let both: f64 = logs.iter().enumerate().map(|(age, log)| (age as f64 - middle) * (log - mean)).sum();
    if logs.len() < 2 * FEWEST {
        return Slope { gain: 0.0, by: 0.0 };
    }
    Slope { gain: gain(spread(logs), both * both / along, logs.len()), by: -both / along }
}

/// The sum of squares around the mean.
fn spread(logs: &[f64]) -> f64 {
    let mean = logs.iter().sum::<f64>() / logs.len() as f64;
    logs.iter().map(|log| (log - mean).powi(2)).sum()
}

/// What is explained, in units of what stays unexplained: an F statistic. A measure has an error of its own.
fn gain(all: f64, explained: f64, n: usize) -> f64 {
    let free = n.saturating_sub(2).max(1) as f64;
    explained / ((all - explained).max(0.0) / free + 1e-4)
}
