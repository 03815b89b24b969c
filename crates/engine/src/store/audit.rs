use model::{AuditAction, AuditKind, Millis, Page, UserId};

use super::{StoreError, declare::store_trait};

#[derive(Clone, Debug)]
pub struct AuditEntry {
    pub at: Millis,
    /// None: the program itself.
    pub actor: Option<UserId>,
    pub action: AuditAction,
    /// What it was done to, as `kind:id`.
    pub subject: String,
    pub detail: String,
}

/// An entry as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditRow {
    pub id: i64,
    /// Its place in the sealed trail; none while it waits for its seal.
    pub position: Option<i64>,
    pub at: Millis,
    pub actor: Option<UserId>,
    /// None also for an actor whose account is not there.
    pub actor_name: Option<String>,
    /// The word as it is stored: that of a newer version is none of [`AuditAction`].
    pub action: String,
    pub subject: String,
    pub detail: String,
}

/// Which entries a reading has; every condition narrows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AuditFilter {
    pub actor: Option<UserId>,
    pub kind: Option<AuditKind>,
    /// What it was done to, as `kind:id`.
    pub subject: Option<String>,
    pub since: Option<Millis>,
    pub until: Option<Millis>,
    /// Continue behind this entry (its id).
    pub before: Option<i64>,
    pub limit: u32,
}

store_trait! {
    /// The audit trail.
    pub trait AuditStore as forward_audit_store {
        /// Newest first. The mark of the next page is the id of the last entry.
        async fn audit_entries(&self, filter: &AuditFilter) -> Result<Page<AuditRow>, StoreError>;
        /// One entry by itself: of something that changes nothing else.
        async fn record_audit(&self, entry: AuditEntry) -> Result<(), StoreError>;
        /// Puts audit entries that have none under a seal; how many. Fewer than were waiting when they are very many.
        async fn seal_audit(&self, at: Millis) -> Result<u64, StoreError>;
    }
}
