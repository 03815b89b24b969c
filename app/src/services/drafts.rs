//! What somebody had typed when their session ended, kept until they are back.

use std::{collections::VecDeque, sync::Mutex};

type Pairs = Vec<(String, String)>;

/// Bytes of all forms together; the oldest goes first.
const KEPT: usize = 32_000_000;
/// What a form takes beside the bytes that were typed, generously.
const OVERHEAD: usize = 1_000;

/// In memory only: a restart forgets them.
#[derive(Debug, Default)]
pub struct Drafts(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    forms: VecDeque<(String, Pairs)>,
    bytes: usize,
}

impl Drafts {
    /// Keeps a form under its draft key. Whoever knows the key gets it, so it is as secret as the key.
    pub fn keep(&self, key: &str, pairs: Pairs) {
        let bytes = size(&pairs);
        if key.is_empty() || bytes > KEPT {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(at) = kept.forms.iter().position(|(known, _)| known == key) {
            kept.forget(at);
        }
        while kept.bytes + bytes > KEPT {
            kept.forget(0);
        }
        kept.bytes += bytes;
        kept.forms.push_back((key.to_owned(), pairs));
    }

    /// What was kept under a key. It stays: a page may be asked for more than once, and a form that was
    /// sent in the end is known by its key anyway.
    pub fn get(&self, key: &str) -> Option<Pairs> {
        let kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        kept.forms.iter().find(|(known, _)| known == key).map(|(_, pairs)| pairs.clone())
    }
}

impl Kept {
    fn forget(&mut self, at: usize) {
        if let Some((_, pairs)) = self.forms.remove(at) {
            self.bytes -= size(&pairs);
        }
    }
}

fn size(pairs: &Pairs) -> usize {
    OVERHEAD + pairs.iter().map(|(name, value)| name.len() + value.len()).sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(bytes: usize) -> Pairs {
        vec![("in.text".to_owned(), "x".repeat(bytes))]
    }

    #[test]
    fn a_form_comes_back_as_often_as_it_is_asked_for() {
        let drafts = Drafts::default();
        drafts.keep("k", typed(1_000_000));
        assert_eq!(drafts.get("k"), Some(typed(1_000_000)));
        assert_eq!(drafts.get("k"), Some(typed(1_000_000)));
        assert_eq!(drafts.get("other"), None);
        drafts.keep("k", typed(3));
        assert_eq!(drafts.get("k"), Some(typed(3)));
    }

    #[test]
    fn the_memory_is_bounded() {
        let drafts = Drafts::default();
        for i in 0..40 {
            drafts.keep(&i.to_string(), typed(1_000_000));
        }
        assert_eq!(drafts.get("0"), None);
        assert!(drafts.get("39").is_some() && drafts.get("10").is_some());
        drafts.keep("big", typed(KEPT));
        assert_eq!(drafts.get("big"), None);
        assert!(drafts.get("39").is_some(), "what is too big pushes nothing out");
    }
}
