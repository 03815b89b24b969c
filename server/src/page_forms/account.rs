use app::{
    features::accounts::{LogInFeedback, SetUpFeedback},
    paths,
};
use axum::{
    body::Bytes,
    extract::State,
    http::{HeaderMap, Uri, header},
    response::Response,
};
use axum_extra::extract::{CookieJar, cookie::Cookie};
use engine::{LogIn, SessionToken, SetUp};
use leptos::context::provide_context;

use crate::App;

use super::{Refusal, Visitor, pairs, see, value, with_cookie, with_status};

pub async fn log_in(
    State(app): State<App>,
    visitor: Visitor,
    jar: CookieJar,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = pairs(&headers, &body)?;
    let (email, next) = (value(&form, "email"), value(&form, "next"));
    let browser = jar.get(app.browser_cookie_name()).map(Cookie::value);
    let attempt = LogIn { email, password: value(&form, "password"), browser, ..visitor.logs_in() };
    match app.services.engine.log_in(attempt).await {
        Ok(token) => {
            let next = if paths::is_local(next) { next } else { "/" };
            Ok(logged_in(&app, see(next), &token))
        }
        Err(error) => {
            let (status, refused) = visitor.refused(error);
            let feedback = LogInFeedback { message: refused.message, email: email.to_owned() };
            let uri = paths::log_in_then(next).parse().unwrap_or_else(|_| Uri::from_static(paths::LOG_IN));
            let page = visitor.asks_for(uri);
            Ok(with_status(app.render(page, move || provide_context(feedback.clone())).await, status))
        }
    }
}

/// The session is the first cookie.
fn logged_in(app: &App, response: Response, token: &SessionToken) -> Response {
    with_cookie(with_cookie(response, &app.session_cookie(token)), &app.browser_cookie(token))
}

pub async fn log_out(State(app): State<App>, visitor: Visitor, jar: CookieJar) -> Response {
    if let (Some(who), Some(cookie)) = (visitor.who, jar.get(app.cookie_name()))
        && let Err(error) = app.services.engine.log_out(&who.person, cookie.value()).await
    {
        tracing::error!(error = &error as &dyn std::error::Error, "a session was not ended");
    }
    with_cookie(see(paths::LOG_IN), &app.no_session_cookie())
}

pub async fn set_up(
    State(app): State<App>,
    visitor: Visitor,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let form = pairs(&headers, &body)?;
    let (name, email) = (value(&form, "name"), value(&form, "email"));
    let (token, password) = (value(&form, "token"), value(&form, "password"));
    let engine = &app.services.engine;
    let done = match engine.set_up(token, SetUp { email, name, password }).await {
        Ok(()) => engine.log_in(LogIn { email, password, ..visitor.logs_in() }).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(session) => Ok(logged_in(&app, see("/"), &session)),
        Err(error) => {
            let (status, refused) = visitor.refused(error);
            let feedback = SetUpFeedback { message: refused.message, name: name.to_owned(), email: email.to_owned() };
            let address = format!("{}?token={token}", paths::SET_UP);
            let uri = address.parse().unwrap_or_else(|_| Uri::from_static(paths::SET_UP));
            let page = visitor.asks_for(uri);
            Ok(with_status(app.render(page, move || provide_context(feedback.clone())).await, status))
        }
    }
}

/// Light, dark or as the system is.
pub async fn preferences(State(app): State<App>, headers: HeaderMap, body: Bytes) -> Result<Response, Refusal> {
    let form = pairs(&headers, &body)?;
    let back = headers
        .get(header::REFERER)
        .and_then(|value| value.to_str().ok())
        .and_then(|text| url::Url::parse(text).ok())
        .map(|url| match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        })
        .filter(|path| paths::is_local(path));
    let response = see(back.as_deref().unwrap_or("/"));
    Ok(match value(&form, "theme") {
        theme @ ("light" | "dark" | "system") => with_cookie(response, &app.theme_cookie(theme)),
        _ => response,
    })
}
