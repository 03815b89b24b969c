//! When to ask.

use std::time::Duration;

/// The pause before the next question, by how long the run has been watched.
/// Asking often while the run is young costs little, because most runs are short.
pub fn delay(watched: Duration) -> Duration {
    Duration::from_millis(match watched.as_secs() {
        ..5 => 1_000,
        5..60 => 1_500,
        60..300 => 3_000,
        _ => 10_000,
    })
}

/// The pause after `misses` failed questions in a row.
pub fn backoff(watched: Duration, misses: u32) -> Duration {
    let usual = delay(watched);
    let factor = 1.5f64.powi(i32::try_from(misses.min(16)).unwrap_or(16));
    usual.mul_f64(factor).min(Duration::from_secs(10)).max(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn questions_become_rarer_with_age() {
        let ages = [0, 4, 5, 59, 60, 299, 300, 10_000];
        assert!(ages.map(|age| delay(seconds(age))).is_sorted());
        assert_eq!(delay(seconds(0)), seconds(1));
    }

    #[test]
    fn failures_slow_down_to_a_cap() {
        assert_eq!(backoff(seconds(0), 1), Duration::from_millis(1_500));
        assert_eq!(backoff(seconds(0), 1_000), seconds(10));
        assert_eq!(backoff(seconds(400), 3), seconds(10));
    }
}
