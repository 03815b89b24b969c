//! Finding the runs of ours that nobody looks after: what was stored although the answer of the database was lost.
//!
//! A write whose answer was lost may have been done, and may be done seconds later. Then a run is ours, and neither
//! a dispatch nor the watcher knows it. So the database is asked which open runs we hold: soon after each write that
//! seemed to fail, and now and then anyway.

use std::{error::Error, time::Duration};

use model::{RunId, RunStatus};
use tokio::time::{Instant, sleep_until};

use crate::{
    Engine, StoreError,
    in_flight::Flight,
    store::{Held, RunRow},
};

/// How often to look without any reason.
const USUALLY: Duration = Duration::from_secs(60);
/// How often to look after a write seemed to fail, and for how long: the database may do it late.
const SOON: Duration = Duration::from_secs(2);
const DOUBT: Duration = Duration::from_secs(20);

impl Engine {
    /// A write seemed to fail. Whatever it was about may be ours now.
    pub(crate) fn in_doubt(&self) {
        self.inner.doubt.notify_one();
    }

    /// The same about a new attempt, which then nobody sends; `lease` is its number if it was stored.
    pub(crate) fn attempt_in_doubt(&self, flight: &Flight, lease: i64) {
        flight.not_stored(lease);
        self.in_doubt();
    }

    /// Looks for orphaned runs until the engine stops.
    pub(crate) async fn look_for_runs(self) {
        let mut due = Instant::now() + USUALLY;
        let mut doubtful_until = Instant::now();
        loop {
            tokio::select! {
                () = self.inner.stop.cancelled() => return,
                () = self.inner.doubt.notified() => {
                    let now = Instant::now();
                    due = due.min(now + SOON);
                    doubtful_until = now + DOUBT;
                    continue;
                }
                () = sleep_until(due) => {}
            }
            // In a task of its own: a panic ends this look, and not all that come after it.
            let looking = self.clone();
            let failed: Option<Box<dyn Error + Send + Sync>> =
                match tokio::spawn(async move { looking.take_up().await }).await {
                    Ok(Ok(())) => None,
                    Ok(Err(error)) => Some(error.into()),
                    Err(panic) => Some(panic.into()),
                };
            if let Some(error) = failed {
                tracing::error!(error = &*error, "our own runs could not be looked through");
            }
            let now = Instant::now();
            due = now + if doubtful_until > now { SOON } else { USUALLY };
        }
    }

    /// Goes on with each run of ours that nobody looks after.
    async fn take_up(&self) -> Result<(), StoreError> {
        let held = self.inner.store.held(&self.inner.local_lease.id).await?;
        // Whoever holds it in flight passes it on before letting go; so what nobody holds in flight now is known to the
        // watcher, or to nobody.
        let orphans: Vec<Held> = held.into_iter().filter(|held| !self.inner.in_flight.has(&held.run)).collect();
        let (submitting, pending): (Vec<_>, Vec<_>) =
            orphans.into_iter().partition(|held| held.status == RunStatus::Submitting);
        for held in submitting {
            if let Some(row) = self.still_ours(&held.run, RunStatus::Submitting).await? {
                self.settle_orphan(row).await?;
            }
        }
        for run in self.inner.watcher.unknown(pending).await {
            if let Some(row) = self.still_ours(&run, RunStatus::Pending).await? {
                tracing::warn!(run = %run, "nobody watched this run; it is watched now");
                self.announce_newest(&row).await?;
                self.inner.watcher.watch(&row, self.now()).await;
            }
        }
        Ok(())
    }

    /// Its newest change was never told, for want of an answer.
    async fn announce_newest(&self, row: &RunRow) -> Result<(), StoreError> {
        if let Some(newest) = self.inner.store.events(&row.summary.id).await?.last() {
            self.announce(row, newest.kind);
        }
        Ok(())
    }

    async fn still_ours(&self, run: &RunId, status: RunStatus) -> Result<Option<RunRow>, StoreError> {
        let row = self.inner.store.run(run).await?;
        let ours = |row: &RunRow| row.summary.status == status && row.lease.holder == self.inner.local_lease.id;
        // Asked after the row was read: this very attempt may have been marked in flight meanwhile.
        Ok(row.filter(ours).filter(|_| !self.inner.in_flight.has(run)))
    }

    /// An attempt of which it is known that nobody here sent it was not sent. Any other one may have been: by a
    /// replica that is gone, or by a dispatch that broke off.
    async fn settle_orphan(&self, row: RunRow) -> Result<(), StoreError> {
        tracing::warn!(run = %row.summary.id, "nobody is sending this run");
        if self.inner.in_flight.is_unsent(&row.summary.id, row.lease.epoch) {
            self.drop_unsent(&row).await
        } else {
            self.interrupt(row).await
        }
    }
}
