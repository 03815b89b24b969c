use model::{EnvSlug, Millis};
use secrecy::SecretString;

use super::{AuditEntry, StoreError, declare::store_trait};
use crate::environments::{EnvironmentSettings, KeySlot};

/// All environments that people have added, at one moment.
#[derive(Debug)]
pub struct StoredEnvironments {
    /// Rises with every change of any of them.
    pub version: i64,
    pub rows: Vec<EnvironmentRow>,
}

#[derive(Clone, Debug)]
pub struct EnvironmentRow {
    /// Never used again, unlike the slug.
    pub id: String,
    pub settings: EnvironmentSettings,
    /// Rises with every change of it, of its keys too.
    pub revision: i64,
    pub keys: Vec<StoredKey>,
    pub created_at: Millis,
    pub updated_at: Millis,
}

#[derive(Clone, Debug)]
pub struct StoredKey {
    pub slot: KeySlot,
    /// None when it cannot be opened.
    pub secret: Option<SecretString>,
    pub suffix: String,
    pub set_at: Millis,
    /// As far as Codika has said.
    pub expires_at: Option<Millis>,
}

#[derive(Clone, Debug)]
pub struct NewKey {
    pub slot: KeySlot,
    pub secret: SecretString,
    pub suffix: String,
    pub expires_at: Option<Millis>,
}

#[derive(Clone, Debug)]
pub struct NewEnvironmentRow {
    pub id: String,
    pub settings: EnvironmentSettings,
    pub keys: Vec<NewKey>,
    pub at: Millis,
}

/// What becomes of an environment's keys.
#[derive(Clone, Debug)]
pub enum KeyChange {
    Keep,
    /// These; the other one stays.
    Replace(Vec<NewKey>),
    /// These alone.
    All(Vec<NewKey>),
}

/// Its slug never changes.
#[derive(Clone, Debug)]
pub struct EnvironmentChange {
    pub id: String,
    /// The one that the change was made from.
    pub revision: i64,
    pub settings: EnvironmentSettings,
    /// Keys are sealed for the base URL: with another one none can be kept.
    pub keys: KeyChange,
    pub at: Millis,
}

store_trait! {
    /// Environments that people have added.
    pub trait EnvironmentStore as forward_environment_store {
        /// As in [`StoredEnvironments::version`].
        async fn environments_version(&self) -> Result<i64, StoreError>;
        async fn environments(&self) -> Result<StoredEnvironments, StoreError>;
        /// `false` when the slug is taken.
        async fn add_environment(&self, new: NewEnvironmentRow, audit: AuditEntry) -> Result<bool, StoreError>;
        /// `false` when it has another revision by now, or is gone.
        async fn change_environment(&self, change: EnvironmentChange, audit: AuditEntry) -> Result<bool, StoreError>;
        /// Also what was kept and added by hand for it, but none of its runs. `false` when it was not there.
        async fn remove_environment(&self, id: &str, slug: &EnvSlug, audit: AuditEntry) -> Result<bool, StoreError>;
    }
}
