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
    sync::{Notify, watch},
    time::{Instant, sleep, sleep_until},
};

use crate::{
    Access, Engine, StoreError,
    policy::{self, Act},
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
/// Bytes of a place; what names more open transactions is not given to readers.
const LONGEST_PLACE: usize = 200;

#[derive(Default)]
pub struct Feed {
    changed: Notify,
    others: Notify,
    /// Up to where everything was told, for those who go on at another replica.
    place: watch::Sender<Option<String>>,
}

impl Feed {
    /// Something has changed here.
    pub fn wake(&self) {
        self.changed.notify_one();
        self.others.notify_one();
    }

    fn reached(&self, sequence: &str, position: &Position) {
        let place = format!("{sequence}/{}", position.0);
        self.place.send_replace((place.len() <= LONGEST_PLACE).then_some(place));
    }
}

impl Engine {
    /// On a shared database: a place in the sequence of all changes up to which [`Self::events`] has told everything.
    pub fn place(&self) -> watch::Receiver<Option<String>> {
        self.inner.feed.place.subscribe()
    }

    /// What this person may see of the changes after a place of any replica. None when there are more than `at_most`
    /// changes, and for what is no place in this database's sequence.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn changes_since(
        &self,
        who: &Access,
        place: &str,
        at_most: u32,
    ) -> Result<Option<Vec<LiveEvent>>, StoreError> {
        let Some(cluster) = self.inner.store.cluster() else { return Ok(None) };
        let Some((sequence, position)) = place.split_once('/') else { return Ok(None) };
        if place.len() > LONGEST_PLACE || sequence != cluster.sequence().await? {
            return Ok(None);
        }
        let Some(changes) = cluster.changes_since(&Position(position.to_owned()), at_most).await? else {
            return Ok(None);
        };
        let mut told = Vec::new();
        for some in changes.chunks(AT_ONCE) {
            let rows = runs_of(cluster, some).await?;
            told.extend(as_told(some, &rows).map(|(event, _)| event));
        }
        told.retain(|event| policy::allows(who, Act::See(&event.run)));
        Ok(Some(told))
    }

    /// Tells listeners here of every change behind `from`, and the other replicas of ours.
    pub(crate) fn follow(&self, from: Position) {
        tokio::spawn(self.clone().tell(from));
        tokio::spawn(self.clone().hear());
        tokio::spawn(self.clone().tell_others());
    }

    async fn tell(self, mut position: Position) {
        let Some(cluster) = self.inner.store.cluster() else { return };
        let sequence = cluster.sequence().await.inspect_err(|error| {
            let error = error as &dyn std::error::Error;
            tracing::warn!(error, "whoever follows all runs reads again after coming from another replica");
        });
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
                    if let Ok(sequence) = &sequence {
                        self.inner.feed.reached(sequence, &position);
                    }
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
        let new: Vec<Change> = changes.into_iter().filter(|change| !told.contains(change)).collect();
        for some in new.chunks(AT_ONCE) {
            let rows = runs_of(cluster, some).await?;
            for (event, row) in as_told(some, &rows) {
                // Somebody else has moved it on or looks after it now.
                if row.summary.status != RunStatus::Pending || row.lease.holder != self.inner.local_lease.id {
                    self.inner.watcher.forget(row).await;
                }
                // Fails only while nobody listens.
                let _ = self.inner.events.send(event);
            }
            told.extend(some.iter().cloned());
        }
        Ok(next)
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
            if notices.next().await?.as_ref() != Some(&self.inner.local_lease.id) {
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
            if let Err(error) = cluster.notify(&self.inner.local_lease.id).await {
                tracing::warn!(error = &error as &dyn std::error::Error, "other replicas were not told of a change");
            }
            sleep(COALESCE).await;
        }
    }
}

/// The runs of these changes as they are now.
async fn runs_of(cluster: &dyn Cluster, changes: &[Change]) -> Result<Vec<RunRow>, StoreError> {
    let mut ids: Vec<RunId> = changes.iter().map(|change| change.run.clone()).collect();
    ids.dedup();
    cluster.runs_of(&ids).await
}

/// Changes as readers are told them; those of runs that are gone are left out.
fn as_told<'a>(changes: &'a [Change], rows: &'a [RunRow]) -> impl Iterator<Item = (LiveEvent, &'a RunRow)> {
    let rows: HashMap<&RunId, &RunRow> = rows.iter().map(|row| (&row.summary.id, row)).collect();
    changes.iter().filter_map(move |change| {
        let row = *rows.get(&change.run)?;
        Some((LiveEvent { run: row.summary.clone(), seq: change.seq, kind: change.kind }, row))
    })
}
