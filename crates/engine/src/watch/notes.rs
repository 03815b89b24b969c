//! What is unusual about asking for a run at the moment, for its page. Kept in memory: it says what is, not what was.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use model::{RunId, WatchNote};

#[derive(Default)]
pub struct Notes(Mutex<HashMap<RunId, WatchNote>>);

impl Notes {
    pub fn put(&self, run: &RunId, note: Option<WatchNote>) {
        match note {
            Some(note) => self.notes().insert(run.clone(), note),
            None => self.notes().remove(run),
        };
    }

    pub fn of(&self, run: &RunId) -> Option<WatchNote> {
        self.notes().get(run).cloned()
    }

    fn notes(&self) -> MutexGuard<'_, HashMap<RunId, WatchNote>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
