//! What makes the audit trail hard to forge.
//!
//! Each entry carries a message authentication code (MAC), made before the transaction that writes it. Within a
//! second a sealer numbers the new entries and puts a seal over them; each seal covers the one before it.
//! [`Verifier`] walks the whole chain. The key is made of the master key, which is not in the database.

mod entry;
mod key;
mod seal;
mod verify;

use std::path::PathBuf;

use engine::StoreError;

pub use entry::Sealable;
pub use key::{AuditKey, MasterKey, MasterKeyError};
pub use seal::{Head, Seal};
pub use verify::{Fault, Report, Verifier};

/// Why the database cannot be written with this master key; one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum UnlockError {
    #[error(transparent)]
    Key(#[from] MasterKeyError),
    #[error("the master key {0} is not the one this database was written with; put that one back")]
    OtherKey(PathBuf),
    #[error(transparent)]
    Store(#[from] StoreError),
}
