//! The real database, with scripted trouble, made fit for a paused clock.

use std::{
    collections::VecDeque,
    io,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, AtomicU64, Ordering},
        mpsc,
    },
    time::Duration,
};

use ::store::SqliteStore;
use async_trait::async_trait;
use engine::{Scope, Store, schedule::Took, store::*};
use model::*;

/// What goes wrong with one write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Nothing is written.
    Refused,
    /// It is written, and yet the caller is told that it failed.
    AnswerLost,
    Panic,
}

pub struct TestStore {
    inner: SqliteStore,
    trouble: Trouble,
    number: AtomicU64,
    /// Whether other engines may be on it.
    shared: AtomicBool,
    /// No lease is renewed.
    pub(super) cut_off: AtomicBool,
    /// No run can be read.
    unreadable: AtomicBool,
    /// How often runs were claimed.
    claims: AtomicU64,
}

#[derive(Default)]
struct Trouble {
    applies: Mutex<VecDeque<Fault>>,
    creates: Mutex<VecDeque<Fault>>,
    /// The next claim that finds something is done, and its caller is told that it failed.
    lose_claim: AtomicBool,
    /// How long a run takes to be stored.
    slow_creates: Mutex<Duration>,
    /// How long a transition takes to be stored.
    slow_applies: Mutex<Duration>,
    /// How long claims take.
    slow_claims: Mutex<Duration>,
}

impl TestStore {
    pub fn new(inner: SqliteStore) -> Self {
        let [shared, cut_off, unreadable] = std::array::from_fn(|_| AtomicBool::new(false));
        let (trouble, number, claims) = (Trouble::default(), AtomicU64::new(1), AtomicU64::new(0));
        Self { inner, trouble, number, shared, cut_off, unreadable, claims }
    }

    /// From the next engine on it is one of several.
    pub fn share(&self) {
        self.shared.store(true, Ordering::Relaxed);
    }

    /// Whether leases cannot be renewed.
    pub fn cut_off(&self, cut_off: bool) {
        self.cut_off.store(cut_off, Ordering::Relaxed);
    }

    /// Whether a run cannot be read.
    pub fn unreadable(&self, unreadable: bool) {
        self.unreadable.store(unreadable, Ordering::Relaxed);
    }

    pub fn next_number(&self) -> u64 {
        self.number.fetch_add(1, Ordering::Relaxed)
    }

    /// What happens to the next transitions.
    pub fn fail_applies(&self, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.trouble.applies).extend(faults);
    }

    /// What happens to the next new runs.
    pub fn fail_creates(&self, faults: impl IntoIterator<Item = Fault>) {
        locked(&self.trouble.creates).extend(faults);
    }

    /// The next claim that finds something is done, and its answer is lost.
    pub fn lose_claim(&self) {
        self.trouble.lose_claim.store(true, Ordering::Relaxed);
    }

    /// Nothing goes wrong any more.
    pub fn heal(&self) {
        locked(&self.trouble.applies).clear();
        locked(&self.trouble.creates).clear();
    }

    pub fn faults_left(&self) -> usize {
        locked(&self.trouble.applies).len()
    }

    pub fn slow_claims(&self, by: Duration) {
        *locked(&self.trouble.slow_claims) = by;
    }

    /// How often runs were claimed so far.
    pub fn claims(&self) -> u64 {
        self.claims.load(Ordering::Relaxed)
    }

    pub fn slow_creates(&self, by: Duration) {
        *locked(&self.trouble.slow_creates) = by;
    }

    pub fn slow_applies(&self, by: Duration) {
        *locked(&self.trouble.slow_applies) = by;
    }
}

pub(super) fn scripted() -> StoreError {
    StoreError { context: "scripted trouble", source: Box::new(io::Error::other("disk full")) }
}

/// While this works on other threads the paused clock must not run ahead: a blocking task holds it.
pub async fn held<T>(work: impl Future<Output = T>) -> T {
    let (release, released) = mpsc::channel::<()>();
    let holding = tokio::task::spawn_blocking(move || {
        // Ends when the sender is gone, also with a caller that goes away.
        let _ = released.recv();
    });
    let done = work.await;
    drop(release);
    holding.await.expect("it only waits");
    done
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl TestStore {
    fn inner(&self) -> &SqliteStore {
        &self.inner
    }

    /// Every call of a store passes here.
    async fn around<T>(
        &self,
        method: &str,
        work: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let fault = match method {
            "create_run" => {
                let slow = *locked(&self.trouble.slow_creates);
                tokio::time::sleep(slow).await;
                locked(&self.trouble.creates).pop_front()
            }
            "apply" => {
                let slow = *locked(&self.trouble.slow_applies);
                tokio::time::sleep(slow).await;
                locked(&self.trouble.applies).pop_front()
            }
            "run" if self.unreadable.load(Ordering::Relaxed) => Some(Fault::Refused),
            _ => None,
        };
        match fault {
            None => held(work).await,
            Some(Fault::Refused) => Err(scripted()),
            Some(Fault::AnswerLost) => held(work).await.and(Err(scripted())),
            Some(Fault::Panic) => panic!("scripted"),
        }
    }
}

#[async_trait]
impl Store for TestStore {
    fn cluster(&self) -> Option<&dyn Cluster> {
        self.shared.load(Ordering::Relaxed).then_some(self)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        held(self.inner.ping()).await
    }
}

#[async_trait]
impl LeaseStore for TestStore {
    async fn claim(&self, replica: &ReplicaId, scope: ClaimScope, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        self.claims.fetch_add(1, Ordering::Relaxed);
        let slow = *locked(&self.trouble.slow_claims);
        tokio::time::sleep(slow).await;
        let claimed = held(self.inner.claim(replica, scope, limit)).await?;
        // A claim that found nothing has nothing to lose.
        if !claimed.is_empty() && self.trouble.lose_claim.swap(false, Ordering::Relaxed) {
            return Err(scripted());
        }
        Ok(claimed)
    }

    async fn held(&self, replica: &ReplicaId) -> Result<Vec<Held>, StoreError> {
        held(self.inner.held(replica)).await
    }
}

engine::forward_run_store!(TestStore);
engine::forward_run_lists!(TestStore);
engine::forward_rerun_store!(TestStore);
engine::forward_catalog_store!(TestStore);
engine::forward_environment_store!(TestStore);
engine::forward_account_store!(TestStore);
engine::forward_session_store!(TestStore);
engine::forward_token_store!(TestStore);
engine::forward_log_in_store!(TestStore);
engine::forward_link_store!(TestStore);
engine::forward_grant_store!(TestStore);
engine::forward_rights_store!(TestStore);
engine::forward_setting_store!(TestStore);
engine::forward_audit_store!(TestStore);
engine::forward_retention_store!(TestStore);
