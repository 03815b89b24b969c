//! Who asks: the session cookie of browsers, the bearer token of programs. Never both on one door.

use app::{Theme, features::accounts::session_of, paths};
use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, header},
    middleware::Next,
    response::{IntoResponse, Redirect, Response},
};
use axum_extra::extract::cookie::{Cookie, CookieJar, SameSite};
use engine::{Access, SessionToken};

use crate::{App, rest::problem};

use super::{client::ClientAddress, error_pages::Refusal};

/// Puts the person behind the cookie, if any, and their theme into the request.
pub async fn recognise(State(app): State<App>, jar: CookieJar, mut request: Request, next: Next) -> Response {
    if let Some(cookie) = jar.get(app.cookie_name()) {
        match app.services.engine.who_by_session(cookie.value()).await {
            Ok(Some(person)) => {
                app.services.engine.session_used(cookie.value(), &address(&request));
                request.extensions_mut().insert(person);
            }
            Ok(None) => {}
            Err(error) => return Refusal::from(error).into_response(),
        }
    }
    if let Some(theme) = theme(request.headers()) {
        request.extensions_mut().insert(theme);
    }
    next.run(request).await
}

/// Live pages are for people who are logged in; others are sent to the log-in and back.
pub async fn require_for_pages(request: Request, next: Next) -> Response {
    let known = request.extensions().get::<Access>().is_some();
    if known || !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let here = request.uri().path_and_query().map_or("/", |here| here.as_str());
    Redirect::to(&paths::log_in_then(here)).into_response()
}

/// Before a page is drawn.
pub async fn describe(State(app): State<App>, mut request: Request, next: Next) -> Result<Response, Refusal> {
    if matches!(*request.method(), Method::GET | Method::HEAD) {
        bring_session(&app, &mut request).await?;
    }
    Ok(next.run(request).await)
}

/// Puts what the frame around every page shows into the request; nothing for guests.
///
/// # Errors
/// When the store cannot be read.
pub async fn bring_session(app: &App, request: &mut Request) -> Result<(), Refusal> {
    let known = request.extensions_mut();
    let Some(person) = known.get::<Access>().cloned() else { return Ok(()) };
    let session = session_of(&app.services, person, known.get().copied()).await?;
    known.insert(session);
    Ok(())
}

/// The REST API takes a bearer token and nothing else.
pub async fn require_token(State(app): State<App>, mut request: Request, next: Next) -> Response {
    request.extensions_mut().remove::<Access>();
    let token = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split_once(' '))
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim().to_owned());
    let Some(token) = token else { return problem::unauthorized("Send “Authorization: Bearer <token>”.") };
    match app.services.engine.who_by_api_token(&token).await {
        Ok(Some(person)) => {
            app.services.engine.token_used(&token, &address(&request));
            request.extensions_mut().insert(person);
            request.extensions_mut().insert(ApiToken(token));
            next.run(request).await
        }
        Ok(None) => problem::unauthorized("This token is not valid."),
        Err(error) => problem::from_engine(error).into_response(),
    }
}

/// Where a request comes from.
fn address(request: &Request) -> String {
    request.extensions().get::<ClientAddress>().map(|client| client.0.to_string()).unwrap_or_default()
}

/// The token a program came with; event streams ask again whether it still counts.
#[derive(Clone)]
pub struct ApiToken(pub String);

const THEME: &str = "theme";
/// The time zone that times are shown in.
pub const ZONE: &str = "zone";
const CHOICES_KEPT_S: i64 = 400 * 24 * 60 * 60;

/// The choice of light or dark that a browser sends along.
pub fn theme(headers: &HeaderMap) -> Option<Theme> {
    match CookieJar::from_headers(headers).get(THEME).map(Cookie::value) {
        Some("light") => Some(Theme::Light),
        Some("dark") => Some(Theme::Dark),
        _ => None,
    }
}

impl App {
    /// Over https browsers keep `__Host-` cookies to this very host; over http on this machine some
    /// drop them, so there the name is plain.
    pub fn cookie_name(&self) -> &'static str {
        if self.https { "__Host-codika_session" } else { "codika_session" }
    }

    pub fn session_cookie(&self, token: &SessionToken) -> String {
        self.cookie(self.cookie_name(), &token.value, token.kept_s, true)
    }

    /// What [`Self::browser_cookie`] is called.
    pub fn browser_cookie_name(&self) -> &'static str {
        if self.https { "__Host-codika_browser" } else { "codika_browser" }
    }

    /// Recognises a browser that somebody has logged in with; it opens nothing and outlives the session.
    pub fn browser_cookie(&self, token: &SessionToken) -> String {
        self.cookie(self.browser_cookie_name(), &token.browser, token.browser_kept_s, true)
    }

    pub fn no_session_cookie(&self) -> String {
        self.cookie(self.cookie_name(), "", 0, true)
    }

    pub fn theme_cookie(&self, theme: &str) -> String {
        self.cookie(THEME, theme, CHOICES_KEPT_S, false)
    }

    pub fn zone_cookie(&self, zone: &str) -> String {
        self.cookie(ZONE, zone, CHOICES_KEPT_S, false)
    }

    fn cookie(&self, name: &str, value: &str, seconds: i64, http_only: bool) -> String {
        let mut cookie = Cookie::build((name, value)).path("/").same_site(SameSite::Lax).http_only(http_only).build();
        cookie.set_secure(self.https);
        format!("{cookie}; Max-Age={seconds}")
    }
}
