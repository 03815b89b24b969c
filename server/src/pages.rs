//! Drawn pages: a document for whoever comes from elsewhere, a part for a page that is open already.

mod about;
mod add_workflow;
mod log_in;
mod part;
mod request;
mod set_up;
mod settings;

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

pub fn routes() -> Routes {
    Routes::new()
        .get(paths::LOG_IN, log_in::show)
        .post(paths::LOG_IN, log_in::submit)
        .get(paths::SET_UP, set_up::show)
        .post(paths::SET_UP, set_up::submit)
        .get("/{env}/add-workflow", add_workflow::show)
        .post("/{env}/add-workflow", add_workflow::submit)
        .get(paths::SETTINGS, settings::first)
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
