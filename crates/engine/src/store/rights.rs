use super::{StoreError, declare::store_trait};

store_trait! {
    /// Changes of what somebody may do, of whatever process on this database.
    pub trait RightsStore as forward_rights_store {
        /// Rises with every such change, in its transaction.
        async fn rights_version(&self) -> Result<i64, StoreError>;
    }
}
