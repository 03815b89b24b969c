//! How many runs one person, or one token, may start in a minute.

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, Hash, RandomState},
    sync::Mutex,
    time::Duration,
};

use tokio::time::Instant;

const WINDOW: Duration = Duration::from_secs(60);

/// A sliding window per person or token, kept in memory: a restart forgives.
#[derive(Debug, Default)]
pub struct RunLimiter {
    starts: Mutex<HashMap<String, VecDeque<Start>>>,
    hashing: RandomState,
}

#[derive(Debug)]
struct Start {
    at: Instant,
    /// The hash of its idempotency key.
    key: u64,
}

impl RunLimiter {
    /// Counts one start, or says in how many seconds the next one is free.
    /// The same `key` again is the same start: a double click costs nothing.
    pub fn admit(&self, who: &str, key: impl Hash, per_minute: u32, now: Instant) -> Result<(), u64> {
        let key = self.hashing.hash_one(key);
        let mut starts = self.starts.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let fresh = |start: &Start| now.duration_since(start.at) < WINDOW;
        starts.retain(|_, of_one| of_one.back().is_some_and(fresh));
        let of_one = starts.entry(who.to_owned()).or_default();
        while of_one.front().is_some_and(|first| !fresh(first)) {
            of_one.pop_front();
        }
        if of_one.iter().any(|start| start.key == key) {
            return Ok(());
        }
        match of_one.front() {
            Some(first) if of_one.len() >= per_minute as usize => {
                let free_in = WINDOW.saturating_sub(now.duration_since(first.at));
                Err(u64::try_from(free_in.as_millis().div_ceil(1000)).unwrap_or(u64::MAX).max(1))
            }
            None if per_minute == 0 => Err(WINDOW.as_secs()),
            _ => {
                of_one.push_back(Start { at: now, key });
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
        let (me, start) = (ids::user(), Instant::now());
        let at = |seconds| start + Duration::from_secs(seconds);
        assert_eq!(limiter.admit(me.as_str(), "a", 2, at(0)), Ok(()));
        assert_eq!(limiter.admit(me.as_str(), "b", 2, at(10)), Ok(()));
        assert_eq!(limiter.admit(me.as_str(), "c", 2, at(20)), Err(40));
        assert_eq!(limiter.admit(ids::user().as_str(), "c", 2, at(20)), Ok(()), "others are not affected");
        assert_eq!(limiter.admit(me.as_str(), "c", 2, at(60)), Ok(()));
    }

    #[test]
    fn nothing_starts_where_nothing_may() {
        assert_eq!(RunLimiter::default().admit("me", "a", 0, Instant::now()), Err(60));
    }

    #[test]
    fn a_repeated_key_counts_once() {
        let limiter = RunLimiter::default();
        let (me, now) = (ids::user(), Instant::now());
        for _ in 0..50 {
            assert_eq!(limiter.admit(me.as_str(), "a", 2, now), Ok(()));
        }
        assert_eq!(limiter.admit(me.as_str(), "b", 2, now), Ok(()));
        assert_eq!(limiter.admit(me.as_str(), "c", 2, now), Err(60));
        assert_eq!(limiter.admit(me.as_str(), "a", 2, now), Ok(()));
    }
}
