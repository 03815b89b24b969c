use app::{
    pages::log_in::{LogInForm, page},
    paths,
};
use axum::{
    extract::{Query, State, rejection::QueryRejection},
    response::Response,
};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use engine::LogIn;
use serde::Deserialize;

use crate::{
    App,
    extractors::{PageForm, Visitor},
    page_forms::account::logged_in,
};

use super::{document, see};

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Next {
    next: String,
}

pub async fn show(State(app): State<App>, visitor: Visitor, asked: Result<Query<Next>, QueryRejection>) -> Response {
    let next = asked.map(|Query(asked)| asked.next).unwrap_or_default();
    let form = LogInForm { next, ..LogInForm::default() };
    document(&app, &visitor, page(form, None, is_unclaimed(&app)))
}

pub async fn submit(
    State(app): State<App>,
    visitor: Visitor,
    jar: CookieJar,
    PageForm(form): PageForm<LogInForm>,
) -> Response {
    let browser = jar.get(app.browser_cookie_name()).map(Cookie::value);
    let attempt = LogIn { email: &form.email, password: &form.password, browser, ..visitor.logs_in() };
    match app.services.engine.log_in(attempt).await {
        Ok(token) => {
            let next = if paths::is_local(&form.next) { &form.next } else { "/" };
            logged_in(&app, see(next), &token)
        }
        Err(error) => {
            let (status, refused) = visitor.refused(error);
            let page = page(form, Some(refused.message), is_unclaimed(&app)).with_status(status);
            document(&app, &visitor, page)
        }
    }
}

/// Nobody has an account yet.
fn is_unclaimed(app: &App) -> bool {
    app.services.engine.set_up_token().is_some()
}
