//! What server functions and server-side rendering get from the server, and how they fail.

mod drafts;

use std::sync::Arc;

use axum::http::{StatusCode, request::Parts};
use engine::{Access, Engine, EngineError, Problem};
use leptos::prelude::use_context;
use leptos_axum::ResponseOptions;

pub use drafts::Drafts;

use crate::{
    error::{AppError, Kind},
    shell::Assets,
};

/// Provided as context to everything that renders or answers.
#[derive(Clone)]
pub struct Services {
    pub engine: Engine,
    pub assets: Arc<Assets>,
    pub drafts: Arc<Drafts>,
    /// Where people and programs reach the dashboard.
    pub public_url: Arc<str>,
    /// What the page says about its upstream when it is not the real Codika, for example "Emulator".
    pub upstream_label: Option<String>,
    /// The content security policy of a document with this nonce.
    pub policy: fn(&str) -> String,
    /// How far live updates are: whoever reads afterwards misses nothing by listening from there on.
    pub cursor: Arc<dyn Fn() -> String + Send + Sync>,
}

/// The id under which the log knows this request; set by the server's middleware.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

/// # Errors
/// Only when the server did not provide the services.
pub fn services() -> Result<Services, AppError> {
    use_context().ok_or_else(|| AppError::new(Kind::Unavailable, "The server is not ready."))
}

/// Something that the server's middleware put into the request.
pub fn extension<T: Clone + Send + Sync + 'static>() -> Option<T> {
    use_context::<Parts>().and_then(|parts| parts.extensions.get::<T>().cloned())
}

/// The person behind the session.
///
/// # Errors
/// [`Kind::LoggedOut`].
pub fn who() -> Result<Access, AppError> {
    extension().ok_or_else(|| {
        set_status(StatusCode::UNAUTHORIZED);
        AppError::new(Kind::LoggedOut, "You are logged out. Log in again; what you typed stays here.")
    })
}

/// Turns the engine's refusal into the page's or the call's: words, kind and HTTP status in one place.
pub fn refuse(error: EngineError) -> AppError {
    let (status, refused) = app_error(error);
    set_status(status);
    refused
}

/// The words and the HTTP status of an engine's refusal.
pub fn app_error(error: EngineError) -> (StatusCode, AppError) {
    let problem = match error {
        EngineError::Problem(problem) => problem,
        EngineError::Store(_) | EngineError::Internal(_) => {
            tracing::error!(error = &error as &dyn std::error::Error, "a request could not be served");
            let refused = AppError {
                request_id: extension::<RequestId>().map(|id| id.0),
                ..AppError::new(
                    Kind::Unavailable,
                    "The dashboard cannot read or write its data at the moment. Nothing was done; try again in a moment.",
                )
            };
            return (StatusCode::SERVICE_UNAVAILABLE, refused);
        }
    };
    let words = problem.to_string();
    match problem {
        Problem::Forbidden => (StatusCode::FORBIDDEN, AppError::new(Kind::Forbidden, words)),
        Problem::NoSuchRun
        | Problem::NoSuchEnvironment(_)
        | Problem::NoSuchWorkflow { .. }
        | Problem::NoSuchAccount
        | Problem::NoSuchToken => (StatusCode::NOT_FOUND, AppError::new(Kind::NotFound, words)),
        Problem::Invalid(fields) => (StatusCode::UNPROCESSABLE_ENTITY, AppError::invalid(fields)),
        Problem::BadValue(_) => (StatusCode::UNPROCESSABLE_ENTITY, AppError::new(Kind::Invalid, words)),
        Problem::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, AppError::new(Kind::Invalid, words)),
        Problem::KeyReused { run } => {
            let conflict = AppError {
                run: Some(run),
                ..AppError::new(Kind::Conflict, "This form was already submitted with another input.")
            };
            (StatusCode::CONFLICT, conflict)
        }
        Problem::InDoubt(doubt) => {
            let refused = AppError { doubt: Some(doubt), ..AppError::new(Kind::Invalid, words) };
            (StatusCode::UNPROCESSABLE_ENTITY, refused)
        }
        Problem::WrongState(_)
        | Problem::LastAdmin
        | Problem::EnvironmentDisabled(_)
        | Problem::InstanceInactive(_)
        | Problem::EnvironmentReadOnly(_) => (StatusCode::CONFLICT, AppError::new(Kind::Conflict, words)),
        Problem::TooManyRuns { .. } | Problem::TooManyLogins => {
            (StatusCode::TOO_MANY_REQUESTS, AppError::new(Kind::TooMany, words))
        }
        Problem::WrongLogin => (StatusCode::UNAUTHORIZED, AppError::new(Kind::Invalid, words)),
        Problem::SetUpClosed | Problem::LinkClosed | Problem::AccountDisabled => {
            (StatusCode::FORBIDDEN, AppError::new(Kind::Forbidden, words))
        }
    }
}

fn set_status(status: StatusCode) {
    if let Some(options) = use_context::<ResponseOptions>() {
        options.set_status(status);
    }
}

/// For pages that do not exist.
pub fn not_found() {
    set_status(StatusCode::NOT_FOUND);
}
