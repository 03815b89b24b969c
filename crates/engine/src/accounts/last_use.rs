//! When sessions and tokens were used last: written once a minute, not with every request.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use model::Millis;

const EVERY_MS: Millis = 60_000;
/// Above so many, those that are due again are forgotten.
const MANY: usize = 4_096;

/// What was written lately, by fingerprint.
#[derive(Debug, Default)]
pub struct LastUses(Mutex<HashMap<String, Millis>>);

impl LastUses {
    /// Whether a use now is worth a write.
    pub fn is_due(&self, fingerprint: &str, now: Millis) -> bool {
        let mut written = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back makes everything due.
        let fresh = |at: Millis| (0..EVERY_MS).contains(&(now - at));
        if written.get(fingerprint).copied().is_some_and(fresh) {
            return false;
        }
        if written.len() >= MANY {
            written.retain(|_, at| fresh(*at));
        }
        written.insert(fingerprint.to_owned(), now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_use_is_written_once_a_minute() {
        let uses = LastUses::default();
        let due: Vec<Millis> = (0..180).map(|second| second * 1000).filter(|now| uses.is_due("a", *now)).collect();
        assert_eq!(due, [0, 60_000, 120_000]);
        assert!(uses.is_due("b", 1_000));
        assert!(uses.is_due("a", 5_000), "the clock was set back");
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let uses = LastUses::default();
        for number in 0..20_000 {
            assert!(uses.is_due(&number.to_string(), number * 100));
        }
        assert!(uses.0.lock().expect("unpoisoned").len() <= MANY + 1);
    }
}
