use std::{net::Ipv4Addr, sync::mpsc};

use axum::{
    body::BodyDataStream,
    response::{IntoResponse, Sse},
};
use engine::{Access, Clock, LogIn, SetUp};
use futures::{FutureExt, StreamExt};
use model::Millis;
use store::Database;
use tempfile::TempDir;
use tokio::time::advance;

use super::*;
use crate::events::{Caps, Places};

/// Moves with the runtime's clock.
struct PausedClock(Instant);

impl Clock for PausedClock {
    fn now(&self) -> Millis {
        1_700_000_000_000 + Millis::try_from(self.0.elapsed().as_millis()).expect("tests are short")
    }
}

/// A person who is logged in. Time passes only where a test says so.
struct World {
    engine: Engine,
    hub: Arc<Hub>,
    ann: Access,
    session: String,
    _folder: TempDir,
    _still: mpsc::Sender<()>,
}

impl World {
    async fn new() -> Self {
        let still = stand_still();
        let folder = tempfile::tempdir().expect("a folder");
        let database = Database::open(folder.path().join("test.db").to_str().expect("a path in UTF-8")).await;
        let database = database.expect("a new database");
        database.unlock(&database.usual_key_file()).await.expect("a new key");
        let clock = Arc::new(PausedClock(Instant::now()));
        let engine = Engine::idle(database.store(), clock).await.expect("an engine");
        let (email, password) = ("ann@example.com", "correct horse battery");
        engine.create_admin(SetUp { email, name: "Ann", password }).await.expect("an account");
        let session = engine
            .log_in(LogIn { email, password, address: "::1", ..LogIn::default() })
            .await
            .expect("a session")
            .value;
        let ann = engine.who_by_session(&session).await.expect("an answer").expect("a person");
        Self { hub: Hub::start(&engine), engine, ann, session, _folder: folder, _still: still }
    }

    fn listen(&self) -> BodyDataStream {
        let places = Places::new(Caps { per_person: 1, per_address: 1 });
        let place = places.take(&self.ann.person.id, Ipv4Addr::LOCALHOST.into()).expect("room");
        let (mailbox, _) = self.hub.join(self.ann.clone(), None, None);
        let credential = Credential::Session(self.session.clone());
        let reader = Reader { credential, mailbox, caught_up: HashSet::new(), seen: None };
        let messages = messages(self.engine.clone(), self.hub.clone(), reader, Vec::new(), place);
        Sse::new(messages).into_response().into_body().into_data_stream()
    }
}

/// A paused clock runs ahead while the runtime waits for another thread, as for the database's, unless a blocking
/// task holds it. It lets go after a while, so that what never comes fails a test instead of stopping it.
fn stand_still() -> mpsc::Sender<()> {
    let (release, released) = mpsc::channel();
    tokio::task::spawn_blocking(move || released.recv_timeout(Duration::from_secs(30)));
    release
}

async fn said(stream: &mut BodyDataStream) -> Option<String> {
    let bytes = stream.next().await?.expect("a readable stream");
    Some(String::from_utf8(bytes.to_vec()).expect("a text"))
}

/// After 15 s.
async fn said_then(stream: &mut BodyDataStream) -> Option<String> {
    advance(Duration::from_secs(15)).await;
    said(stream).await
}

fn field<'a>(event: &'a str, name: &str) -> &'a str {
    let value = event.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    value.unwrap_or_else(|| panic!("no {name} in {event}")).trim_start()
}

#[tokio::test(start_paused = true)]
async fn a_ping_with_the_time_comes_at_once_and_every_15_s() {
    let world = World::new().await;
    let (mut stream, began) = (world.listen(), world.engine.now());
    for number in 0..5 {
        let ping = said(&mut stream).await.expect("the stream goes on");
        let time = (began + number * 15_000).to_string();
        assert_eq!((field(&ping, "event"), field(&ping, "data")), ("ping", time.as_str()));
        advance(Duration::from_millis(14_999)).await;
        assert!(stream.next().now_or_never().is_none(), "not before 15 s");
        advance(Duration::from_millis(1)).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_session_that_ends_between_two_checks_ends_its_stream_with_the_next_one() {
    let world = World::new().await;
    let mut stream = world.listen();
    said(&mut stream).await.expect("a ping at once");
    for seconds in [15, 30, 45, 60] {
        assert!(said_then(&mut stream).await.is_some(), "{seconds} s: it may read");
    }
    world.engine.log_out(&world.ann.person, &world.session).await.expect("the session ends");
    for seconds in [75, 90, 105] {
        assert!(said_then(&mut stream).await.is_some(), "{seconds} s: nobody has looked again yet");
    }
    assert_eq!(said_then(&mut stream).await, None);
}

#[tokio::test(start_paused = true)]
async fn a_stream_ends_of_old_age_and_its_reader_comes_back_without_loss() {
    let world = World::new().await;
    let (mut stream, began) = (world.listen(), Instant::now());
    let mut last = said(&mut stream).await.expect("a ping at once");
    let minutes = |count: u64| Duration::from_secs(count * 60);
    while let Some(ping) = said_then(&mut stream).await {
        assert!(began.elapsed() < minutes(24), "it goes on");
        last = ping;
    }
    assert!(began.elapsed() >= minutes(18), "{:?}", began.elapsed());
    let retry: u64 = field(&last, "retry").parse().expect("a number");
    assert!((2_000..=5_000).contains(&retry), "{retry}");
    let (back, _) = world.hub.join(world.ann.clone(), None, Some(field(&last, "id")));
    assert!(back.is_empty(), "it need not start over");
}

#[test]
fn a_stream_becomes_18_to_24_minutes_old_by_chance() {
    let ages: Vec<_> = (0..200).map(|_| age().as_secs_f64() / 60.0).collect();
    let (youngest, oldest) = (ages.iter().copied().fold(f64::MAX, f64::min), ages.iter().copied().fold(0.0, f64::max));
    assert!(youngest >= 18.0 && oldest <= 24.0 && oldest - youngest > 3.0, "{youngest} to {oldest}");
}

#[test]
fn a_deploy_spreads_its_readers_and_never_takes_longer_than_ten_seconds() {
    assert!(closing_time(3) < Duration::from_millis(10));
    assert_eq!(closing_time(1_000), Duration::from_secs(2));
    assert_eq!(closing_time(1_000_000), Duration::from_secs(8));
    assert_eq!(returning_time(1_000_000), Duration::from_secs(14));
    assert!(returning_time(usize::MAX) <= Duration::from_secs(14));
}

#[test]
fn chance_stays_within_its_bound_and_is_chance() {
    let longest = Duration::from_secs(3);
    let drawn: Vec<_> = (0..200).map(|_| at_random(longest)).collect();
    assert!(drawn.iter().all(|one| *one <= longest));
    assert!(drawn.iter().max() > drawn.iter().min());
    assert_eq!(at_random(Duration::ZERO), Duration::ZERO);
}
