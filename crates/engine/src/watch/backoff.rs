//! Pauses after failed questions.

use std::time::Duration;

const FIRST: f64 = 1.5;
const LONGEST: f64 = 10.0;

/// The pause after `misses` failed questions in a row; `usual` is the pause without them.
pub fn after(usual: Duration, misses: u32, jitter: f64) -> Duration {
    let steps = i32::try_from(misses.clamp(1, 16)).unwrap_or(16) - 1;
    let pause = (FIRST * 1.5f64.powi(steps)).min(LONGEST) * (1.0 + 0.1 * jitter);
    usual.max(Duration::from_secs_f64(pause))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_slow_down_to_a_cap() {
        let short = Duration::from_millis(200);
        assert_eq!(after(short, 1, 0.0), Duration::from_millis(1_500));
        assert_eq!(after(short, 1_000, 0.0), Duration::from_secs(10));
        assert!(after(short, 1_000, 0.99) < Duration::from_secs(11), "spread, so that nobody asks in step");
        assert_eq!(after(Duration::from_secs(60), 3, 0.5), Duration::from_secs(60), "never sooner than without");
    }
}
