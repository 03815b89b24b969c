//! What makes the audit trail hard to forge.
//!
//! Each entry carries a message authentication code (MAC), made in the transaction that writes it. Within a
//! second a sealer numbers the new entries and puts a seal over them; each seal covers the one before it.
//! [`verify`](Verifier) walks the whole chain. The key is made of the master key, which is not in the database.

mod entry;
mod key;
mod seal;
mod verify;

pub use entry::{Mac, Sealable};
pub use key::{AuditKey, MasterKey, MasterKeyError};
pub use seal::{Head, Seal};
pub use verify::{Fault, Report, Verifier};
