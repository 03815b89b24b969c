//! What makes the audit trail hard to forge.
//!
//! Each entry carries a message authentication code (MAC), made before the transaction that writes it. Within a
//! second a sealer numbers the new entries and puts a seal over them; each seal covers the one before it.
//! [`Verifier`] walks the whole chain. The keys are made of the master keys, which are not in the database; each
//! entry and each seal says which.

mod entry;
mod key;
mod seal;
mod verify;

pub use entry::Sealable;
pub use key::{AuditKey, AuditKeys, authenticate, hex};
pub use seal::{Head, Seal};
pub use verify::{Fault, Report, Verifier};
