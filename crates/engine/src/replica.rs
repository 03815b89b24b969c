//! Several engines on one database: each holds a lease, and takes over the runs of those whose lease is over.
//!
//! One lease covers every run of a replica, so that a hundred thousand of them cost one small write at a time.
//! What keeps a replica that was paused from doing harm is not the time but the fence: each of its writes names
//! the lease under which it holds the run (see [`Hold`](crate::store::Hold)).

use std::{
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use model::RunStatus;
use tokio::{
    sync::Notify,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

use crate::{
    Engine, StoreError, ids,
    store::{Cluster, Gone, ReplicaId},
};

/// How many runs are claimed at once.
const CLAIMS: u32 = 2_000;
/// A lease is renewed so many times before it would be over.
const RENEWALS: u32 = 4;
/// How long a stopping engine tries to end its lease.
const GOODBYE: Duration = Duration::from_millis(250);

/// This engine's lease as it knows it, by the monotonic clock.
pub struct Tenure {
    pub id: ReplicaId,
    /// None: alone on its database, for ever.
    until: Option<Mutex<Instant>>,
    /// Grows whenever the lease was over.
    number: AtomicU64,
    renewals: Notify,
}

impl Tenure {
    pub fn new(alone: bool) -> Self {
        let until = (!alone).then(|| Mutex::new(Instant::now()));
        Self { id: ids::replica(), until, number: AtomicU64::new(0), renewals: Notify::new() }
    }

    /// Whether nobody can have claimed our runs.
    pub fn holds(&self) -> bool {
        self.holds_for(Duration::ZERO)
    }

    /// Whether nobody can claim our runs for so long, either.
    pub fn holds_for(&self, time: Duration) -> bool {
        self.until.as_ref().is_none_or(|until| {
            let until = until.lock().unwrap_or_else(PoisonError::into_inner);
            Instant::now() + time < *until
        })
    }

    /// Waits until [`Self::holds_for`] so long, but not longer than `patience`.
    pub async fn regained(&self, time: Duration, patience: Duration) -> bool {
        let regained = async {
            loop {
                let renewed = self.renewals.notified();
                if self.holds_for(time) {
                    return;
                }
                renewed.await;
            }
        };
        timeout(patience, regained).await.is_ok()
    }

    pub fn number(&self) -> u64 {
        self.number.load(Ordering::Acquire)
    }

    /// The lease was renewed; `asked` is when we began to ask for it.
    fn renewed(&self, asked: Instant, term: Duration, was_over: bool) {
        if was_over {
            self.number.fetch_add(1, Ordering::AcqRel);
        }
        if let Some(until) = &self.until {
            *until.lock().unwrap_or_else(PoisonError::into_inner) = asked + term;
        }
        self.renewals.notify_waiters();
    }
}

impl Engine {
    /// Becomes one of the replicas on a shared database.
    pub(crate) async fn join(&self, cluster: &dyn Cluster) -> Result<(), StoreError> {
        let asked = Instant::now();
        cluster.renew(&self.inner.tenure.id).await?;
        self.inner.tenure.renewed(asked, cluster.term(), false);
        self.take_over(Gone::Left).await?;
        self.follow(cluster.position().await?);
        tokio::spawn(self.clone().keep_lease(asked));
        Ok(())
    }

    /// Renews the lease and looks for runs that nobody looks after, until the engine has stopped.
    async fn keep_lease(self, mut steady_since: Instant) {
        let Some(cluster) = self.inner.store.cluster() else { return };
        let tenure = &self.inner.tenure;
        let mut beats = interval(cluster.term() / RENEWALS);
        beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // Not when it begins to stop: what is being sent then still needs the lease.
                () = self.inner.over.cancelled() => return,
                _ = beats.tick() => {}
            }
            let asked = Instant::now();
            match cluster.renew(&tenure.id).await {
                Ok(held) => {
                    let was_over = !held || !tenure.holds();
                    tenure.renewed(asked, cluster.term(), was_over);
                    if was_over {
                        tracing::warn!("this replica's lease was over for a while; others may have taken its runs");
                        steady_since = asked;
                    }
                }
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "the lease could not be renewed");
                    continue;
                }
            }
            if self.inner.stop.is_cancelled() {
                continue;
            }
            // When the database was away, everybody's lease is over: the others get the time to come back.
            let gone = if asked - steady_since >= cluster.term() { Gone::Expired } else { Gone::Left };
            let taken = self.take_over(gone).await;
            if taken.is_err() {
                self.in_doubt();
            }
            if let Err(error) = taken.and(self.look_for_users().await) {
                tracing::error!(error = &error as &dyn std::error::Error, "the database could not be looked through");
            }
        }
    }

    /// Goes on with the open runs of replicas that are gone.
    pub(crate) async fn take_over(&self, gone: Gone) -> Result<(), StoreError> {
        loop {
            let claimed = self.inner.store.claim(&self.inner.tenure.id, gone, CLAIMS).await?;
            let last = claimed.len() < CLAIMS as usize;
            if !claimed.is_empty() {
                tracing::info!(runs = claimed.len(), "took over open runs");
            }
            for row in claimed {
                // Never a submit: it may have been sent.
                if row.summary.status == RunStatus::Submitting {
                    self.interrupt(row).await?;
                } else {
                    self.inner.watcher.watch(&row, self.now()).await;
                }
            }
            if last {
                return Ok(());
            }
        }
    }

    /// Lets the others go on at once.
    pub(crate) async fn leave(&self) {
        let Some(cluster) = self.inner.store.cluster() else { return };
        match timeout(GOODBYE, cluster.leave(&self.inner.tenure.id)).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the lease could not be ended; it runs out");
            }
            Err(_) => tracing::warn!("the database does not answer; the lease runs out by itself"),
        }
    }
}
