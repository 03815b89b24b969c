//! When to ask.

use std::time::Duration;

use model::Millis;

/// The pause before the next question, by the run's age since Codika accepted it.
/// Asking often while the run is young costs little, because most runs are short.
pub fn delay(age: Millis) -> Duration {
    Duration::from_millis(match age {
        ..5_000 => 1_000,
        5_000..60_000 => 1_500,
        60_000..300_000 => 3_000,
        _ => 10_000,
    })
}

/// The pause after `misses` failed questions in a row.
pub fn backoff(age: Millis, misses: u32) -> Duration {
    let factor = 1.5f64.powi(i32::try_from(misses.min(16)).unwrap_or(16));
    delay(age).mul_f64(factor).min(Duration::from_secs(10)).max(delay(age))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_become_rarer_with_age() {
        let ages = [0, 4_999, 5_000, 59_999, 60_000, 299_999, 300_000, 10_000_000];
        assert!(ages.map(delay).is_sorted());
        assert_eq!(delay(0), Duration::from_secs(1));
    }

    #[test]
    fn failures_slow_down_to_a_cap() {
        assert_eq!(backoff(0, 1), Duration::from_millis(1_500));
        assert_eq!(backoff(0, 1_000), Duration::from_secs(10));
        assert_eq!(backoff(400_000, 3), Duration::from_secs(10));
    }
}
