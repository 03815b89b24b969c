//! Forms that browsers without wasm send: success leads on (303), mistakes come back with the page,
//! the messages and what was typed.

pub mod account;
pub mod run;
mod visitor;
pub mod workflow;

use crate::App;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};

use visitor::Visitor;

/// Anything that no route takes.
pub async fn not_found(State(app): State<App>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    parts.method = Method::GET;
    let mut response = app.render(Request::from_parts(parts, Body::empty()), || {}).await;
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

/// After a form comes a page, by GET.
fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

fn with_status(mut response: Response, status: StatusCode) -> Response {
    *response.status_mut() = status;
    response
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Page forms are urlencoded, nothing else.
fn pairs(headers: &HeaderMap, body: &[u8]) -> Result<Vec<(String, String)>, Response> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if !kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        let message = "This address takes application/x-www-form-urlencoded only.";
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, message).into_response());
    }
    Ok(url::form_urlencoded::parse(body).into_owned().collect())
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}
