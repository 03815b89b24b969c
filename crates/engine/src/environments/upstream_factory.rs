use std::sync::Arc;

use async_trait::async_trait;
use secrecy::SecretString;

use super::{EnvironmentKeys, EnvironmentSettings};
use crate::Upstream;

/// Why there can be no client for an environment, in words for who sets it up.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConnectError {
    /// The field of the form that is to blame: `base_url`, `instance_id`, `instance_key` or `org_key`.
    pub field: &'static str,
    pub message: String,
}

/// Makes the clients of environments that are added while the program runs. Whoever implements it may open keys.
#[async_trait]
pub trait UpstreamFactory: Send + Sync + 'static {
    /// A client of this environment; sends nothing.
    ///
    /// # Errors
    /// [`ConnectError`] for a setting or a key that cannot be used.
    fn connect(
        &self,
        settings: &EnvironmentSettings,
        keys: &EnvironmentKeys,
    ) -> Result<Arc<dyn Upstream>, ConnectError>;

    /// Whether somebody may give this address; looks its host up.
    ///
    /// # Errors
    /// [`ConnectError`] for one that leads where the server must not go, or would show the key to others.
    async fn check_address(&self, base_url: &str) -> Result<(), ConnectError>;

    /// A key's last characters, by which people tell keys apart: four, fewer of a short one.
    fn suffix(&self, key: &SecretString) -> String;
}
