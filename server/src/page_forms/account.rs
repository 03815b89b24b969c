use app::paths;
use axum::{
    extract::State,
    http::{HeaderMap, header},
    response::Response,
};
use axum_extra::extract::CookieJar;
use engine::SessionToken;
use serde::Deserialize;

use crate::{
    App,
    extractors::{PageForm, Visitor},
    pages::see,
};

use super::with_cookie;

/// The session is the first cookie.
pub fn logged_in(app: &App, response: Response, token: &SessionToken) -> Response {
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

#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Preferences {
    /// Light, dark or as the system is.
    theme: String,
}

pub async fn preferences(
    State(app): State<App>,
    headers: HeaderMap,
    PageForm(Preferences { theme }): PageForm<Preferences>,
) -> Response {
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
    match theme.as_str() {
        "light" | "dark" | "system" => with_cookie(response, &app.theme_cookie(&theme)),
        _ => response,
    }
}
