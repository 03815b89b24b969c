//! Bodies are received here and nowhere else. Who may send how much is decided before the first byte is read, what
//! unfinished ones take together is bounded, and what they would become in memory is weighed before anybody reads
//! them.

mod budget;
mod weight;

use std::time::Duration;

use app::{
    error::{AppError, Kind},
    paths,
};
use axum::{
    Json,
    body::{Body, HttpBody},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use axum_extra::extract::CookieJar;
use bytes::{Bytes, BytesMut};
use engine::Access;
use futures::StreamExt;
use tokio::time::timeout;

use crate::{App, connections::TooSlow, page_forms};

use super::{error_pages::Refusal, is_form, is_json};

pub use budget::Budget;

use budget::{Busy, Share};
use weight::Weight;

/// Inputs may have a million bytes; what is larger than this is not received.
pub const MAX_BODY: usize = 4_000_000;
/// For those of whom nothing is known, and for forms in which nobody has more to say.
const SMALL: usize = 16_000;
/// How long that little may take.
const SMALL_IN: Duration = Duration::from_secs(15);

/// What may be sent to an address by whoever sends it.
struct Room {
    bytes: usize,
    /// Whether what is larger counts as nothing: the answer, to log in first, is the same.
    or_nothing: bool,
}

/// Why a body does not come.
enum Missing {
    TooLarge,
    TooSlow,
    Broken,
    Busy,
}

pub async fn receive(State(app): State<App>, request: Request, next: Next) -> Response {
    if request.method().is_safe() {
        return next.run(request.map(|_| Body::empty())).await;
    }
    let (parts, body) = request.into_parts();
    let room = room(&app, &parts).await;
    let mut share = app.bodies.share();
    let body = match collect(body, room.bytes, &mut share).await {
        Ok(body) => body,
        Err(Missing::TooLarge) if room.or_nothing => return for_guests(parts, next).await,
        Err(missing) => return missing.refused(room.bytes),
    };
    let weight = if is_json(&parts.headers) {
        Weight::of_json(&body)
    } else if is_form(&parts.headers) {
        Weight::of_form(&body)
    } else {
        Weight::of_bytes(&body)
    };
    if let Err(words) = weight.check() {
        return Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, words).into_response();
    }
    // What is small costs little whatever it holds, and its handler may take long: a log-in that is slowed down must
    // keep nobody else waiting.
    let _work = if room.bytes > SMALL {
        let Ok(work) = share.weighed(weight.bytes).await else { return Missing::Busy.refused(room.bytes) };
        Some(work)
    } else {
        None
    };
    next.run(Request::from_parts(parts, Body::from(body))).await
}

async fn room(app: &App, request: &Parts) -> Room {
    let path = request.uri.path();
    let short_forms = [paths::LOG_IN, paths::LOG_OUT, paths::SET_UP, paths::PREFERENCES, paths::INVITE];
    if short_forms.contains(&path) || path.starts_with(paths::SETTINGS) {
        return Room { bytes: SMALL, or_nothing: false };
    }
    let known = request.extensions.get::<Access>().is_some();
    if known || may_leave_a_draft(app, request).await {
        return Room { bytes: MAX_BODY, or_nothing: false };
    }
    Room { bytes: SMALL, or_nothing: true }
}

/// Whose session ended over a workflow's form: what they typed is kept until they are back.
async fn may_leave_a_draft(app: &App, request: &Parts) -> bool {
    let jar = CookieJar::from_headers(&request.headers);
    let Some(cookie) = jar.get(app.cookie_name()) else { return false };
    request.method == Method::POST
        && page_forms::workflow::is_form_page(request.uri.path())
        && app.services.engine.was_session(cookie.value()).await.unwrap_or(false)
}

/// Log in first: the app is told here, as it would be without arguments, everybody else where they went.
async fn for_guests(parts: Parts, next: Next) -> Response {
    if parts.uri.path().starts_with("/rpc/") {
        let refused = AppError::new(Kind::LoggedOut, "You are logged out. Log in again; what you typed stays here.");
        return (StatusCode::UNAUTHORIZED, Json(refused)).into_response();
    }
    next.run(Request::from_parts(parts, Body::empty())).await
}

async fn collect(body: Body, most: usize, share: &mut Share) -> Result<Bytes, Missing> {
    if body.size_hint().lower() > most as u64 {
        return Err(Missing::TooLarge);
    }
    // Room for a part of it would not do: many that wait for the rest would wait for each other.
    let expected = body.size_hint().exact().and_then(|bytes| usize::try_from(bytes).ok()).unwrap_or(most);
    let mut parts = body.into_data_stream();
    let reading = async {
        let mut whole = BytesMut::new();
        while let Some(part) = parts.next().await {
            let part = part.map_err(Missing::from)?;
            if whole.len() + part.len() > most {
                return Err(Missing::TooLarge);
            }
            // Little is for everybody: it is the number of connections that bounds it.
            if whole.len() + part.len() > SMALL && !share.is_taken() {
                share.take(expected).await?;
                whole.reserve(expected - whole.len());
            }
            whole.extend_from_slice(&part);
        }
        Ok(whole.freeze())
    };
    if most > SMALL {
        return reading.await;
    }
    timeout(SMALL_IN, reading).await.unwrap_or(Err(Missing::TooSlow))
}

impl From<axum::Error> for Missing {
    fn from(error: axum::Error) -> Self {
        if error.into_inner().is::<TooSlow>() { Self::TooSlow } else { Self::Broken }
    }
}

impl From<Busy> for Missing {
    fn from(_: Busy) -> Self {
        Self::Busy
    }
}

impl Missing {
    fn refused(self, most: usize) -> Response {
        let (status, words) = match self {
            Self::TooLarge if most == SMALL => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "This is too much for this form: it takes at most 16 kB. Nothing was done.",
            ),
            Self::TooLarge => return StatusCode::PAYLOAD_TOO_LARGE.into_response(),
            Self::TooSlow => (StatusCode::REQUEST_TIMEOUT, "This did not arrive in time, so nothing was done."),
            Self::Broken => (StatusCode::BAD_REQUEST, "This did not arrive whole, so nothing was done."),
            Self::Busy => {
                let words = "Too much is being sent at the moment. Nothing was done; try again in a few seconds.";
                let mut response = Refusal::new(StatusCode::SERVICE_UNAVAILABLE, words).into_response();
                response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
                return response;
            }
        };
        Refusal::new(status, words).into_response()
    }
}
