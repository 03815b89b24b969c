use app::paths;
use axum::{
    extract::{FromRequestParts, OriginalUri},
    http::{Method, StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use engine::Access;

use crate::{
    middleware::error_pages::Refusal,
    pages::{see, wants_part},
};

/// Somebody who is signed in: a person with a session, or a program with a token where tokens count. Handlers learn
/// who asks from this alone. A route that nothing guards lets nobody in.
pub struct SignedIn(pub Access);

impl<S: Sync> FromRequestParts<S> for SignedIn {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Response> {
        parts.extensions.get().cloned().map(Self).ok_or_else(|| refuse(parts))
    }
}

/// Browsers are sent to the log-in and back; programs and the script of an open page are told.
fn refuse(parts: &Parts) -> Response {
    let uri = parts.extensions.get::<OriginalUri>().map_or(&parts.uri, |OriginalUri(uri)| uri);
    let path = uri.path();
    if wants_part(&parts.headers) || path.starts_with("/api/") {
        let words = "You are logged out. Log in again; what you typed stays here.";
        return Refusal::new(StatusCode::UNAUTHORIZED, words).into_response();
    }
    let here = match parts.method {
        Method::GET => uri.path_and_query().map_or(path, |here| here.as_str()),
        _ => path,
    };
    see(&paths::log_in_then(paths::page_of(here)))
}
