//! Reading the audit trail.

use model::{AuditAction, Page};

use crate::{
    Access, Engine, EngineError,
    policy::{self, Act},
    store::{AuditFilter, AuditRow},
};

/// Entries of one reading at most.
const MOST: u32 = 1_000;

impl Engine {
    /// Newest first.
    ///
    /// # Errors
    /// [`crate::Problem::Forbidden`] for whoever may not read it.
    pub async fn audit_trail(&self, who: &Access, filter: AuditFilter) -> Result<Page<AuditRow>, EngineError> {
        policy::check(who, Act::ReadAudit)?;
        let filter = AuditFilter { limit: filter.limit.clamp(1, MOST), ..filter };
        Ok(self.inner.store.audit_entries(&filter).await?)
    }

    /// To be called before entries leave the dashboard as a file; `what` says which.
    ///
    /// # Errors
    /// [`crate::Problem::Forbidden`] for whoever may not read it.
    pub async fn note_audit_export(&self, who: &Access, what: &str) -> Result<(), EngineError> {
        policy::check(who, Act::ReadAudit)?;
        let entry =
            self.audit(Some(&who.person), AuditAction::AuditExported, "audit:trail".to_owned(), what.to_owned());
        Ok(self.inner.store.record_audit(entry).await?)
    }
}
