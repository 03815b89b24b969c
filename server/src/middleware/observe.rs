//! A request id for the log, the answer and the person who asks for help.

use std::time::Instant;

use app::services::RequestId;
use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// Only the path is logged: queries can hold what people typed.
pub async fn observe(mut request: Request, next: Next) -> Response {
    let id = engine::draft_key();
    request.extensions_mut().insert(RequestId(id.clone()));
    let span = tracing::info_span!("request", %id, method = %request.method(), path = %request.uri().path());
    let started = Instant::now();
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    let ms = started.elapsed().as_millis();
    if status.is_server_error() {
        tracing::warn!(parent: &span, status = status.as_u16(), ms, "answered");
    } else {
        tracing::debug!(parent: &span, status = status.as_u16(), ms, "answered");
    }
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(HEADER, value);
    }
    response
}
