//! The two families of answers the platform gives.

use axum::{
    body::Body,
    http::{HeaderValue, StatusCode, header},
    response::Response,
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use uuid::Uuid;

/// How an endpoint spells an error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Family {
    /// `{"success":false,"error":"text","code":"CODE"}`
    Flat,
    /// `{"success":false,"error":{"code":"CODE","message":"text"},"requestId":"…"}`
    Nested,
}

/// Why a request was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    pub status: StatusCode,
    pub code: &'static str,
    pub message: String,
}

/// What an endpoint answers: JSON text, or why not.
pub type Answer = Result<Reply, Refusal>;

/// A successful answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply(pub Vec<u8>);

impl Reply {
    /// `value` as JSON text.
    ///
    /// # Errors
    /// When `value` cannot be written as JSON, which shows as a 500.
    pub fn json(value: &impl Serialize) -> Answer {
        serde_json::to_vec(value).map(Self).map_err(|error| Refusal::internal(error.to_string()))
    }

    /// `{"success":true,"data":…,"requestId":"…"}`
    ///
    /// # Errors
    /// As [`Reply::json`].
    pub fn data(data: Value) -> Answer {
        Self::json(&json!({ "success": true, "data": data, "requestId": request_id() }))
    }
}

/// A fresh request id.
#[must_use]
pub fn request_id() -> String {
    Uuid::now_v7().to_string()
}

impl Refusal {
    fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// The key is missing, unknown, expired or revoked.
    pub fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "UNAUTHORIZED", message)
    }

    /// The key lacks `scope`.
    #[must_use]
    pub fn scope(scope: &str) -> Self {
        let message = format!("API key is missing the required scope: {scope}");
        Self::new(StatusCode::FORBIDDEN, "INSUFFICIENT_SCOPE", message)
    }

    /// The key's owner may not see this.
    pub fn denied(message: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "ACCESS_DENIED", message)
    }

    /// The key's owner may not see this instance.
    #[must_use]
    pub fn denied_instance() -> Self {
        Self::denied("API key does not have access to this process instance")
    }

    /// The named thing does not exist.
    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    #[must_use]
    pub fn no_instance() -> Self {
        Self::not_found("INSTANCE_NOT_FOUND", "Process instance not found")
    }

    #[must_use]
    pub fn no_execution() -> Self {
        Self::not_found("EXECUTION_NOT_FOUND", "Execution not found")
    }

    /// The instance does not run at the moment.
    pub fn inactive(message: impl Into<String>) -> Self {
        Self::new(StatusCode::PRECONDITION_FAILED, "INSTANCE_NOT_ACTIVE", message)
    }

    /// The request makes no sense.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "INVALID_REQUEST", message)
    }

    /// Already in the state that was asked for.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "CONFLICT", message)
    }

    /// Our own fault.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL_ERROR", message)
    }

    /// The path exists, with another method.
    #[must_use]
    pub fn method() -> Self {
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "METHOD_NOT_ALLOWED", "Method not allowed")
    }

    fn body(&self, family: Family) -> Value {
        match family {
            Family::Flat => json!({ "success": false, "error": self.message, "code": self.code }),
            Family::Nested => json!({
                "success": false,
                "error": { "code": self.code, "message": self.message },
                "requestId": request_id(),
            }),
        }
    }
}

/// The HTTP response of an answer.
#[must_use]
pub fn respond(answer: Answer, family: Family) -> Response {
    match answer {
        Ok(Reply(body)) => with_json(StatusCode::OK, body),
        Err(refusal) => with_json(refusal.status, refusal.body(family).to_string().into_bytes()),
    }
}

fn with_json(status: StatusCode, body: Vec<u8>) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    response
}
