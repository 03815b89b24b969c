use model::{AuditAction, Millis, UserId};

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

store_trait! {
    /// The audit trail.
    pub trait AuditStore as forward_audit_store {
        /// Puts audit entries that have none under a seal; how many. Fewer than were waiting when they are very many.
        async fn seal_audit(&self, at: Millis) -> Result<u64, StoreError>;
    }
}
