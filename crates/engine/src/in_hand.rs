use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::RunId;

/// The runs that somebody here is storing or sending. One in `submitting` that is in nobody's hand was stored
/// although the database said that it was not.
#[derive(Clone, Default)]
pub struct InHand(Arc<Mutex<HashMap<RunId, usize>>>);

/// Holds a run in hand until it is dropped.
pub struct Hand {
    all: InHand,
    run: RunId,
}

impl InHand {
    pub fn take(&self, run: &RunId) -> Hand {
        *self.lock().entry(run.clone()).or_default() += 1;
        Hand { all: self.clone(), run: run.clone() }
    }

    pub fn has(&self, run: &RunId) -> bool {
        self.lock().contains_key(run)
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<RunId, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Hand {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(hands) = all.get_mut(&self.run) {
            *hands -= 1;
            if *hands == 0 {
                all.remove(&self.run);
            }
        }
    }
}
