//! Live updates as server-sent events: the same stream behind the session cookie (`/events`) and
//! behind a bearer token (`/api/v1/events`, `/api/v1/runs/{id}/events`).

mod streams;

use std::{
    convert::Infallible,
    hash::{BuildHasher, Hasher, RandomState},
    time::Duration,
};

use axum::{
    Extension,
    extract::State,
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    response::{
        IntoResponse, Response,
        sse::{Event, Sse},
    },
};
use axum_extra::extract::CookieJar;
use engine::{
    EngineError,
    policy::{self, Act},
};
use futures::Stream;
use model::{LiveEvent, Principal, RunId};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::{Instant, interval_at},
};

use crate::{
    App,
    doors::Doors,
    middleware::explain::Refusal,
    rest::{problem::Problem, run::event_json},
};

use streams::Slot;
pub use streams::Streams;

/// Proxies cut streams that are silent for a minute.
const PING: Duration = Duration::from_secs(15);
/// How often a stream asks whether its reader may still read.
const RECHECK: Duration = Duration::from_secs(60);
/// A stream ends after this time, or up to a third later; its reader opens a new one.
const MAX_AGE: Duration = Duration::from_secs(18 * 60);

pub fn doors() -> Doors {
    Doors::new().get("/events", for_browsers)
}

/// What a reader was let in with.
pub enum Credential {
    Session(String),
    Token(String),
}

/// Whose stream it is and what of it.
struct Reader {
    who: Principal,
    credential: Credential,
    only: Option<Only>,
}

struct Only {
    run: RunId,
    /// The newest event that was told.
    seen: i64,
}

async fn for_browsers(
    State(app): State<App>,
    who: Option<Extension<Principal>>,
    jar: CookieJar,
    headers: HeaderMap,
) -> Response {
    let (Some(Extension(who)), Some(cookie)) = (who, jar.get(app.cookie_name())) else {
        return Refusal::new(StatusCode::UNAUTHORIZED, "Log in first.").into_response();
    };
    let session = Credential::Session(cookie.value().to_owned());
    of_all_runs(app, who, session, &headers)
}

/// Everything that happens from now on to runs this person may see.
pub fn of_all_runs(app: App, who: Principal, credential: Credential, headers: &HeaderMap) -> Response {
    let events = app.services.engine.events();
    // Numbers count within a run, so what was missed in between is read anew, not replayed.
    let resumed = headers.contains_key("last-event-id");
    let first = resumed.then(|| Event::default().event("reset").data("{}"));
    stream(app, Reader { who, credential, only: None }, events, first)
}

/// One run: where it stands, then what happens to it.
///
/// # Errors
/// For runs that this person may not see.
pub async fn of_one_run(app: App, who: Principal, credential: Credential, id: &RunId) -> Result<Response, EngineError> {
    // Listening first: nothing can happen between the two.
    let events = app.services.engine.events();
    let run = app.services.engine.run(&who, id).await?;
    let (seq, kind) = run.events.last().map(|event| (event.seq, event.kind.clone())).unwrap_or_default();
    let now = LiveEvent { run: run.summary, seq, kind };
    let reader = Reader { who, credential, only: Some(Only { run: id.clone(), seen: seq }) };
    let first = reader.message(&now);
    Ok(stream(app, reader, events, Some(first)))
}

fn stream(app: App, reader: Reader, events: Receiver<LiveEvent>, first: Option<Event>) -> Response {
    let Some(slot) = app.streams.open(&reader.who.id) else {
        let words = "Too many event streams of this account are open; close one first.";
        return match reader.credential {
            Credential::Session(_) => Refusal::new(StatusCode::TOO_MANY_REQUESTS, words).into_response(),
            Credential::Token(_) => Problem::new(StatusCode::TOO_MANY_REQUESTS, words).into_response(),
        };
    };
    let mut response = Sse::new(messages(app, reader, events, first, slot)).into_response();
    let headers = response.headers_mut();
    // Else nginx delivers events only when its buffer is full.
    headers.insert(HeaderName::from_static("x-accel-buffering"), HeaderValue::from_static("no"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-store"));
    response
}

fn messages(
    app: App,
    reader: Reader,
    events: Receiver<LiveEvent>,
    first: Option<Event>,
    slot: Slot,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let start = Instant::now();
    let luck = RandomState::new().build_hasher().finish();
    let state = Running {
        first,
        pings: interval_at(start, PING),
        rechecks: interval_at(start + RECHECK, RECHECK),
        // Spread, so that readers do not all come back at once.
        ends: start + MAX_AGE + Duration::from_secs(luck % 360),
        retry: Duration::from_millis(2_000 + luck % 3_000),
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
    first: Option<Event>,
    pings: tokio::time::Interval,
    rechecks: tokio::time::Interval,
    ends: Instant,
    /// How long a reader waits before it comes back.
    retry: Duration,
    _slot: Slot,
}

impl Running {
    /// None ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if let Some(first) = self.first.take() {
            return Some(first.retry(self.retry));
        }
        let stopping = self.app.services.engine.stopping().clone();
        loop {
            tokio::select! {
                biased;
                () = stopping.cancelled() => return None,
                () = tokio::time::sleep_until(self.ends) => return None,
                _ = self.rechecks.tick() => {
                    if !self.still_allowed().await {
                        return None;
                    }
                }
                _ = self.pings.tick() => {
                    let now = self.app.services.engine.now();
                    return Some(Event::default().event("ping").data(now.to_string()).retry(self.retry));
                }
                event = self.events.recv() => match event {
                    Ok(event) if self.reader.wants(&event) => return Some(self.reader.message(&event)),
                    Ok(_) => {}
                    // The reader fell behind: what it shows may be out of date.
                    Err(RecvError::Lagged(_)) => return Some(Event::default().event("reset").data("{}")),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }

    /// Rights may have changed since the last time.
    async fn still_allowed(&mut self) -> bool {
        let engine = &self.app.services.engine;
        let who = match &self.reader.credential {
            Credential::Session(token) => engine.who_by_session(token).await,
            Credential::Token(token) => engine.who_by_api_token(token).await,
        };
        match who {
            Ok(Some(who)) => {
                self.reader.who = who;
                true
            }
            Ok(None) | Err(_) => false,
        }
    }
}

impl Reader {
    fn wants(&mut self, event: &LiveEvent) -> bool {
        if !policy::allows(&self.who, Act::Touch(&event.run.owner)) {
            return false;
        }
        let Some(only) = &mut self.only else { return true };
        let news = only.run == event.run.id && event.seq > only.seen;
        if news {
            only.seen = event.seq;
        }
        news
    }

    fn message(&self, event: &LiveEvent) -> Event {
        let data = match self.credential {
            Credential::Session(_) => serde_json::to_string(event).unwrap_or_default(),
            Credential::Token(_) => event_json(event),
        };
        Event::default().event("run").id(format!("{}:{}", event.run.id, event.seq)).data(data)
    }
}
