//! Live updates as server-sent events: the same stream behind the session cookie (`/events`) and
//! behind a bearer token (`/api/v1/events`, `/api/v1/runs/{id}/events`).

mod streams;

use std::{convert::Infallible, time::Duration};

use axum::{
    Extension,
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use axum_extra::extract::CookieJar;
use engine::policy::{self, Act};
use futures::Stream;
use model::{LiveEvent, Principal, RunId};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, interval_at},
};

use crate::{App, rest::problem::Problem};

use streams::Slot;
pub use streams::Streams;

/// Proxies cut streams that are silent for a minute.
const PING: Duration = Duration::from_secs(15);
/// How often a stream asks whether its reader is still logged in.
const RECHECK: Duration = Duration::from_secs(60);
/// A stream ends after this time; its browser opens a new one.
const MAX_AGE: Duration = Duration::from_secs(20 * 60);

/// Whose stream it is and what of it.
struct Reader {
    who: Principal,
    only: Option<RunId>,
    /// The session it depends on; none for API tokens.
    session: Option<String>,
}

pub async fn for_browsers(State(app): State<App>, who: Option<Extension<Principal>>, jar: CookieJar) -> Response {
    let Some(Extension(who)) = who else {
        return (StatusCode::UNAUTHORIZED, "Log in first.").into_response();
    };
    let session = jar.get(app.cookie_name()).map(|cookie| cookie.value().to_owned());
    stream(app, Reader { who, only: None, session })
}

pub fn for_programs(app: App, who: Principal, only: Option<RunId>) -> Response {
    stream(app, Reader { who, only, session: None })
}

fn stream(app: App, reader: Reader) -> Response {
    let Some(slot) = app.streams.open(&reader.who.id) else {
        return Problem::new(StatusCode::TOO_MANY_REQUESTS, "Too many event streams are open.").into_response();
    };
    let events = app.services.engine.events();
    let mut response = Sse::new(messages(app, reader, events, slot)).into_response();
    // Else nginx delivers events only when its buffer is full.
    response.headers_mut().insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    response
}

fn messages(
    app: App,
    reader: Reader,
    events: Receiver<LiveEvent>,
    slot: Slot,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let start = Instant::now();
    let state = Running {
        pings: interval_at(start, PING),
        rechecks: interval_at(start + RECHECK, RECHECK),
        ends: start + MAX_AGE,
        app,
        reader,
        events,
        _slot: slot,
    };
    futures::stream::unfold(state, |mut state| async move {
        let message = state.next().await?;
        Some((Ok(message), state))
    })
}

struct Running {
    app: App,
    reader: Reader,
    events: Receiver<LiveEvent>,
    pings: tokio::time::Interval,
    rechecks: tokio::time::Interval,
    ends: Instant,
    _slot: Slot,
}

impl Running {
    /// None ends the stream.
    async fn next(&mut self) -> Option<Event> {
        let stopping = self.app.services.engine.stopping().clone();
        loop {
            tokio::select! {
                biased;
                () = stopping.cancelled() => return None,
                () = tokio::time::sleep_until(self.ends) => return None,
                event = self.events.recv() => match event {
                    Ok(event) if self.concerns(&event) => return Some(message(&event)),
                    Ok(_) => {}
                    // The reader fell behind: what it shows may be out of date.
                    Err(RecvError::Lagged(_)) => return Some(Event::default().event("reset").data("{}")),
                    Err(RecvError::Closed) => return None,
                },
                _ = self.rechecks.tick() => {
                    if !self.still_allowed().await {
                        return None;
                    }
                }
                _ = self.pings.tick() => {
                    let now = self.app.services.engine.now();
                    return Some(Event::default().event("ping").data(now.to_string()).retry(Duration::from_secs(3)));
                }
            }
        }
    }

    fn concerns(&self, event: &LiveEvent) -> bool {
        policy::allows(&self.reader.who, Act::Touch(&event.run.owner))
            && self.reader.only.as_ref().is_none_or(|only| *only == event.run.id)
    }

    async fn still_allowed(&self) -> bool {
        match &self.reader.session {
            Some(token) => matches!(self.app.services.engine.who_by_session(token).await, Ok(Some(_))),
            None => true,
        }
    }
}

fn message(event: &LiveEvent) -> Event {
    let data = serde_json::to_string(event).unwrap_or_default();
    Event::default().event("run").id(format!("{}:{}", event.run.id, event.seq)).data(data)
}
