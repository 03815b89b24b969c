//! What happens around every request.

pub mod bodies;
pub mod client;
pub mod detach_on_disconnect;
pub mod error_pages;
pub mod observe;
pub mod rpc;
pub mod session;

use axum::http::{HeaderMap, header};

/// Whether the body says it is JSON.
pub fn is_json(headers: &HeaderMap) -> bool {
    is_kind(headers, "application/json")
}

/// Whether the body says it is a plain form's.
pub fn is_form(headers: &HeaderMap) -> bool {
    is_kind(headers, "application/x-www-form-urlencoded")
}

fn is_kind(headers: &HeaderMap, kind: &str) -> bool {
    let said = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    said.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(kind)
}
