//! Forms that browsers without wasm send: success leads on (303), mistakes come back with the page,
//! the messages and what was typed.

pub mod account;
pub mod run;
pub mod workflow;

use app::paths;
use axum::{
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, Uri, header},
    response::{IntoResponse, Redirect, Response},
};

use crate::{
    App,
    middleware::{error_pages::Refusal, is_form},
    pages::{wants_part, with_status},
    routes::Routes,
};

pub fn routes() -> Routes {
    Routes::new()
        .post(paths::LOG_OUT, account::log_out)
        .post(paths::PREFERENCES, account::preferences)
        .post("/{env}/workflows/{id}", workflow::run)
        .post("/{env}/workflows/{id}/remove", workflow::remove)
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
    if wants_part(&parts.headers) {
        return Refusal::no_page().into_response();
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

pub fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = cookie.parse() {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}

/// Page forms are urlencoded, nothing else.
fn pairs(headers: &HeaderMap, body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    if !is_form(headers) {
        return Err(Refusal::not_a_form());
    }
    Ok(url::form_urlencoded::parse(body).into_owned().collect())
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> &'a str {
    pairs.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
}
