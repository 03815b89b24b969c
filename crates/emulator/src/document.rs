//! Files that workflows put out.

use sha2::{Digest, Sha256};

use crate::hex;

/// The id of a file: the same for the same file of the same execution.
#[must_use]
pub fn document_id(execution: &str, name: &str, bytes: &[u8]) -> String {
    let digest = Sha256::new()
        .chain_update(execution)
        .chain_update([0])
        .chain_update(name)
        .chain_update([0])
        .chain_update(bytes)
        .finalize();
    format!("doc_{}", &hex(&digest)[..20])
}

/// Where the platform would keep it.
#[must_use]
pub fn storage_path(execution: &str, document: &str, name: &str) -> String {
    format!("executions/{execution}/{document}/{name}")
}
