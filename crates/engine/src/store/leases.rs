//! Which of the running programs looks after a run.

use std::{fmt, time::Duration};

use async_trait::async_trait;
use model::{EventKind, RunId, RunStatus};

use super::{RunRow, StoreError, declare::store_trait};

/// One running program that looks after runs. A new one with each start.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ReplicaId(String);

impl ReplicaId {
    pub fn new(id: impl Into<String>) -> Self {
        Self(id.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReplicaId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Who holds a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lease {
    pub holder: ReplicaId,
    /// Grows whenever the run changes hands; writes of an earlier holder are refused.
    pub epoch: i64,
}

/// What a transition has to do with the run's lease.
#[derive(Clone, Debug)]
pub enum Hold {
    /// A person's act: whoever holds the run.
    Any,
    /// Only while the run is held like this: a holder that was replaced meanwhile writes nothing.
    Only(Lease),
    /// From now on this replica holds it.
    Take(ReplicaId),
}

/// An open run that a replica holds, as little as it takes to see whether somebody there looks after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    pub run: RunId,
    /// Submitting or pending.
    pub status: RunStatus,
    /// [`Lease::epoch`].
    pub lease: i64,
}

/// Whose runs may be claimed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClaimScope {
    /// Of holders that have said that they leave.
    Left,
    /// Also of those whose lease is over, as far as the claimer's own is not.
    Expired,
}

/// What several replicas on one database need to be one. The database's clock decides about leases.
#[async_trait]
pub trait Cluster: Send + Sync {
    /// How long a lease lasts after it was renewed.
    fn term(&self) -> Duration;

    /// Begins or renews the lease of a replica; one lease covers every run it holds.
    /// `false` when it was over, is new, or was taken away by a claim: others may have claimed runs meanwhile.
    async fn renew(&self, replica: &ReplicaId) -> Result<bool, StoreError>;

    /// Ends the lease, so that nobody waits for its end.
    async fn leave(&self, replica: &ReplicaId) -> Result<(), StoreError>;

    /// Where the sequence of all changes stands now.
    async fn position(&self) -> Result<Position, StoreError>;

    /// Every change committed since `position`, whoever made it, once and in the order of each run. Also the
    /// position to ask from next.
    async fn changes(&self, position: &Position) -> Result<(Vec<Change>, Position), StoreError>;

    /// The same for somebody who comes back with a position. None when there are more than `at_most`, and for what is
    /// no position of this sequence.
    async fn changes_since(&self, position: &Position, at_most: u32) -> Result<Option<Vec<Change>>, StoreError>;

    /// The name of this sequence; positions of another one mean nothing here. A restored database has another.
    async fn sequence(&self) -> Result<String, StoreError>;

    /// These runs as they are now, those that exist.
    async fn runs_of(&self, ids: &[RunId]) -> Result<Vec<RunRow>, StoreError>;

    /// Tells the other replicas that something has changed. May get lost.
    async fn notify(&self, from: &ReplicaId) -> Result<(), StoreError>;

    /// Hears what [`Self::notify`] tells.
    async fn listen(&self) -> Result<Box<dyn Notices>, StoreError>;
}

#[async_trait]
pub trait Notices: Send {
    /// Who tells of changes. None: the connection was lost for a while, so some may have been missed.
    async fn next(&mut self) -> Result<Option<ReplicaId>, StoreError>;
}

/// A place in the sequence of all changes; only the store can read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position(pub String);

/// A committed change of a run: its event.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Change {
    pub run: RunId,
    pub seq: i64,
    pub kind: EventKind,
}

store_trait! {
    /// Who looks after open runs.
    pub trait LeaseStore as forward_lease_store {
        /// Gives `replica` open runs (`submitting`, `pending`) whose holder is gone, at most `limit`: one holder's after the other's, oldest first.
        /// Where there is only ever one replica, every other one counts as gone.
        async fn claim(&self, replica: &ReplicaId, scope: ClaimScope, limit: u32) -> Result<Vec<RunRow>, StoreError>;
        /// The open runs that this replica holds.
        async fn held(&self, replica: &ReplicaId) -> Result<Vec<Held>, StoreError>;
    }
}
