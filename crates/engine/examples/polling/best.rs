//! The best schedule that can be found with the distribution known.

use engine::schedule::{Aim, Density, Reached, optimum};

use crate::simulation::Workload;

/// Questions after this time, in seconds, are not optimised any more.
const END: f64 = 1_000.0;

/// The smallest median lag within the budget of asking at 0 s, 3 s, 6 s, …, with a p95 as there; none where the
/// distribution changes from run to run.
pub fn schedule(workload: Workload) -> Option<Vec<f64>> {
    workload.cdf(1.0)?;
    let exact = |at: f64| workload.cdf(at).unwrap_or(1.0);
    let quantile = |share: f64| bisect(0.01, END, |at| exact(at) >= share);
    let (low, high) = (quantile(0.0005), quantile(0.9995));
    let density = Density::new(low, high, 8_000, exact);
    let fixed = Aim::beside_fixed(&density);
    let aims = [0.15, 0.3, 1.0].map(|impatience| Aim { impatience, ..fixed });
    let found = aims.map(|aim| {
        let times = optimum(&density, &aim);
        (Reached::of(&density, &aim, &times), times)
    });
    let fitting =
        found.into_iter().filter(|(reached, _)| reached.polls <= fixed.polls && reached.bounded >= fixed.most);
    fitting.min_by(|a, b| a.0.lag.total_cmp(&b.0.lag)).map(|(_, times)| times)
}

/// The smallest value in `low..high` for which `holds`, which is false below it and true above.
fn bisect(mut low: f64, mut high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    for _ in 0..50 {
        let middle = (low + high) / 2.0;
        if holds(middle) { high = middle } else { low = middle }
    }
    high
}
