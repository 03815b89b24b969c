//! Changes of what somebody may do, wherever they were made.

use tokio::sync::watch;

use crate::{Engine, StoreError};

impl Engine {
    /// Changes whenever somebody's rights may have: whoever let a reader in asks again.
    pub fn rights(&self) -> watch::Receiver<i64> {
        self.inner.rights.subscribe()
    }

    /// Looks whether another process has changed rights; to be called about once a second.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn look_at_rights(&self) -> Result<(), StoreError> {
        let version = self.inner.store.rights_version().await?;
        self.inner.rights.send_if_modified(|known| std::mem::replace(known, version) != version);
        Ok(())
    }

    /// After a change of our own: nobody here waits for the next look.
    pub(crate) async fn rights_changed(&self) {
        if let Err(error) = self.look_at_rights().await {
            // It is done and stored; the next look finds it.
            tracing::warn!(error = &error as &dyn std::error::Error, "a change of rights was not told at once");
        }
    }
}
