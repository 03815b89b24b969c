//! Live updates on a shared database: whoever has made a change, it is told from the database, in one order.
//!
//! A notice from another replica, or a change of our own, only says that it is time to look. One that is lost
//! costs [`CATCH_UP`].

use std::{
    collections::{HashMap, HashSet},
    time::Duration,
};

use model::{LiveEvent, RunId, RunStatus};
use tokio::{
    sync::Notify,
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Engine, StoreError,
    store::{Change, Cluster, Notices, Position, RunRow},
};

/// How often to look without any sign of a change.
const CATCH_UP: Duration = Duration::from_millis(1_500);
/// Others are told of all changes in such a time at once.
const COALESCE: Duration = Duration::from_millis(50);
/// Runs that are read at once.
const AT_ONCE: usize = 500;
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
                Ok(next) => {
                    position = next;
                    told.clear();
                }
                Err(error) => {
                    tracing::error!(error = &error as &dyn std::error::Error, "changes could not be read");
                }
            }
        }
    }

    /// Tells what is new since `position`; `told` holds what was told of it by an attempt that broke off.
    async fn pull(
        &self,
        cluster: &dyn Cluster,
        position: &Position,
        told: &mut HashSet<Change>,
    ) -> Result<Position, StoreError> {
        let (changes, next) = cluster.changes(position).await?;
        let new: Vec<&Change> = changes.iter().filter(|change| !told.contains(*change)).collect();
        for some in new.chunks(AT_ONCE) {
            let mut ids: Vec<RunId> = some.iter().map(|change| change.run.clone()).collect();
            ids.dedup();
            let rows = cluster.runs_of(&ids).await?;
            let rows: HashMap<&RunId, &RunRow> = rows.iter().map(|row| (&row.summary.id, row)).collect();
            for change in some {
                if let Some(row) = rows.get(&change.run) {
                    self.tell_one(change, row).await;
                }
                told.insert((*change).clone());
            }
        }
        Ok(next)
    }

    async fn tell_one(&self, change: &Change, row: &RunRow) {
        // Somebody else has moved it on or looks after it now.
        if row.summary.status != RunStatus::Pending || row.lease.holder != self.inner.tenure.id {
            self.inner.watcher.forget(row).await;
        }
        let event = LiveEvent { run: row.summary.clone(), seq: change.seq, kind: change.kind.clone() };
        // Fails only while nobody listens.
        let _ = self.inner.events.send(event);
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

    async fn hear_from(&self, cluster: &dyn Cluster) -> Result<(), StoreError> {
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
