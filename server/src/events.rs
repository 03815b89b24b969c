//! Live updates as server-sent events: the same stream behind the session cookie (`/events`) and
//! behind a bearer token (`/api/v1/events`, `/api/v1/runs/{id}/events`).

mod hub;
mod mailbox;
mod places;
mod stream;
#[cfg(test)]
mod testing;

use std::{collections::HashSet, net::IpAddr};

use axum::{
    extract::{FromRequestParts, State},
    http::{HeaderName, HeaderValue, StatusCode, header, request::Parts},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use axum_extra::extract::CookieJar;
use engine::{Access, EngineError};
use model::{EventKind, LiveEvent, RunId};

use crate::{
    App,
    extractors::Visitor,
    middleware::{client::ClientAddress, error_pages::Refusal},
    rest::problem::Problem,
    routes::Routes,
};

pub use hub::Hub;
pub use places::{Caps, Places};
pub use stream::closing_time;

use hub::Behind;
use places::{Full, Place};
use stream::Reader;

pub fn routes() -> Routes {
    Routes::new().get("/events", for_browsers)
}

/// What a reader was let in with.
pub enum Credential {
    Session(String),
    Token(String),
}

/// From where a reader asks, and what it has seen.
pub struct Asked {
    address: IpAddr,
    /// The id of the last event it got, from `Last-Event-ID`, else `?after=`.
    after: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Asked {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Refusal> {
        let known = parts.extensions.get::<ClientAddress>();
        let address = known.ok_or_else(|| Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "An address is missing."))?;
        let last = parts.headers.get("last-event-id").map(|id| id.to_str().unwrap_or_default().to_owned());
        let query = || {
            url::form_urlencoded::parse(parts.uri.query()?.as_bytes())
                .find_map(|(name, value)| (name == "after").then(|| value.into_owned()))
        };
        Ok(Self { address: address.0, after: last.or_else(query) })
    }
}

async fn for_browsers(State(app): State<App>, visitor: Visitor, jar: CookieJar, asked: Asked) -> Response {
    let (Some(who), Some(cookie)) = (visitor.who, jar.get(app.cookie_name())) else {
        return Refusal::new(StatusCode::UNAUTHORIZED, "Log in first.").into_response();
    };
    let session = Credential::Session(cookie.value().to_owned());
    of_all_runs(app, who, session, asked).await
}

/// How many changes a reader who comes from another process is told; with more it starts over.
const CATCH_UP: u32 = 1_000;

/// Everything that happens to runs this person may see: from now on, or after what was seen.
pub async fn of_all_runs(app: App, who: Access, credential: Credential, asked: Asked) -> Response {
    let place = match app.places.take(&who.person.id, asked.address) {
        Ok(place) => place,
        Err(full) => return refused(full, &credential),
    };
    // Listening first: nothing can happen between the two.
    let (mailbox, behind) = app.hub.join(who.clone(), None, asked.after.as_deref());
    let mut reader = Reader { credential, mailbox, caught_up: HashSet::new(), seen: None };
    let mut first = Vec::new();
    if let Behind::Place(at) = behind {
        match app.services.engine.changes_since(&who, &at, CATCH_UP).await {
            Ok(Some(events)) => first.extend(events.iter().map(|event| reader.late(event, &at))),
            Ok(None) => reader.mailbox.miss(),
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "a reader from another replica starts over");
                reader.mailbox.miss();
            }
        }
    }
    respond(app, reader, first, place)
}

/// One run: where it stands or what came after what was seen, then what happens to it.
///
/// # Errors
/// For runs that this person may not see.
pub async fn of_one_run(
    app: App,
    who: Access,
    credential: Credential,
    id: &RunId,
    asked: Asked,
) -> Result<Response, EngineError> {
    let place = match app.places.take(&who.person.id, asked.address) {
        Ok(place) => place,
        Err(full) => return Ok(refused(full, &credential)),
    };
    // Listening first: nothing can happen between the two.
    let (mailbox, _) = app.hub.join(who.clone(), Some(id.clone()), None);
    let (run, events) = app.services.engine.run_history(&who, id).await?;
    let newest = events.last().map_or(0, |event| event.seq);
    // The numbers are the database's own, so it does not matter which process gave them.
    let seen = asked.after.as_deref().and_then(|after| sequence(id, after)).filter(|seen| *seen <= newest);
    let from = seen.unwrap_or(newest - 1);
    let reader = Reader { credential, mailbox, caught_up: HashSet::new(), seen: Some(newest) };
    let told = events.into_iter().filter(|event| event.seq > from);
    let mut first: Vec<_> =
        told.map(|event| reader.of_run(&LiveEvent { run: run.clone(), seq: event.seq, kind: event.kind })).collect();
    if newest == 0 && seen.is_none() {
        // Its history is not kept any more.
        let kind = EventKind::Status;
        first.push(reader.of_run(&LiveEvent { run, seq: 0, kind }));
    }
    Ok(respond(app, reader, first, place))
}

/// The number in an event's id of this run.
fn sequence(run: &RunId, id: &str) -> Option<i64> {
    id.strip_prefix(run.as_str())?.strip_prefix(':')?.parse().ok()
}

fn refused(full: Full, credential: &Credential) -> Response {
    let words = match full {
        Full::Person => "Too many event streams of this account are open; close one first.",
        Full::Address => "Too many event streams are open from this address; close one first.",
    };
    match credential {
        Credential::Session(_) => Refusal::new(StatusCode::TOO_MANY_REQUESTS, words).into_response(),
        Credential::Token(_) => Problem::new(StatusCode::TOO_MANY_REQUESTS, words).into_response(),
    }
}

fn respond(app: App, reader: Reader, first: Vec<Event>, place: Place) -> Response {
    // Rights may have changed between this request's look at them and its place among the readers.
    reader.mailbox.recheck();
    let mut response = Sse::new(stream::messages(app.services.engine, app.hub, reader, first, place)).into_response();
    let headers = response.headers_mut();
    // Else nginx delivers events only when its buffer is full.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}
