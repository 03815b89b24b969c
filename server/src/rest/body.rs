use axum::http::{HeaderMap, StatusCode};
use serde::de::DeserializeOwned;

use crate::middleware::is_json;

use super::problem::Problem;

/// A JSON body; `members` says in words what belongs into it.
pub fn read<T: DeserializeOwned>(headers: &HeaderMap, bytes: &[u8], members: &str) -> Result<T, Problem> {
    if !is_json(headers) {
        return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send the body as application/json."));
    }
    serde_json::from_slice(bytes)
        .map_err(|error| Problem::new(StatusCode::BAD_REQUEST, format!("Send {members} as JSON: {error}")))
}
