//! How many streams a person has open.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use model::UserId;

#[derive(Debug)]
pub struct Streams {
    open: Arc<Mutex<HashMap<UserId, usize>>>,
    per_person: usize,
}

/// One open stream; gives its place back when it is dropped.
pub struct Slot {
    open: Arc<Mutex<HashMap<UserId, usize>>>,
    who: UserId,
}

impl Streams {
    pub fn new(per_person: usize) -> Self {
        Self { open: Arc::default(), per_person }
    }

    pub fn open(&self, who: &UserId) -> Option<Slot> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(who.clone()).or_default();
        if *count >= self.per_person {
            return None;
        }
        *count += 1;
        Some(Slot { open: self.open.clone(), who: who.clone() })
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.who) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.who);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_stream_makes_room() {
        let streams = Streams::new(1);
        let me = UserId::parse("01hzy3v4k5m6n7p8q9r0s1t2v7").expect("well-formed");
        let first = streams.open(&me);
        assert!(first.is_some());
        assert!(streams.open(&me).is_none());
        drop(first);
        assert!(streams.open(&me).is_some());
    }
}
