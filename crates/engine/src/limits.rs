//! How many runs one person may start in a minute.

use std::{
    collections::{HashMap, VecDeque},
    sync::Mutex,
};

use model::{Millis, UserId};

const WINDOW_MS: Millis = 60_000;

/// A sliding window per person, kept in memory: a restart forgives.
#[derive(Debug, Default)]
pub struct RunLimiter {
    starts: Mutex<HashMap<UserId, VecDeque<Millis>>>,
}

impl RunLimiter {
    /// Counts one start, or says in how many seconds the next one is free.
    pub fn admit(&self, who: &UserId, per_minute: u32, now: Millis) -> Result<(), u64> {
        let mut starts = self.starts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        starts.retain(|_, times| times.back().is_some_and(|last| now - last < WINDOW_MS));
        let times = starts.entry(who.clone()).or_default();
        while times.front().is_some_and(|first| now - first >= WINDOW_MS) {
            times.pop_front();
        }
        match times.front() {
            Some(first) if times.len() >= per_minute as usize => {
                let free_in_ms = first + WINDOW_MS - now;
                Err(u64::try_from(free_in_ms).unwrap_or(0).div_ceil(1000).max(1))
            }
            _ => {
                times.push_back(now);
                Ok(())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    #[test]
    fn the_window_slides() {
        let limiter = RunLimiter::default();
        let me = ids::user();
        assert_eq!(limiter.admit(&me, 2, 0), Ok(()));
        assert_eq!(limiter.admit(&me, 2, 10_000), Ok(()));
        assert_eq!(limiter.admit(&me, 2, 20_000), Err(40));
        assert_eq!(limiter.admit(&ids::user(), 2, 20_000), Ok(()), "others are not affected");
        assert_eq!(limiter.admit(&me, 2, 60_000), Ok(()));
    }
}
