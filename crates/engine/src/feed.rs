//! Live updates on a shared database: whoever has made a change, it is told from the database, in one order.
//!
//! A notice from another replica, or a change of our own, only says that it is time to look. One that is lost
//! costs [`CATCH_UP`].

use std::{collections::HashSet, time::Duration};

use model::{RunId, RunStatus};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Engine,
    store::{Change, Cluster, Notices, Position},
};

/// How often to look without any sign of a change.
const CATCH_UP: Duration = Duration::from_millis(1_500);
/// Others are told of all changes in such a time at once.
const COALESCE: Duration = Duration::from_millis(50);
/// How long to wait for a database that is away.
const PAUSE: Duration = Duration::from_secs(1);

#[derive(Default)]
pub struct Feed {
    changed: Notify,
    others: Notify,
}

impl Feed {
    /// Something has changed here.
    pub fn wake(&self) {
        self.changed.notify_one();
        self.others.notify_one();
    }
}

impl Engine {
    /// Tells listeners here of every change behind `from`, and the other replicas of ours.
    pub(crate) fn follow(&self, from: Position) {
        tokio::spawn(self.clone().tell(from));
        tokio::spawn(self.clone().hear());
        tokio::spawn(self.clone().tell_others());
    }

    async fn tell(self, mut position: Position) {
        let Some(cluster) = self.inner.store.cluster() else { return };
        let mut told = HashSet::new();
        let mut due = Instant::now();
        loop {
            tokio::select! {
                () = self.inner.stop.cancelled() => return,
                () = self.inner.feed.changed.notified() => {}
                () = sleep_until(due) => {}
            }
            due = Instant::now() + CATCH_UP;
            match self.pull(cluster, &position, &mut told).await {
                Ok(next) => position = next,
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "changes could not be read");
                }
            }
        }
    }

    /// Tells what is new since `position`; `told` holds what was told of it already.
    async fn pull(
        &self,
        cluster: &dyn Cluster,
        position: &Position,
        told: &mut HashSet<(RunId, i64)>,
    ) -> Result<Position, crate::StoreError> {
        let changes = cluster.changes(position).await?;
        let mut seen = HashSet::with_capacity(changes.events.len());
        for change in changes.events {
            let key = (change.run().clone(), change.event.seq);
            if !told.contains(&key) {
                self.tell_one(change).await;
            }
            seen.insert(key);
        }
        if changes.more {
            told.extend(seen);
            self.inner.feed.changed.notify_one();
        } else {
            // What did not come again will not come any more.
            *told = seen;
        }
        Ok(changes.next)
    }

    async fn tell_one(&self, change: Change) {
        let run = &change.event.run;
        // Somebody else has moved it on or looks after it now.
        if run.status != RunStatus::Pending || change.lease.holder != self.inner.tenure.id {
            self.inner.watcher.forget(&run.id, change.event.seq).await;
        }
        // Fails only while nobody listens.
        let _ = self.inner.events.send(change.event);
    }

    async fn hear(self) {
        let Some(cluster) = self.inner.store.cluster() else { return };
        let listening = async {
            loop {
                if let Err(error) = self.hear_from(cluster).await {
                    tracing::warn!(error = &error as &dyn std::error::Error, "notices of other replicas are not heard");
                    sleep(PAUSE).await;
                }
            }
        };
        tokio::select! {
            () = self.inner.stop.cancelled() => {}
            () = listening => {}
        }
    }

    async fn hear_from(&self, cluster: &dyn Cluster) -> Result<(), crate::StoreError> {
        let mut notices: Box<dyn Notices> = cluster.listen().await?;
        loop {
            if notices.next().await?.as_ref() != Some(&self.inner.tenure.id) {
                self.inner.feed.changed.notify_one();
            }
        }
    }

    /// Tells the other replicas, at most once in [`COALESCE`]. While the last changes are still being stored the
    /// engine may be stopping already; then others find them by themselves.
    async fn tell_others(self) {
        let Some(cluster) = self.inner.store.cluster() else { return };
        loop {
            tokio::select! {
                () = self.inner.over.cancelled() => return,
                () = self.inner.feed.others.notified() => {}
            }
            if let Err(error) = cluster.notify(&self.inner.tenure.id).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "other replicas were not told of a change");
            }
            sleep(COALESCE).await;
        }
    }
}
