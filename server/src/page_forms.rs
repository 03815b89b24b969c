//! Forms that browsers without wasm send: success leads on (303), mistakes come back with the page,
//! the messages and what was typed.

pub mod account;
pub mod run;
mod visitor;
pub mod workflow;

use app::paths;
use axum::{
    body::Body,
    extract::{FromRequestParts, Path, Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use serde::de::DeserializeOwned;

use crate::{
    App,
    middleware::{error_pages::Refusal, is_form},
    routes::Routes,
};

use visitor::Visitor;

pub fn routes() -> Routes {
    Routes::new()
        .post(paths::LOG_IN, account::log_in)
        .post(paths::LOG_OUT, account::log_out)
        .post(paths::SET_UP, account::set_up)
        .post(paths::PREFERENCES, account::preferences)
        .post("/{env}/workflows/{id}", workflow::run)
        .post("/{env}/workflows/{id}/remove", workflow::remove)
        .post("/{env}/add-workflow", workflow::add)
        .post("/runs/{id}", run::act)
        .get("/runs/{id}/result.json", run::result)
}

/// Anything that no route takes.
pub async fn not_found(State(app): State<App>, request: Request) -> Response {
    let (mut parts, _) = request.into_parts();
    let path = parts.uri.path();
    if path.starts_with("/rpc/") {
        return Refusal::new(StatusCode::NOT_FOUND, "There is no such call.").into_response();
    }
    // People add slashes; pages have none at the end.
    let bare = path.trim_end_matches('/');
    if parts.method == Method::GET && bare.len() < path.len() && paths::is_local(bare) {
        let query = parts.uri.query().map(|query| format!("?{query}")).unwrap_or_default();
        return Redirect::permanent(&format!("{bare}{query}")).into_response();
    }
    parts.method = Method::GET;
    // An address that no page has: which one it is makes no difference.
    parts.uri = Uri::from_static("/no/such/page/here");
    with_status(app.render(Request::from_parts(parts, Body::empty()), || {}).await, StatusCode::NOT_FOUND)
}

/// After a form comes a page, by GET.
fn see(path: &str) -> Response {
    // What browsers sent may not fit into a header.
    let path = if HeaderValue::from_str(path).is_ok() { path } else { "/" };
    Redirect::to(path).into_response()
}

/// The status of a page, unless it could not be drawn.
fn with_status(mut response: Response, status: StatusCode) -> Response {
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Page forms are urlencoded, nothing else.
fn pairs(headers: &HeaderMap, body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    if !is_form(headers) {
        let words = "This address takes application/x-www-form-urlencoded only.";
        return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words));
    }
    Ok(url::form_urlencoded::parse(body).into_owned().collect())
}

/// The ids in a page's path. What does not have their form is an address without a page.
pub struct PagePath<T>(pub T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for PagePath<T> {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        let ids = Path::<T>::from_request_parts(parts, state).await;
        ids.map(|Path(ids)| Self(ids)).map_err(|_| Refusal::no_page())
    }
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}
