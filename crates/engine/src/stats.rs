//! How long a workflow usually takes.

use model::{Bar, RecentRun, RunStatus, Usual};

/// Runs that a workflow's figures rest on.
pub const WINDOW: u32 = 100;
/// Runs that a sparkline shows.
pub const SPARK: usize = 20;

/// Figures over the finished runs among `recent`; none while fewer than three have finished.
pub fn usual(recent: &[RecentRun]) -> Option<Usual> {
    let mut durations: Vec<i64> = recent
        .iter()
        .filter(|run| matches!(run.status, RunStatus::Success | RunStatus::Failed))
        .filter_map(|run| run.duration_ms)
        .collect();
    if durations.len() < 3 {
        return None;
    }
    durations.sort_unstable();
    let at = |percent: usize| durations[(durations.len() - 1) * percent / 100];
    Some(Usual { p50: at(50), p90: at(90), p99: at(99), count: u32::try_from(durations.len()).unwrap_or(u32::MAX) })
}

/// The newest runs in the order a sparkline draws them, oldest first.
pub fn spark(recent: &[RecentRun]) -> Vec<Bar> {
    let bar = |run: &RecentRun| Bar { status: run.status, created_at: run.created_at, duration_ms: run.duration_ms };
    recent[..recent.len().min(SPARK)].iter().rev().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    fn run(status: RunStatus, duration_ms: Option<i64>) -> RecentRun {
        RecentRun { id: ids::run(), status, created_at: 0, duration_ms }
    }

    #[test]
    fn only_finished_runs_count() {
        let mut runs: Vec<_> = (1..=10).map(|i| run(RunStatus::Success, Some(i * 100))).collect();
        runs.push(run(RunStatus::Stalled, Some(1_000_000)));
        runs.push(run(RunStatus::Pending, None));
        assert_eq!(usual(&runs), Some(Usual { p50: 500, p90: 900, p99: 900, count: 10 }));
        assert_eq!(usual(&runs[..2]), None);
    }

    #[test]
    fn a_sparkline_ends_with_the_newest() {
        let runs: Vec<_> = (0..30).map(|i| run(RunStatus::Success, Some(i))).collect();
        let shown = spark(&runs);
        assert_eq!(shown.len(), SPARK);
        assert_eq!(shown.last().and_then(|r| r.duration_ms), Some(0));
    }
}
