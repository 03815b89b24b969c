//! What the engine asks of a database: one trait a noun, and [`Store`], their sum. One implementation lives in the
//! crate `store`.
//!
//! Every method is one transaction: either all of it is durable when it returns `Ok`, or nothing is.

mod accounts;
mod audit;
mod catalog;
mod declare;
mod environments;
mod grants;
mod leases;
mod links;
mod log_ins;
mod retention;
mod rights;
mod runs;
mod sessions;
mod settings;
mod tokens;

use std::error::Error;

use async_trait::async_trait;

pub use accounts::{AccountStore, Changed, NewUser, UserChange, UserRow};
pub use audit::{AuditEntry, AuditFilter, AuditRow, AuditStore};
pub use catalog::{AddedWorkflow, CatalogStore};
pub use environments::{
    EnvironmentChange, EnvironmentRow, EnvironmentStore, KeyChange, NewEnvironmentRow, NewKey, StoredEnvironments,
    StoredKey,
};
pub use grants::{GrantStore, Granted, NewGroup};
pub use leases::{Change, ClaimScope, Cluster, Held, Hold, Lease, LeaseStore, Notices, Position, ReplicaId};
pub use links::{LinkPurpose, LinkRow, LinkStore, LinkUse};
pub use log_ins::LogInStore;
pub use retention::{Prunable, RetentionStore};
pub use rights::RightsStore;
pub use runs::{
    AgainFor, Applied, Attempt, Created, Event, NewRun, RerunStore, RunFilter, RunLists, RunRow, RunStore, Set,
    Transition,
};
pub use sessions::{LastUse, NewSession, SessionRow, SessionStore};
pub use settings::SettingStore;
pub use tokens::{TokenRow, TokenStore};

/// The database refused or could not be reached; nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("{context}")]
pub struct StoreError {
    pub context: &'static str,
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

/// A whole database.
#[async_trait]
pub trait Store:
    RunStore
    + RunLists
    + RerunStore
    + LeaseStore
    + CatalogStore
    + EnvironmentStore
    + AccountStore
    + SessionStore
    + TokenStore
    + LogInStore
    + LinkStore
    + GrantStore
    + RightsStore
    + SettingStore
    + AuditStore
    + RetentionStore
{
    /// Answers when the database can be read and written.
    async fn ping(&self) -> Result<(), StoreError>;

    /// What replicas need that share this database; none where there is only ever one.
    fn cluster(&self) -> Option<&dyn Cluster> {
        None
    }
}
