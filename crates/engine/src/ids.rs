//! New ids and secrets.

use std::hash::{BuildHasher, Hasher, RandomState};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use model::{GroupId, LinkId, RunId, TokenId, UserId};
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

pub fn environment() -> String {
    sortable()
}

pub fn group() -> GroupId {
    GroupId::parse(sortable()).unwrap_or_else(|_| unreachable!("26 characters of the alphabet are a group's id"))
}

pub fn token() -> TokenId {
    TokenId::parse(sortable()).unwrap_or_else(|_| unreachable!("26 characters of the alphabet are a token's id"))
}

pub fn link() -> LinkId {
    LinkId::parse(sortable()).unwrap_or_else(|_| unreachable!("26 characters of the alphabet are a link's id"))
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

/// Uniform in 0..1, for what must not happen in step. No secret.
pub fn jitter() -> f64 {
    let bits = RandomState::new().build_hasher().finish();
    (bits >> 11) as f64 / (1u64 << 53) as f64
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
    fn luck_is_spread_over_its_range() {
        let draws: Vec<f64> = (0..1_000).map(|_| jitter()).collect();
        assert!(draws.iter().all(|jitter| (0.0..1.0).contains(jitter)));
        assert!((1..=9).all(|tenth| draws.iter().any(|jitter| (jitter * 10.0) as u32 == tenth)));
    }

    #[test]
    fn secrets_differ_and_are_stored_as_fingerprints() {
        let (a, b) = (secret(), secret());
        assert_ne!(a, b);
        assert_eq!(a.len(), 43);
        assert_ne!(fingerprint(&a), a);
    }
}
