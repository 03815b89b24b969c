//! What somebody had typed when their session ended, kept until they are back.

use std::{collections::VecDeque, sync::Mutex};

type Pairs = Vec<(String, String)>;

/// Forms kept at once; the oldest goes first.
const KEPT: usize = 64;
const MAX_BYTES: usize = 200_000;

/// In memory only: a restart forgets them.
#[derive(Debug, Default)]
pub struct Drafts(Mutex<VecDeque<(String, Pairs)>>);

impl Drafts {
    /// Keeps a form under its draft key. Whoever knows the key gets it, so it is as secret as the key.
    pub fn keep(&self, key: &str, pairs: Pairs) {
        let bytes: usize = pairs.iter().map(|(name, value)| name.len() + value.len()).sum();
        if key.is_empty() || bytes > MAX_BYTES {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.retain(|(known, _)| known != key);
        kept.push_back((key.to_owned(), pairs));
        if kept.len() > KEPT {
            kept.pop_front();
        }
    }

    /// What was kept under a key. It stays: a page may be asked for more than once, and a form that was
    /// sent in the end is known by its key anyway.
    pub fn get(&self, key: &str) -> Option<Pairs> {
        let kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.iter().find(|(known, _)| known == key).map(|(_, pairs)| pairs.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_comes_back_as_often_as_it_is_asked_for() {
        let drafts = Drafts::default();
        let pairs = vec![("in.text".to_owned(), "typed".to_owned())];
        drafts.keep("k", pairs.clone());
        assert_eq!(drafts.get("k"), Some(pairs.clone()));
        assert_eq!(drafts.get("k"), Some(pairs));
        assert_eq!(drafts.get("other"), None);
    }

    #[test]
    fn the_memory_is_bounded() {
        let drafts = Drafts::default();
        for i in 0..=KEPT {
            drafts.keep(&i.to_string(), Vec::new());
        }
        assert_eq!(drafts.get("0"), None);
        assert!(drafts.get("1").is_some());
        drafts.keep("big", vec![("a".into(), "x".repeat(MAX_BYTES))]);
        assert_eq!(drafts.get("big"), None);
    }
}
