use model::{EnvSlug, WorkflowId};

use super::{AuditEntry, StoreError, declare::store_trait};

/// A workflow that an operator added by its id.
#[derive(Clone, Debug, PartialEq)]
pub struct AddedWorkflow {
    pub environment: EnvSlug,
    pub id: WorkflowId,
    pub name: String,
    pub description: String,
    /// The form schema as the operator gave it, JSON text.
    pub schema: Option<String>,
}

store_trait! {
    /// Workflows.
    pub trait CatalogStore as forward_catalog_store {
        /// What Codika last told about this instance, as it was kept.
        async fn offers(&self, environment: &EnvSlug, instance: &str) -> Result<Option<String>, StoreError>;
        /// Keeps it in place of what was kept for this environment before.
        async fn keep_offers(&self, environment: &EnvSlug, instance: &str, answers: String) -> Result<(), StoreError>;
        async fn added_workflows(&self, environment: &EnvSlug) -> Result<Vec<AddedWorkflow>, StoreError>;
        /// Adds or replaces, together with its audit entry.
        async fn put_workflow(&self, workflow: AddedWorkflow, audit: AuditEntry) -> Result<(), StoreError>;
        /// `false` when there was none.
        async fn remove_workflow(
            &self,
            environment: &EnvSlug,
            id: &WorkflowId,
            audit: AuditEntry,
        ) -> Result<bool, StoreError>;
    }
}
