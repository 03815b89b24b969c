use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use model::RunId;
use tokio::time::{Duration, Instant};

/// How long a write that seemed to fail is remembered. One that appears later is taken for one that was sent,
/// which is never wrong.
const MEMORY: Duration = Duration::from_secs(5 * 60);
/// So many are remembered, however long the database is away.
const MOST: usize = 10_000;

/// The runs that somebody here is storing or sending, and those of which it is known that nobody has sent them.
#[derive(Clone, Default)]
pub struct InFlight(Arc<Mutex<Inside>>);

#[derive(Default)]
struct Inside {
    flights: HashMap<RunId, usize>,
    /// Storing an attempt of them seemed to fail, so it was never handed to a dispatch; it may be stored all the
    /// same, under this number of the lease.
    unsent: HashMap<RunId, (i64, Instant)>,
}

/// Holds a run in flight until it is dropped.
pub struct Flight {
    all: InFlight,
    run: RunId,
    lease_number: u64,
}

impl InFlight {
    /// `lease_number` is that of the present one, before anything about the run is stored.
    pub fn take(&self, run: &RunId, lease_number: u64) -> Flight {
        *self.lock().flights.entry(run.clone()).or_default() += 1;
        Flight { all: self.clone(), run: run.clone(), lease_number }
    }

    pub fn has(&self, run: &RunId) -> bool {
        self.lock().flights.contains_key(run)
    }

    /// Whether nobody can have sent the attempt that we hold this run for. A lease with another number is that of
    /// another write: its attempt may be somebody else's.
    pub fn is_unsent(&self, run: &RunId, lease: i64) -> bool {
        self.lock().unsent.get(run).is_some_and(|(stored, since)| *stored == lease && since.elapsed() < MEMORY)
    }

    fn lock(&self) -> MutexGuard<'_, Inside> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Flight {
    /// The number of the local lease under which it was taken.
    pub fn lease_number(&self) -> u64 {
        self.lease_number
    }

    /// Storing a new attempt under this number of the lease seemed to fail. Should it be there all the same, nobody
    /// has sent it.
    pub fn not_stored(&self, lease: i64) {
        let mut all = self.all.lock();
        if all.unsent.len() >= MOST {
            all.unsent.retain(|_, (_, since)| since.elapsed() < MEMORY);
        }
        if all.unsent.len() < MOST {
            all.unsent.insert(self.run.clone(), (lease, Instant::now()));
        }
    }

    /// From now on it may be sent.
    pub fn may_be_sent(&self) {
        self.all.lock().unsent.remove(&self.run);
    }
}

impl Drop for Flight {
    fn drop(&mut self) {
        let mut all = self.all.lock();
        if let Some(flights) = all.flights.get_mut(&self.run) {
            *flights -= 1;
            if *flights == 0 {
                all.flights.remove(&self.run);
            }
        }
    }
}
