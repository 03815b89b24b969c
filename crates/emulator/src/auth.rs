//! Who may do what: keys, scopes, instances.

use axum::http::{HeaderMap, Uri};
use subtle::ConstantTimeEq;

use crate::{
    read,
    reply::Refusal,
    state::State,
    world::{Instance, Key, KeyKind},
    write,
};

/// The key of a request, found by header or, where `in_query` allows it, by `?api_key=`.
///
/// # Errors
/// When there is none, or the one there is does not open anything.
pub fn authenticate(state: &State, headers: &HeaderMap, uri: &Uri, in_query: bool) -> Result<Key, Refusal> {
    let presented = ["x-api-key", "x-process-manager-key"]
        .iter()
        .find_map(|name| headers.get(*name))
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .or_else(|| in_query.then(|| from_query(uri)).flatten())
        .filter(|key| !key.is_empty())
        .ok_or_else(|| Refusal::unauthorized("Missing API key"))?;
    let now = state.now_ms();
    let mut world = write(&state.world);
    let key = world
        .keys
        .iter_mut()
        .find(|key| key.secret.as_bytes().ct_eq(presented.as_bytes()).into())
        .ok_or_else(|| Refusal::unauthorized("Invalid API key"))?;
    if key.revoked {
        return Err(Refusal::unauthorized("API key has been revoked"));
    }
    if key.expires_at.is_some_and(|expires_at| expires_at <= now) {
        return Err(Refusal::unauthorized("API key has expired"));
    }
    key.last_used_at = Some(now);
    Ok(key.clone())
}

fn from_query(uri: &Uri) -> Option<String> {
    query(uri, "api_key")
}

/// The first value of a query parameter.
#[must_use]
pub fn query(uri: &Uri, name: &str) -> Option<String> {
    url::form_urlencoded::parse(uri.query()?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

/// Checks a scope; instance keys have none and need none.
///
/// # Errors
/// When the key lacks `scope`.
pub fn require_scope(key: &Key, scope: &str) -> Result<(), Refusal> {
    if key.kind == KeyKind::Instance || key.scopes.iter().any(|own| own == scope) {
        Ok(())
    } else {
        Err(Refusal::scope(scope))
    }
}

/// Refuses instance keys where the platform wants an organization's.
///
/// # Errors
/// When `key` is an instance key.
pub fn require_organization(key: &Key) -> Result<(), Refusal> {
    if key.kind == KeyKind::Instance {
        return Err(Refusal::denied("An instance key cannot be used here; use an organization API key"));
    }
    Ok(())
}

/// Refuses instance keys everywhere but at *trigger* and *status* while the switch says so.
///
/// # Errors
/// When the switch is on and `key` is an instance key.
pub fn require_unrestricted(state: &State, key: &Key) -> Result<(), Refusal> {
    if key.kind == KeyKind::Instance && read(&state.switches).restricted {
        return Err(Refusal::denied("An instance key may only trigger workflows and read their status"));
    }
    Ok(())
}

/// The instance `id`, if `key` opens it.
///
/// # Errors
/// When it does not exist or belongs to others.
pub fn open_instance(state: &State, key: &Key, id: &str) -> Result<Instance, Refusal> {
    let world = read(&state.world);
    let instance = world.instance(id).ok_or_else(Refusal::no_instance)?;
    if may_see(key, instance) { Ok(instance.clone()) } else { Err(Refusal::denied_instance()) }
}

/// Whether the key's owner sees this instance.
#[must_use]
pub fn may_see(key: &Key, instance: &Instance) -> bool {
    match key.kind {
        KeyKind::Instance => key.instance.as_ref() == Some(&instance.id),
        KeyKind::Admin => true,
        KeyKind::Organization | KeyKind::Personal => {
            key.organization == instance.organization
                && key.sees.as_ref().is_none_or(|seen| seen.contains(&instance.id))
        }
    }
}
