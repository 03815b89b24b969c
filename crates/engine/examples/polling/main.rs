//! How late answers are seen, and after how many questions: the learning schedule beside fixed ones and the best one
//! that can be found with the distribution known.
//!
//! `cargo run --release --locked -p engine --example polling [RUNS] [SEED] [NAME]` prints the table of `docs/performance.md`.

mod best;
mod simulation;
#[cfg(test)]
mod tests;

use std::io::Write as _;

use simulation::{Asker, Outcome, Workload, simulate};

const WORKLOADS: [(&str, Workload); 14] = [
    ("log-normal, 2.4 s, σ 0.1", Workload::LogNormal { median: 2.4, sigma: 0.1 }),
    ("log-normal, 12 s, σ 0.1", Workload::LogNormal { median: 12.0, sigma: 0.1 }),
    ("log-normal, 12 s, σ 0.3", Workload::LogNormal { median: 12.0, sigma: 0.3 }),
    ("log-normal, 12 s, σ 0.6", Workload::LogNormal { median: 12.0, sigma: 0.6 }),
    ("log-normal, 12 s, σ 1.0", Workload::LogNormal { median: 12.0, sigma: 1.0 }),
    ("log-normal, 120 s, σ 0.1", Workload::LogNormal { median: 120.0, sigma: 0.1 }),
    ("log-normal, 600 s, σ 0.1", Workload::LogNormal { median: 600.0, sigma: 0.1 }),
    ("bimodal, half 4 s, half 40 s", Workload::Bimodal { percent: 50.0, short: 4.0, long: 40.0 }),
    ("bimodal, 90 % 3 s, 10 % 30 s", Workload::Bimodal { percent: 90.0, short: 3.0, long: 30.0 }),
    ("Pareto, from 2 s, shape 1.2", Workload::Heavy { least: 2.0, shape: 1.2 }),
    ("Pareto, from 10 s, shape 1.5", Workload::Heavy { least: 10.0, shape: 1.5 }),
    ("drifting, 12 s to 32 s and back", Workload::Drifting { median: 12.0 }),
    ("jumping, 12 s and 24 s", Workload::Jumping { a: 12.0, b: 24.0 }),
    ("jumping, 5 s and 60 s", Workload::Jumping { a: 5.0, b: 60.0 }),
];

fn main() {
    let mut arguments = std::env::args().skip(1);
    let mut number = |usual| arguments.next().map_or(usual, |text| text.parse::<u64>().expect("a whole number"));
    let (runs, seed) = (number(2_000) as usize, number(1));
    let wanted = arguments.next().unwrap_or_default();
    say("| Durations | every 3 s | every 1.5 s | learned | best known | first 100 runs |\n|---|---|---|---|---|---|");
    for (name, workload) in WORKLOADS.into_iter().filter(|(name, _)| name.contains(&wanted)) {
        let of = |asker: &Asker, from: usize, to: usize| cell(&simulate(workload, asker, to, from, seed));
        let best = best::schedule(workload).map_or_else(String::new, |times| of(&Asker::At(times), 100, runs));
        say(&format!(
            "| {name} | {} | {} | {} | {best} | {} |",
            of(&Asker::Every(3.0), 100, runs),
            of(&Asker::Every(1.5), 100, runs),
            of(&Asker::Learning(1), 100, runs),
            of(&Asker::Learning(1), 0, 100),
        ));
    }
}

fn say(line: &str) {
    writeln!(std::io::stdout(), "{line}").expect("somebody reads");
}

/// Lag p50 and p95 in seconds, and questions a run.
fn cell(outcome: &Outcome) -> String {
    format!("{:.2} · {:.2} s · {:.1}", outcome.lag(50), outcome.lag(95), outcome.polls_per_run())
}
