//! Several engines on one database: each holds a lease, and takes over the runs of those whose lease is over.
//!
//! One lease covers every run of a replica, so that a hundred thousand of them cost one small write at a time.
//! What keeps a replica that was paused from doing harm is not the time but the fence: each of its writes names
//! the lease under which it holds the run (see [`Hold`](crate::store::Hold)).

use std::{
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use model::RunStatus;
use tokio::{
    sync::Notify,
    time::{Instant, Interval, MissedTickBehavior, interval, timeout},
};

use crate::{
    Engine, StoreError, ids,
    store::{ClaimScope, Cluster, ReplicaId},
};

/// How many runs are claimed at once.
const CLAIMS: u32 = 2_000;
/// A lease is renewed so many times before it would be over.
const RENEWALS: u32 = 4;
/// How long a stopping engine tries to end its lease.
const GOODBYE: Duration = Duration::from_millis(250);

/// This engine's lease as it knows it, by the monotonic clock.
pub struct LocalLease {
    pub id: ReplicaId,
    /// None: alone on its database, for ever.
    held: Option<Mutex<Held>>,
    /// Grows whenever the lease was over.
    number: AtomicU64,
    renewals: Notify,
    /// Held while the database is asked about the lease: a renewal under way must not undo a farewell.
    asking: tokio::sync::Mutex<()>,
}

struct Held {
    until: Instant,
    /// Since when it was never over.
    since: Instant,
    /// This engine has stopped: it gets no lease any more.
    ended: bool,
}

impl LocalLease {
    pub fn new(alone: bool) -> Self {
        let now = Instant::now();
        Self {
            id: ids::replica(),
            held: (!alone).then(|| Mutex::new(Held { until: now, since: now, ended: false })),
            number: AtomicU64::new(0),
            renewals: Notify::new(),
            asking: tokio::sync::Mutex::new(()),
        }
    }

    fn held(&self) -> Option<MutexGuard<'_, Held>> {
        self.held.as_ref().map(|held| held.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether nobody can have claimed our runs.
    pub fn holds(&self) -> bool {
        self.holds_for(Duration::ZERO)
    }

    /// Whether nobody can claim our runs for so long, either.
    pub fn holds_for(&self, time: Duration) -> bool {
        self.held().is_none_or(|held| Instant::now() + time < held.until)
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

    /// When the database was away, everybody's lease is over: the others get `patience` to come back.
    fn gone(&self, patience: Duration) -> ClaimScope {
        let steady = self.held().is_none_or(|held| held.since.elapsed() >= patience);
        if steady { ClaimScope::Expired } else { ClaimScope::Left }
    }

    /// The lease was renewed; `asked` is when we began to ask for it.
    fn renewed(&self, asked: Instant, length: Duration, was_over: bool) {
        if let Some(mut held) = self.held() {
            if held.ended {
                return;
            }
            if was_over {
                self.number.fetch_add(1, Ordering::AcqRel);
                held.since = asked;
            }
            held.until = asked + length;
        }
        self.renewals.notify_waiters();
    }

    fn end(&self) {
        if let Some(mut held) = self.held() {
            (held.until, held.ended) = (Instant::now(), true);
        }
    }

    fn has_ended(&self) -> bool {
        self.held().is_some_and(|held| held.ended)
    }
}

impl Engine {
    /// Becomes one of the replicas on a shared database.
    pub(crate) async fn join(&self, cluster: &dyn Cluster) -> Result<(), StoreError> {
        let asked = Instant::now();
        cluster.renew(&self.inner.local_lease.id).await?;
        self.inner.local_lease.renewed(asked, cluster.term(), false);
        // From here on: what there is to take over may take longer than a lease.
        tokio::spawn(self.clone().keep_lease());
        let begun = match self.take_over(ClaimScope::Left).await {
            Ok(()) => cluster.position().await,
            Err(error) => Err(error),
        };
        match begun {
            Ok(position) => {
                self.follow(position);
                tokio::spawn(self.clone().look_around());
                tokio::spawn(self.clone().follow_environments());
                Ok(())
            }
            Err(error) => {
                // Who does not start holds nothing.
                self.inner.over.cancel();
                self.leave().await;
                Err(error)
            }
        }
    }

    /// Renews the lease until the engine has stopped, and does nothing else: nothing may hold it up.
    async fn keep_lease(self) {
        let Some(cluster) = self.inner.store.cluster() else { return };
        let mut beats = beats(cluster);
        loop {
            tokio::select! {
                // Not when it begins to stop: what is being sent then still needs the lease.
                () = self.inner.over.cancelled() => return,
                _ = beats.tick() => {}
            }
            if let Err(error) = self.renew(cluster).await {
                tracing::error!(error = &error as &dyn std::error::Error, "the lease could not be renewed");
            }
        }
    }

    async fn renew(&self, cluster: &dyn Cluster) -> Result<(), StoreError> {
        let local_lease = &self.inner.local_lease;
        let _asking = local_lease.asking.lock().await;
        if local_lease.has_ended() {
            return Ok(());
        }
        let asked = Instant::now();
        let held = cluster.renew(&local_lease.id).await?;
        let was_over = !held || !local_lease.holds();
        local_lease.renewed(asked, cluster.term(), was_over);
        if was_over {
            tracing::warn!("this replica's lease was over for a while; others may have taken its runs");
        }
        Ok(())
    }

    /// Looks for runs that nobody looks after, until the engine stops.
    async fn look_around(self) {
        let Some(cluster) = self.inner.store.cluster() else { return };
        let mut beats = beats(cluster);
        loop {
            tokio::select! {
                () = self.inner.stop.cancelled() => return,
                _ = beats.tick() => {}
            }
            if !self.inner.local_lease.holds() {
                continue;
            }
            let gone = self.inner.local_lease.gone(cluster.term());
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
    pub(crate) async fn take_over(&self, gone: ClaimScope) -> Result<(), StoreError> {
        // Whoever may be replaced itself takes nothing more.
        while self.inner.local_lease.holds() {
            let claimed = self.inner.store.claim(&self.inner.local_lease.id, gone, CLAIMS).await?;
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
                break;
            }
        }
        Ok(())
    }

    /// Lets the others go on at once.
    pub(crate) async fn leave(&self) {
        let Some(cluster) = self.inner.store.cluster() else { return };
        let local_lease = &self.inner.local_lease;
        // First here: whoever takes over may begin before the answer comes.
        local_lease.end();
        let goodbye = async {
            let _asking = local_lease.asking.lock().await;
            cluster.leave(&local_lease.id).await
        };
        match timeout(GOODBYE, goodbye).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "the lease could not be ended; it runs out");
            }
            Err(_) => tracing::warn!("the database does not answer; the lease runs out by itself"),
        }
    }
}

/// A lease is renewed, and the database looked through, at each of them.
fn beats(cluster: &dyn Cluster) -> Interval {
    let mut beats = interval(cluster.term() / RENEWALS);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    beats
}
