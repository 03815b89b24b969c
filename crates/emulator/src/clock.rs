//! Time as a parameter: the emulator never asks the machine for the time except through [`Clock`].

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::{SystemTime, UNIX_EPOCH},
};

/// Tells the time. Run lengths do not depend on it: they are measured with the runtime's own timers.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since the Unix epoch, UTC.
    fn now_ms(&self) -> i64;
}

/// The machine's clock.
#[derive(Debug, Default, Clone, Copy)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> i64 {
        SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
    }
}

/// A clock that stands still until it is set: for signatures, key expiry and other rules about age.
#[derive(Debug, Default)]
pub struct FrozenClock(AtomicI64);

impl FrozenClock {
    /// A clock that shows `ms` milliseconds since the Unix epoch.
    #[must_use]
    pub const fn at(ms: i64) -> Self {
        Self(AtomicI64::new(ms))
    }

    /// Moves the hands to `ms` milliseconds since the Unix epoch.
    pub fn set(&self, ms: i64) {
        self.0.store(ms, Ordering::SeqCst);
    }
}

impl Clock for FrozenClock {
    fn now_ms(&self) -> i64 {
        self.0.load(Ordering::SeqCst)
    }
}

/// What is said about a skew that [`is_skew`] refuses.
pub const SKEW_LIMIT: &str = "clock_skew_ms must be within ten years (315,360,000,000 ms) of the true time";

/// Whether a clock may be so many milliseconds off: far enough for every rule about age, near enough to count with.
#[must_use]
pub const fn is_skew(ms: i64) -> bool {
    ms.unsigned_abs() <= 10 * 365 * 86_400_000
}

/// A time as the `Date` header spells it.
#[must_use]
pub fn http_date(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%a, %d %b %Y %H:%M:%S GMT")
        .to_string()
}

/// ISO 8601 in UTC with milliseconds, the platform's spelling of a time.
#[must_use]
pub fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms)
        .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

#[cfg(test)]
mod tests {
    use super::{http_date, iso};

    #[test]
    fn http_dates_are_spelled_as_the_standard_wants() {
        assert_eq!(http_date(784_111_777_000), "Sun, 06 Nov 1994 08:49:37 GMT");
    }

    #[test]
    fn iso_always_has_three_decimals() {
        assert_eq!(iso(1_767_225_600_000), "2026-01-01T00:00:00.000Z");
        assert_eq!(iso(1_767_225_600_007), "2026-01-01T00:00:00.007Z");
    }
}
