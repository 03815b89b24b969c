//! What somebody had typed when their session ended, kept until they are back.

use std::{collections::VecDeque, sync::Mutex};

type Pairs = Vec<(String, String)>;

/// Bytes of all forms together; the oldest goes first.
const KEPT: usize = 16_000_000;
/// What a form takes beside its key and its text, generously.
const OVERHEAD: usize = 200;

/// In memory only: a restart forgets them.
#[derive(Debug, Default)]
pub struct Drafts(Mutex<Kept>);

#[derive(Debug, Default)]
struct Kept {
    forms: VecDeque<Form>,
    bytes: usize,
}

/// One text and not many small ones, each of which would take several times its size.
#[derive(Debug)]
struct Form {
    key: Box<str>,
    pairs: Box<str>,
}

impl Drafts {
    /// Keeps a form under its draft key. Whoever knows the key gets it, so it is as secret as the key.
    pub fn keep(&self, key: &str, pairs: Pairs) {
        let Ok(text) = serde_json::to_string(&pairs) else { return };
        let form = Form { key: key.into(), pairs: text.into() };
        let bytes = form.bytes();
        if key.is_empty() || bytes > KEPT {
            return;
        }
        let mut kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(at) = kept.forms.iter().position(|known| *known.key == *key) {
            kept.forget(at);
        }
        while kept.bytes + bytes > KEPT {
            kept.forget(0);
        }
        kept.bytes += bytes;
        kept.forms.push_back(form);
    }

    /// What was kept under a key. It stays: a page may be asked for more than once, and a form that was
    /// sent in the end is known by its key anyway.
    pub fn get(&self, key: &str) -> Option<Pairs> {
        let kept = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let form = kept.forms.iter().find(|known| *known.key == *key)?;
        serde_json::from_str(&form.pairs).ok()
    }
}

impl Kept {
    fn forget(&mut self, at: usize) {
        if let Some(form) = self.forms.remove(at) {
            self.bytes -= form.bytes();
        }
    }
}

impl Form {
    fn bytes(&self) -> usize {
        OVERHEAD + self.key.len() + self.pairs.len()
    }
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
        assert!(drafts.get("39").is_some() && drafts.get("30").is_some());
        drafts.keep("big", typed(KEPT));
        assert_eq!(drafts.get("big"), None);
        assert!(drafts.get("39").is_some(), "what is too big pushes nothing out");
    }

    #[test]
    fn many_small_fields_cost_what_they_are_counted_as() {
        let drafts = Drafts::default();
        let pairs = || vec![("a".to_owned(), String::new()); 10_000];
        for i in 0..1_000 {
            drafts.keep(&i.to_string(), pairs());
        }
        let kept = drafts.0.lock().expect("no panic");
        let held: usize = kept.forms.iter().map(|form| form.key.len() + form.pairs.len()).sum();
        assert!(held <= KEPT && kept.forms.len() > 100, "{held} bytes in {} forms", kept.forms.len());
    }
}
