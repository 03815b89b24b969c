//! Errors as problem documents (RFC 9457).

use app::services::app_error;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use engine::EngineError;
use model::RunId;
use schema::FieldError;
use serde::Serialize;

#[derive(Debug, Serialize)]
pub struct Problem {
    title: &'static str,
    status: u16,
    /// What happened, in words for people.
    detail: String,
    /// One entry a mistake in the input.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
    /// The run that already used the idempotency key.
    #[serde(skip_serializing_if = "Option::is_none")]
    run: Option<RunId>,
}

impl Problem {
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self {
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
            run: None,
        }
    }
}

pub fn from_engine(error: EngineError) -> Problem {
    let reused = matches!(&error, EngineError::Problem(engine::Problem::KeyReused { .. }));
    let (status, refused) = app_error(error);
    // A key that comes back with another input is a mistake of the caller, not a race.
    let (status, detail) = if reused {
        (StatusCode::UNPROCESSABLE_ENTITY, "This Idempotency-Key was already used with another input.".to_owned())
    } else {
        (status, refused.message)
    };
    Problem { errors: refused.fields, run: refused.run, ..Problem::new(status, detail) }
}

/// 401, with the scheme that would do.
pub fn unauthorized(detail: &str) -> Response {
    let challenge = [(header::WWW_AUTHENTICATE, "Bearer")];
    (challenge, Problem::new(StatusCode::UNAUTHORIZED, detail)).into_response()
}

pub fn no_such_run() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such run.")
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = (status, Json(self)).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
