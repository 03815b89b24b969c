use model::{EnvSlug, Grant, GrantTarget, GrantVerbs, Grantee, Group, GroupId, Millis, UserId, WorkflowId};

use super::{AuditEntry, StoreError, declare::store_trait};

/// Everything that widens what one person sees.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Granted {
    /// To them, or to a group they are in.
    pub grants: Vec<(GrantTarget, GrantVerbs)>,
    /// Workflows in which whoever runs them sees everybody's runs.
    pub shared: Vec<(EnvSlug, WorkflowId)>,
}

#[derive(Clone, Debug)]
pub struct NewGroup {
    pub id: GroupId,
    pub name: String,
    pub at: Millis,
}

store_trait! {
    /// Who was granted what. Every change raises the version of the rights.
    pub trait GrantStore as forward_grant_store {
        /// In one query: it is asked with every request of somebody who has grants.
        async fn granted(&self, person: &UserId) -> Result<Granted, StoreError>;
        /// All grants, in the order of targets.
        async fn grants(&self) -> Result<Vec<Grant>, StoreError>;
        /// Adds a grant or replaces its verbs; `false` when there is no such person or group.
        async fn put_grant(&self, grant: Grant, audit: AuditEntry) -> Result<bool, StoreError>;
        /// `false` when there was none.
        async fn remove_grant(&self, to: &Grantee, target: &GrantTarget, audit: AuditEntry) -> Result<bool, StoreError>;
        /// All groups with their members, by name.
        async fn groups(&self) -> Result<Vec<Group>, StoreError>;
        /// `false` when the name is taken. Names compare without case.
        async fn create_group(&self, group: NewGroup, audit: AuditEntry) -> Result<bool, StoreError>;
        /// With its grants; `false` when there was none.
        async fn remove_group(&self, id: &GroupId, audit: AuditEntry) -> Result<bool, StoreError>;
        /// `false` when there is no such group or person.
        async fn add_member(&self, group: &GroupId, person: &UserId, audit: AuditEntry) -> Result<bool, StoreError>;
        /// `false` when they were not in it.
        async fn remove_member(&self, group: &GroupId, person: &UserId, audit: AuditEntry) -> Result<bool, StoreError>;
        /// Whether whoever runs this workflow sees everybody's runs of it.
        async fn runs_shared(&self, environment: &EnvSlug, workflow: &WorkflowId) -> Result<bool, StoreError>;
        async fn share_runs(
            &self,
            environment: &EnvSlug,
            workflow: &WorkflowId,
            shared: bool,
            audit: AuditEntry,
        ) -> Result<(), StoreError>;
    }
}
