//! How the script of an open page is answered.

use axum::{
    Json,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Serialize;

use crate::App;

/// In a request: a part is wanted. In an answer: it is one, drawn by this build.
const PART: HeaderName = HeaderName::from_static("codika-part");

pub fn wants_part(headers: &HeaderMap) -> bool {
    headers.contains_key(PART)
}

pub fn as_part(app: &App, status: StatusCode, body: impl Serialize) -> Response {
    let mut response = (status, Json(body)).into_response();
    if let Ok(build) = HeaderValue::from_str(app.services.assets.build()) {
        response.headers_mut().insert(PART, build);
    }
    varies(response)
}

/// The same address has two answers.
pub fn varies(mut response: Response) -> Response {
    response.headers_mut().append(header::VARY, HeaderValue::from_static("codika-part"));
    response
}
