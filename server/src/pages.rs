//! Drawn pages: a document for whoever comes from elsewhere, a part for a page that is open already.

mod about;
mod add_workflow;
mod audit;
mod environments;
mod invite;
mod log_in;
mod part;
mod people;
mod person;
mod profile;
mod request;
mod set_up;
mod settings;
mod tokens;
mod zone;

use app::{pages::Page, paths};
use axum::{
    Extension,
    http::{HeaderValue, StatusCode},
    response::{Html, IntoResponse, Redirect, Response},
};
use leptos::nonce::Nonce;

use crate::{App, extractors::Visitor, routes::Routes, security::Policy};

pub use about::about;
pub use part::{as_part, wants_part};
pub use request::PageRequest;
pub use zone::ReaderZone;

pub fn routes() -> Routes {
    Routes::new()
        .get(paths::LOG_IN, log_in::show)
        .post(paths::LOG_IN, log_in::submit)
        .get(paths::SET_UP, set_up::show)
        .post(paths::SET_UP, set_up::submit)
        .get("/{env}/add-workflow", add_workflow::show)
        .post("/{env}/add-workflow", add_workflow::submit)
        .get(paths::INVITE, invite::show)
        .post(paths::INVITE, invite::submit)
        .get(paths::SETTINGS, settings::first)
        .get(paths::PROFILE, profile::show)
        .post(paths::PROFILE, profile::submit)
        .get(paths::TOKENS, tokens::show)
        .post(paths::TOKENS, tokens::submit)
        .get(paths::PEOPLE, people::show)
        .post(paths::PEOPLE, people::submit)
        .get("/settings/people/{id}", person::show)
        .post("/settings/people/{id}", person::submit)
        .get(paths::AUDIT, audit::show)
        .get(paths::AUDIT_CSV, audit::csv)
        .get(paths::AUDIT_NDJSON, audit::ndjson)
        .get(paths::ENVIRONMENTS, environments::list)
        .get(paths::NEW_ENVIRONMENT, environments::new)
        .post(paths::NEW_ENVIRONMENT, environments::add)
        .get("/settings/environments/{env}", environments::show)
        .post("/settings/environments/{env}", environments::act)
        .get(paths::ABOUT, settings::about)
}

/// After a form comes a page, by GET.
pub fn see(path: &str) -> Response {
    // What browsers sent may not fit into a header.
    let path = if HeaderValue::from_str(path).is_ok() { path } else { "/" };
    Redirect::to(path).into_response()
}

/// The status of a page, unless it could not be drawn.
pub fn with_status(mut response: Response, status: StatusCode) -> Response {
    if response.status().is_success() {
        *response.status_mut() = status;
    }
    response
}

/// A page in front of the app, always a whole document.
fn document(app: &App, visitor: &Visitor, page: Page) -> Response {
    let nonce = Nonce::new().to_string();
    let status = page.status;
    let html = app::pages::document(page, &app.services.assets, visitor.theme, &nonce);
    (status, Extension(Policy::Document(nonce)), Html(html)).into_response()
}
