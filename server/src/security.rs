//! What browsers may do with an answer: one policy for each kind of route, and the headers that every answer has.

use std::borrow::Cow;

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

use crate::App;

/// The content security policy of an answer, as an extension of it. What has none is data: nothing may be done with
/// it. The app brings its own ([`app_policy`]).
#[derive(Clone, Debug)]
pub enum Policy {
    /// A page without a script; its style sheet carries this nonce.
    Document(String),
    /// Words under the style sheet of the app.
    ErrorPage,
    /// A file that no browser interprets.
    Download,
}

/// The app: its script starts under the document's nonce and loads what it needs.
pub fn app_policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self' 'nonce-{nonce}'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; frame-src 'self'; \
         base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
    )
}

impl Policy {
    fn header(&self) -> Cow<'static, str> {
        match self {
            Self::Document(nonce) => format!(
                "default-src 'none'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:; font-src 'self'; \
                 manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
            )
            .into(),
            Self::ErrorPage => "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
                .into(),
            Self::Download => "sandbox; default-src 'none'".into(),
        }
    }
}

const DATA: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'");

const ALWAYS: [(HeaderName, &str); 6] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    // `no-referrer` would turn the Origin of every plain form into `null`.
    (header::REFERRER_POLICY, "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (
        HeaderName::from_static("permissions-policy"),
        "accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), magnetometer=(), \
         microphone=(), midi=(), payment=(), usb=(), clipboard-read=(), clipboard-write=(self)",
    ),
];

/// Puts the policy and the other headers on every answer.
pub async fn protect(State(app): State<App>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let policy = response.extensions().get().map(Policy::header);
    let policy = policy.and_then(|policy| HeaderValue::from_str(&policy).ok());
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    match policy {
        Some(policy) => {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
        None => {
            headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(DATA);
        }
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("private, no-store"));
    if app.https {
        let a_year_or_two = HeaderValue::from_static("max-age=63072000; includeSubDomains");
        headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert(a_year_or_two);
    }
    response
}
