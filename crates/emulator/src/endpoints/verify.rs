//! §3.7: what a key is.

use serde_json::json;

use super::Asked;
use crate::{
    clock::iso,
    fixtures,
    reply::{Answer, Refusal, Reply},
    state::State,
    world::KeyKind,
};

pub fn answer(state: &State, asked: &Asked) -> Answer {
    let key = asked.key(state, false)?;
    if key.kind == KeyKind::Instance {
        return Err(Refusal::unauthorized("Invalid API key"));
    }
    let shown = key.kind.prefix_len() + 8;
    let mut data = json!({
        "type": key.kind.word(),
        "keyName": key.name,
        "keyPrefix": key.secret.chars().take(shown).collect::<String>(),
        "scopes": key.scopes,
        "createdAt": iso(key.created_at),
        "lastUsedAt": key.last_used_at.map(iso),
    });
    if key.kind != KeyKind::Personal {
        data["organizationId"] = key.organization.as_str().into();
        data["organizationName"] = organization_name(&key.organization).into();
    }
    if let Some(expires_at) = key.expires_at {
        data["expiresAt"] = iso(expires_at).into();
    }
    Reply::json(&json!({ "success": true, "data": data }))
}

fn organization_name(id: &str) -> &'static str {
    if id == fixtures::OTHER_ORGANIZATION { "Somebody else" } else { "Acme (demo)" }
}
