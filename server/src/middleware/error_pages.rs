//! Words for errors that no handler worded for its reader: bodies that are too large, wrong methods,
//! requests of other sites, panics. Programs get a problem document, the app its own error, browsers
//! a page, everybody else text.

use app::{
    Theme,
    error::{AppError, Kind},
    services::app_error,
};
use axum::{
    Extension, Json,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{Html, IntoResponse, Response},
};
use engine::EngineError;

use crate::{
    App,
    pages::{as_part, wants_part},
    rest::problem::Problem,
    security::Policy,
};

/// What a handler refuses, before it is known how its reader wants to be told.
#[derive(Debug)]
pub struct Refusal(pub StatusCode, pub String);

impl Refusal {
    pub fn new(status: StatusCode, words: impl Into<String>) -> Self {
        Self(status, words.into())
    }

    /// Page forms are urlencoded, nothing else.
    pub fn not_a_form() -> Self {
        let words = "This address takes application/x-www-form-urlencoded only.";
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, words)
    }

    pub fn no_page() -> Self {
        Self::new(StatusCode::NOT_FOUND, "There is no page at this address.")
    }
}

impl From<EngineError> for Refusal {
    fn from(error: EngineError) -> Self {
        let (status, refused) = app_error(error);
        Self(status, refused.message)
    }
}

#[derive(Clone)]
struct Words(String);

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = self.0.into_response();
        response.extensions_mut().insert(Words(self.1));
        response
    }
}

enum Audience {
    Program,
    App,
    /// The script of a page that is open.
    Part,
    Browser,
    Anyone,
}

impl Audience {
    fn of(request: &Request) -> Self {
        let path = request.uri().path();
        let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if path.starts_with("/api/") {
            Self::Program
        } else if path.starts_with("/rpc/") {
            Self::App
        } else if wants_part(request.headers()) {
            Self::Part
        } else if accepts.contains("text/html") {
            Self::Browser
        } else {
            Self::Anyone
        }
    }
}

pub async fn error_pages(State(app): State<App>, request: Request, next: Next) -> Response {
    let audience = Audience::of(&request);
    let theme = super::session::theme(request.headers());
    let response = next.run(request).await;
    let status = response.status();
    if !(status.is_client_error() || status.is_server_error()) || is_worded(response.headers()) {
        return response;
    }
    let (head, _) = response.into_parts();
    let words = match head.extensions.get::<Words>() {
        Some(Words(words)) => words.clone(),
        None => usual_words(status).to_owned(),
    };
    let mut told = match audience {
        Audience::Program => Problem::new(status, words).into_response(),
        Audience::App => (status, Json(AppError::new(kind(status), words))).into_response(),
        Audience::Part => as_part(&app, status, AppError::new(kind(status), words)),
        Audience::Browser => page(&app, theme, status, &words),
        Audience::Anyone => (status, words).into_response(),
    };
    keep_headers(&head.headers, told.headers_mut());
    told
}

/// All but those that describe the body that was replaced.
fn keep_headers(from: &HeaderMap, to: &mut HeaderMap) {
    const OF_THE_BODY: [HeaderName; 5] = [
        header::CONTENT_TYPE,
        header::CONTENT_LENGTH,
        header::CONTENT_ENCODING,
        header::TRANSFER_ENCODING,
        header::ETAG,
    ];
    for (name, value) in from.iter().filter(|(name, _)| !OF_THE_BODY.contains(name)) {
        to.append(name, value.clone());
    }
}

fn is_worded(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
    kind.starts_with(b"text/html") || kind.starts_with(b"application/")
}

fn usual_words(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => {
            "This request came from another site, so it was refused. Open the dashboard itself and try again."
        }
        StatusCode::NOT_FOUND => "There is nothing at this address.",
        StatusCode::METHOD_NOT_ALLOWED => "This address does not take this method.",
        StatusCode::PAYLOAD_TOO_LARGE => "This is too much at once: at most 4 MB can be sent. Nothing was done.",
        StatusCode::INTERNAL_SERVER_ERROR => "Something broke while this was answered. Try again in a moment.",
        _ => "The request was not understood. Nothing was done.",
    }
}

const fn title(status: StatusCode) -> &'static str {
    match status {
        StatusCode::FORBIDDEN => "Refused",
        StatusCode::NOT_FOUND => "Not found",
        StatusCode::PAYLOAD_TOO_LARGE => "Too large",
        StatusCode::CONFLICT => "Changed meanwhile",
        StatusCode::TOO_MANY_REQUESTS => "Too many requests",
        StatusCode::INTERNAL_SERVER_ERROR | StatusCode::SERVICE_UNAVAILABLE => "Not available at the moment",
        _ => "This is not possible",
    }
}

fn kind(status: StatusCode) -> Kind {
    match status {
        StatusCode::UNAUTHORIZED => Kind::LoggedOut,
        StatusCode::FORBIDDEN => Kind::Forbidden,
        StatusCode::NOT_FOUND => Kind::NotFound,
        StatusCode::TOO_MANY_REQUESTS => Kind::TooMany,
        status if status.is_server_error() => Kind::Unavailable,
        _ => Kind::Invalid,
    }
}

/// Not rendered by the app: what broke may be the app.
fn page(app: &App, theme: Option<Theme>, status: StatusCode, words: &str) -> Response {
    let theme = theme.map(|theme| format!(" data-theme=\"{}\"", theme.as_str())).unwrap_or_default();
    let (style, code, title, words) = (&app.services.assets.style, status.as_u16(), title(status), escaped(words));
    let html = format!(
        "<!DOCTYPE html><html lang=\"en\"{theme}><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <meta name=\"color-scheme\" content=\"light dark\">\
         <title>{title} · Codika Dashboard</title><link rel=\"icon\" href=\"/favicon.svg\" type=\"image/svg+xml\">\
         <link rel=\"stylesheet\" href=\"{style}\"></head><body><main class=\"login\"><div class=\"errorpage\">\
         <p class=\"errorpage-code\">{code}</p><h1>{title}</h1><p>{words}</p>\
         <div class=\"row\"><a class=\"button\" href=\"/\">Go to Home</a></div></div></main></body></html>"
    );
    (status, Extension(Policy::ErrorPage), Html(html)).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_replaced_body_is_not_said_to_be_compressed() {
        let was: [(HeaderName, &str); 4] = [
            (header::CONTENT_ENCODING, "gzip"),
            (header::CONTENT_LENGTH, "48"),
            (header::ETAG, "\"old\""),
            (header::RETRY_AFTER, "5"),
        ];
        let was = was.into_iter().map(|(name, value)| (name, HeaderValue::from_static(value))).collect();
        let mut told = HeaderMap::new();
        told.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
        keep_headers(&was, &mut told);
        assert_eq!(told.keys().collect::<Vec<_>>(), [header::CONTENT_TYPE, header::RETRY_AFTER]);
    }
}
