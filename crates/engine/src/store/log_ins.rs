use model::{Millis, UserId};

use super::{AuditEntry, StoreError, declare::store_trait};

store_trait! {
    /// Failed log-ins, and the browsers that are known from earlier ones.
    pub trait LogInStore as forward_log_in_store {
        /// Remembers a failed log-in for each of `keys`, with what the audit trail says about it.
        async fn note_log_in_failure(
            &self,
            keys: &[String],
            at: Millis,
            audit: Vec<AuditEntry>,
        ) -> Result<(), StoreError>;
        /// How many failures since `since` each of `keys` has, in their order.
        async fn log_in_failures(&self, keys: &[String], since: Millis) -> Result<Vec<u32>, StoreError>;
        /// Whether this person has logged in with this browser since `since`.
        async fn is_known_browser(&self, fingerprint: &str, user: &UserId, since: Millis) -> Result<bool, StoreError>;
    }
}
