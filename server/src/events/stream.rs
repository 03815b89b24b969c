//! One reader's stream: what it sends when, and when it ends.

#[cfg(test)]
mod tests;

use std::{
    collections::{HashSet, VecDeque},
    convert::Infallible,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

use axum::response::sse::Event;
use engine::Engine;
use futures::Stream;
use model::{LiveEvent, RunId};
use tokio::time::{Instant, Interval, interval_at};

use crate::rest::run::event_json;

use super::{
    Credential, Hub,
    hub::cursor_at,
    mailbox::{Mailbox, Message},
    places::Place,
};

/// Proxies cut streams that are silent for a minute.
const PING: Duration = Duration::from_secs(15);
/// How often a stream asks whether its reader may still read.
const RECHECK: Duration = Duration::from_secs(60);
/// A stream ends after this time, or up to a third later; its reader opens a new one.
const MAX_AGE: Duration = Duration::from_secs(18 * 60);

pub struct Reader {
    pub credential: Credential,
    pub mailbox: Arc<Mailbox>,
    /// Of a stream of all runs whose reader came from another process: what it was told first, run and number.
    /// Some of it may come out of the mailbox, too.
    pub caught_up: HashSet<(RunId, i64)>,
    /// Of a stream of one run: the newest event that was told, or is about to be.
    pub seen: Option<i64>,
}

pub fn messages(
    engine: Engine,
    hub: Arc<Hub>,
    reader: Reader,
    first: Vec<Event>,
    place: Place,
) -> impl Stream<Item = Result<Event, Infallible>> {
    let start = Instant::now();
    let state = Running {
        first: first.into(),
        pings: interval_at(start, PING),
        rechecks: interval_at(start + RECHECK, RECHECK),
        ends: start + age(),
        retry: Duration::from_secs(2) + at_random(Duration::from_secs(3)),
        over: false,
        engine,
        hub,
        reader,
        _place: place,
    };
    futures::stream::unfold(state, |mut state| async move {
        let message = state.next().await?;
        Some((Ok(message), state))
    })
}

struct Running {
    engine: Engine,
    hub: Arc<Hub>,
    reader: Reader,
    first: VecDeque<Event>,
    pings: Interval,
    rechecks: Interval,
    ends: Instant,
    /// How long a reader waits before it comes back.
    retry: Duration,
    over: bool,
    _place: Place,
}

impl Running {
    /// None ends the stream.
    async fn next(&mut self) -> Option<Event> {
        if self.over {
            return None;
        }
        if let Some(first) = self.first.pop_front() {
            return Some(first.retry(self.retry));
        }
        let stopping = self.engine.stopping().clone();
        loop {
            tokio::select! {
                biased;
                () = stopping.cancelled() => return Some(self.farewell().await),
                () = tokio::time::sleep_until(self.ends) => return None,
                _ = self.rechecks.tick() => {
                    if !self.still_allowed().await {
                        return None;
                    }
                }
                _ = self.pings.tick() => return Some(self.ping()),
                letter = self.reader.mailbox.next() => match letter {
                    Message::Event(told) if self.reader.was_told(&told.event) => {}
                    Message::Event(told) => match self.reader.seen {
                        None => return Some(self.reader.message(&told.event).id(self.hub.after(&told))),
                        Some(seen) if told.event.seq <= seen => {}
                        Some(seen) if told.event.seq == seen + 1 => {
                            self.reader.seen = Some(told.event.seq);
                            return Some(self.reader.of_run(&told.event));
                        }
                        Some(seen) => return self.catch_up(&told.event.run.id, seen).await,
                    },
                    Message::Missed => return Some(self.with_cursor(Event::default().event("reset").data("{}"))),
                    Message::Recheck => {
                        if !self.still_allowed().await {
                            return None;
                        }
                    }
                },
            }
        }
    }

    /// Of one run: what the database has behind `seen`. Changes of two writers may be told in another order than they
    /// were stored in, and one may not be told at all. None ends the stream: its reader comes back and asks for them.
    async fn catch_up(&mut self, run: &RunId, seen: i64) -> Option<Event> {
        let who = self.reader.mailbox.who();
        let (run, events) = self.engine.run_history(&who, run).await.ok()?;
        for event in events.into_iter().filter(|event| event.seq > seen) {
            self.reader.seen = Some(event.seq);
            let event = LiveEvent { run: run.clone(), seq: event.seq, kind: event.kind };
            self.first.push_back(self.reader.of_run(&event));
        }
        self.first.pop_front()
    }

    fn ping(&self) -> Event {
        let now = self.engine.now();
        self.with_cursor(Event::default().event("ping").data(now.to_string()).retry(self.retry))
    }

    /// A reader that has everything so far need not go further back than here when it returns.
    fn with_cursor(&self, event: Event) -> Event {
        match self.hub.reached(&self.reader.mailbox) {
            Some(cursor) if self.reader.seen.is_none() => event.id(cursor),
            _ => event,
        }
    }

    /// The last words of a stopping server: when to come back. Readers leave one after the other, and
    /// return one after the other.
    async fn farewell(&mut self) -> Event {
        let readers = self.hub.readers();
        tokio::time::sleep(at_random(closing_time(readers))).await;
        self.over = true;
        Event::default().retry(Duration::from_secs(1) + at_random(returning_time(readers)))
    }

    /// Rights may have changed since the last time.
    async fn still_allowed(&self) -> bool {
        let engine = &self.engine;
        let who = match &self.reader.credential {
            Credential::Session(token) => engine.who_by_session(token).await,
            Credential::Token(token) => engine.who_by_api_token(token).await,
        };
        match who {
            Ok(Some(who)) => {
                let seen = match self.reader.mailbox.only() {
                    Some(run) => self.engine.run_summary(&who, &run).await.is_ok(),
                    None => true,
                };
                self.reader.mailbox.readdress(who);
                seen
            }
            Ok(None) | Err(_) => false,
        }
    }
}

impl Reader {
    /// An event of a stream of one run; its id is the database's.
    pub fn of_run(&self, event: &LiveEvent) -> Event {
        self.message(event).id(format!("{}:{}", event.run.id, event.seq))
    }

    /// Once for each event that was told first.
    fn was_told(&mut self, event: &LiveEvent) -> bool {
        !self.caught_up.is_empty() && self.caught_up.remove(&(event.run.id.clone(), event.seq))
    }

    /// An event after the place of another process that the reader came with. Its id is that place: whoever leaves
    /// in between comes back with it.
    pub fn late(&mut self, event: &LiveEvent, place: &str) -> Event {
        self.caught_up.insert((event.run.id.clone(), event.seq));
        self.message(event).id(cursor_at(place))
    }

    fn message(&self, event: &LiveEvent) -> Event {
        let who = self.mailbox.who();
        let event = who.scope.projection.live(event);
        let data = match self.credential {
            Credential::Session(_) => serde_json::to_string(&event).unwrap_or_default(),
            Credential::Token(_) => event_json(&event),
        };
        Event::default().event("run").data(data)
    }
}

/// How old a stream becomes: spread, so that readers do not all come back at once.
fn age() -> Duration {
    MAX_AGE + at_random(MAX_AGE / 3)
}

/// Over how long a stopping server lets so many readers go.
pub fn closing_time(readers: usize) -> Duration {
    share(readers, 2, 8_000)
}

/// Over how long they come back: few at once, many over 15 s.
fn returning_time(readers: usize) -> Duration {
    share(readers, 5, 14_000)
}

fn share(readers: usize, each_ms: u64, at_most_ms: u64) -> Duration {
    Duration::from_millis(each_ms.saturating_mul(readers as u64).min(at_most_ms))
}

/// From nothing to `longest`.
fn at_random(longest: Duration) -> Duration {
    Duration::from_millis(RandomState::new().hash_one(0) % (longest.as_millis() as u64 + 1))
}
