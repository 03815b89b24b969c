//! Signed triggers (Standard Webhooks, HMAC-SHA256), §2.4.

use axum::http::HeaderMap;
use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::{read, reply::Refusal, state::State};

const MAX_AGE_S: i64 = 300;

/// Whether a request carries any signature header; then its key, if any, is not looked at.
#[must_use]
pub fn is_signed(headers: &HeaderMap) -> bool {
    ["webhook-id", "webhook-timestamp", "webhook-signature"].iter().any(|name| headers.contains_key(*name))
}

/// Checks the signature against every secret stored for the workflow.
///
/// # Errors
/// When none fits, or the timestamp is more than five minutes off.
pub fn verify(state: &State, instance: &str, workflow: &str, headers: &HeaderMap, body: &[u8]) -> Result<(), Refusal> {
    let header = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let (Some(id), Some(timestamp), Some(signatures)) =
        (header("webhook-id"), header("webhook-timestamp"), header("webhook-signature"))
    else {
        return Err(Refusal::unauthorized("Incomplete webhook signature headers"));
    };
    let seconds: i64 = timestamp.parse().map_err(|_| Refusal::unauthorized("Invalid webhook timestamp"))?;
    let now = state.now_ms().div_euclid(1000);
    if now.abs_diff(seconds) > MAX_AGE_S.unsigned_abs() {
        return Err(Refusal::unauthorized("Webhook timestamp is too old or too new"));
    }
    let mut content = format!("{id}.{timestamp}.").into_bytes();
    content.extend_from_slice(body);
    let world = read(&state.world);
    let fits = world
        .signing_secrets
        .iter()
        .filter(|stored| stored.process_instance_id == instance && stored.workflow_id == workflow)
        .any(|stored| signed_with(&stored.secret, &content, signatures));
    if fits { Ok(()) } else { Err(Refusal::unauthorized("Invalid webhook signature")) }
}

/// Whether one of the space-separated `v1,…` entries is the MAC of `content`; compared in constant time.
fn signed_with(secret: &str, content: &[u8], signatures: &str) -> bool {
    let Some(key) = key_bytes(secret) else {
        return false;
    };
    let Ok(mac) = Hmac::<Sha256>::new_from_slice(&key) else {
        return false;
    };
    let mac = mac.chain_update(content);
    signatures
        .split(' ')
        .filter_map(|entry| entry.strip_prefix("v1,"))
        .filter_map(|encoded| STANDARD.decode(encoded).ok())
        .any(|bytes| mac.clone().verify_slice(&bytes).is_ok())
}

/// The key that a stored secret stands for; nothing if it stands for none.
#[must_use]
pub fn key_bytes(secret: &str) -> Option<Vec<u8>> {
    STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok().filter(|key| !key.is_empty())
}
