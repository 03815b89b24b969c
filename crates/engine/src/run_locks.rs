//! A change of a run is told before the next one of this run is stored, so that both are told in their order.

use std::hash::{BuildHasher, RandomState};

use model::RunId;
use tokio::sync::{Mutex, MutexGuard};

use crate::Engine;

/// So many that writes of different runs rarely share one. Those that do cost each other a commit.
const LOCKS: usize = 4_096;

pub struct RunLocks {
    run_locks: Vec<Mutex<()>>,
    by: RandomState,
}

impl Default for RunLocks {
    fn default() -> Self {
        Self { run_locks: (0..LOCKS).map(|_| Mutex::default()).collect(), by: RandomState::new() }
    }
}

impl Engine {
    /// Until it is dropped nobody here stores another change of this run. None on a shared database: there the feed
    /// brings changes into their order.
    pub(crate) async fn lock_run(&self, run: &RunId) -> Option<MutexGuard<'_, ()>> {
        if self.inner.store.cluster().is_some() {
            return None;
        }
        let RunLocks { run_locks, by } = &self.inner.run_locks;
        Some(run_locks[(by.hash_one(run) % LOCKS as u64) as usize].lock().await)
    }
}
