//! New ids and secrets.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{RunId, UserId};
use sha2::{Digest, Sha256};

use crate::store::ReplicaId;

const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A UUID version 7 in Crockford's base 32: sorts by time of creation.
fn sortable() -> String {
    let bits = uuid::Uuid::now_v7().as_u128();
    (0..26).rev().map(|i| char::from(CROCKFORD[(bits >> (i * 5)) as usize & 31])).collect()
}

pub fn run() -> RunId {
    RunId::parse(sortable()).unwrap_or_else(|_| unreachable!("26 characters of the alphabet are a run id"))
}

pub fn user() -> UserId {
    UserId::parse(sortable()).unwrap_or_else(|_| unreachable!("26 characters of the alphabet are a user id"))
}

pub fn replica() -> ReplicaId {
    ReplicaId::new(sortable())
}

/// 256 random bits as 43 URL-safe characters.
pub fn secret() -> String {
    let mut bytes = [0u8; 32];
    // Without the system's random source nothing here can be safe.
    getrandom::fill(&mut bytes).unwrap_or_else(|error| panic!("the system's random source failed: {error}"));
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A key for one form: its submission becomes one run, however often it is sent.
pub fn draft_key() -> String {
    secret().chars().take(22).collect()
}

/// The form in which secrets that only need to be recognised are stored.
pub fn fingerprint(secret: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(secret.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn run_ids_are_valid_and_sort_by_age() {
        let ids: Vec<_> = (0..100).map(|_| run()).collect();
        assert!(ids.is_sorted());
    }

    #[test]
    fn secrets_differ_and_are_stored_as_fingerprints() {
        let (a, b) = (secret(), secret());
        assert_ne!(a, b);
        assert_eq!(a.len(), 43);
        assert_ne!(fingerprint(&a), a);
    }
}
