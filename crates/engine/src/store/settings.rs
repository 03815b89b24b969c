use super::{AuditEntry, StoreError, declare::store_trait};

store_trait! {
    /// Settings that are made in the dashboard.
    pub trait SettingStore as forward_setting_store {
        async fn setting(&self, name: &str) -> Result<Option<String>, StoreError>;
        /// None: as if it had never been set.
        async fn set_setting(&self, name: &str, value: Option<String>, audit: AuditEntry) -> Result<(), StoreError>;
    }
}
