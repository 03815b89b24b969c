use std::convert::Infallible;

use app::pages::zone::Zone;
use axum::{extract::FromRequestParts, http::request::Parts};
use axum_extra::extract::CookieJar;

use crate::middleware::session::ZONE;

/// The time zone that the reader has chosen in this browser; UTC until then.
pub struct ReaderZone(pub Zone);

impl<S: Sync> FromRequestParts<S> for ReaderZone {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let jar = CookieJar::from_headers(&parts.headers);
        Ok(Self(jar.get(ZONE).and_then(|cookie| Zone::named(cookie.value())).unwrap_or_default()))
    }
}
