use model::Millis;

use super::{StoreError, declare::store_trait};

/// What a run can lose when it is old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prunable {
    Results,
    Events,
}

store_trait! {
    /// Removing what is old.
    pub trait RetentionStore as forward_retention_store {
        /// Removes what is old of at most `limit` runs that ended before `ended_before`, with one audit entry when
        /// there was anything; of how many runs. The runs themselves stay.
        async fn prune(&self, what: Prunable, ended_before: Millis, limit: u32, at: Millis) -> Result<u64, StoreError>;
        /// Removes sessions that expired before `before`.
        async fn prune_sessions(&self, before: Millis) -> Result<(), StoreError>;
    }
}
