//! The routes of the app's own calls.

use app::error::{AppError, Kind};
use axum::{
    Json,
    extract::Request,
    http::{HeaderName, HeaderValue, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

const REFUSED_BY_FRAMEWORK: HeaderName = HeaderName::from_static("serverfnerror");

/// Calls are JSON and get JSON: no form of another site can look like one, and none is answered with a
/// redirect to wherever its Referer says.
pub async fn json_only(mut request: Request, next: Next) -> Response {
    if !request.uri().path().starts_with("/rpc/") || request.method() != Method::POST {
        return next.run(request).await;
    }
    if !super::is_json(request.headers()) {
        let refused = AppError::new(Kind::Invalid, "Send the arguments as application/json.");
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, Json(refused)).into_response();
    }
    request.headers_mut().insert(header::ACCEPT, HeaderValue::from_static("application/json"));
    let mut response = next.run(request).await;
    // Refusals of ours have a status of their own; what is left are arguments that could not be read.
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR && response.headers().contains_key(REFUSED_BY_FRAMEWORK) {
        *response.status_mut() = StatusCode::BAD_REQUEST;
    }
    response
}
