//! Two servers on one PostgreSQL. One is this process; the other is a process that can be paused and killed.

use std::time::{Duration, Instant};

use engine::By;
use serde_json::{Value, json};
use tokio::{task::JoinSet, time::sleep};

use crate::{
    streams::followed,
    support::{
        EMAIL, PASSWORD, PostgresServer, Process, Setup, Stream, TestApp, Told, id,
        postgres::{database, execute, number},
        text,
    },
};

/// Longer than a lease and its renewal, with room for a busy machine.
const TAKEN_OVER: Duration = Duration::from_secs(30);

struct Two {
    here: TestApp,
    there: Process,
    token: String,
    url: String,
}

impl Two {
    /// Both on a new database; executions take as long as `speed` says.
    async fn start(speed: f64) -> Self {
        let url = database().await;
        let emulator = emulator::Config { speed, ..emulator::Config::default() };
        let settings = vec![("DASHBOARD_DATABASE_URL", url.clone())];
        let here = TestApp::with(Setup { emulator, settings, ..Setup::default() }).await;
        let token = here.token().await;
        let there = Process::serve(here.settings());
        Self { here, there, token, url }
    }

    /// Starts a run at the other server.
    async fn start_there(&self, workflow: &str, input: Value) -> Value {
        let body = json!({ "environment": "dev", "workflow": workflow, "input": input });
        let post = self.here.client.post(format!("{}/api/v1/runs", self.there.base));
        let answer = post.bearer_auth(&self.token).json(&body).told().await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        answer.json()
    }

    async fn stream_there(&self) -> Stream {
        self.stream_at_there("/api/v1/events").await
    }

    async fn stream_at_there(&self, path: &str) -> Stream {
        let events = self.here.client.get(format!("{}{path}", self.there.base));
        Stream::open(events.bearer_auth(&self.token)).await
    }

    /// What a reader here could go on with at the other server, once everything until now was told.
    async fn place_here(&self) -> String {
        let newest = "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint";
        let (newest, began) = (number(&self.url, newest).await, Instant::now());
        loop {
            let mut stream = Stream::open(self.here.get("/api/v1/events").bearer_auth(&self.token)).await;
            let cursor = stream.next().await.expect("a ping").id;
            let told = cursor.split_once('~').and_then(|(_, place)| place.split(':').nth(1)?.parse().ok());
            if told.is_some_and(|told: i64| told >= newest) {
                return cursor;
            }
            assert!(began.elapsed() < TAKEN_OVER, "{cursor} does not reach {newest}");
            sleep(Duration::from_millis(50)).await;
        }
    }

    async fn status(&self, run: &Value) -> String {
        let answer = self.here.get(&format!("/api/v1/runs/{}", id(run))).bearer_auth(&self.token).told().await;
        answer.json()["status"].as_str().expect("a status").to_owned()
    }

    /// Waits until a run has this status, however long a take-over lasts.
    async fn until(&self, run: &Value, wanted: &str) {
        let began = Instant::now();
        loop {
            let status = self.status(run).await;
            if status == wanted {
                return;
            }
            assert!(began.elapsed() < TAKEN_OVER, "still {status}, not {wanted}; {}", self.there.log());
            sleep(Duration::from_millis(100)).await;
        }
    }

    async fn events_of(&self, run: &Value) -> i64 {
        number(&self.url, &format!("SELECT count(*) FROM events WHERE run_id = '{}'", id(run))).await
    }
}

fn numbers(seen: &[(i64, Value)]) -> Vec<i64> {
    seen.iter().map(|(seq, _)| *seq).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn streams_tell_of_both_servers_runs_without_gap_or_double() {
    let two = Two::start(0.02).await;
    let mut here = Stream::open(two.here.get("/api/v1/events").bearer_auth(&two.token)).await;
    let mut there = two.stream_there().await;
    for _ in 0..5 {
        let run = two.start_there("text-summary", text("x")).await;
        for stream in [&mut here, &mut there] {
            let seen = numbers(&followed(stream, id(&run)).await);
            assert_eq!(seen, (1..=seen.len() as i64).collect::<Vec<_>>());
        }
        let run = two.here.start_run(&two.token, "text-summary", text("y")).await;
        for stream in [&mut there, &mut here] {
            let seen = numbers(&followed(stream, id(&run)).await);
            assert_eq!(seen, (1..=seen.len() as i64).collect::<Vec<_>>());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reader_that_comes_to_the_other_server_misses_nothing() {
    let two = Two::start(0.02).await;
    let place = two.place_here().await;
    let mut here = Stream::open(two.here.get(&format!("/api/v1/events?after={place}")).bearer_auth(&two.token)).await;
    let run = two.here.start_run(&two.token, "text-summary", text("x")).await;
    let seen = numbers(&followed(&mut here, id(&run)).await);
    assert!(seen.len() > 1, "{seen:?}");

    // Of all runs: it goes on where it was, with what was told here and with what is told from now on.
    let mut there = two.stream_at_there(&format!("/api/v1/events?after={place}")).await;
    for seq in &seen {
        let event = there.news().await.json();
        assert_eq!((&event["run"]["id"], &event["seq"]), (&run["id"], &json!(seq)));
    }
    let later = two.place_here().await;
    let another = two.here.start_run(&two.token, "text-summary", text("y")).await;
    let told = followed(&mut there, id(&another)).await;
    let all = numbers(&told);
    assert_eq!(all, (1..=all.len() as i64).collect::<Vec<_>>());
    let mut there = two.stream_at_there(&format!("/api/v1/events?after={later}")).await;
    let first = there.news().await.json();
    assert_eq!((&first["run"]["id"], &first["seq"]), (&another["id"], &told[0].1["seq"]), "nothing from before it");

    // A place of another database, or one that nobody has reached yet.
    let (sequence, _) = later.split_once('/').expect("a place");
    for nowhere in [
        "~1.1.1/1:2:".to_owned(),
        format!("{sequence}x/1:2:"),
        format!("{sequence}/9:999999999:"),
        format!("{sequence}/x"),
    ] {
        let mut there = two.stream_at_there(&format!("/api/v1/events?after={nowhere}")).await;
        assert_eq!(there.news().await.name, "reset", "{nowhere}");
    }

    // Of one run: it goes on where it was.
    let path = format!("/api/v1/runs/{0}/events?after={0}:1", id(&run));
    let mut rest = two.stream_at_there(&path).await;
    for seq in &seen[1..] {
        assert_eq!(rest.news().await.id, format!("{}:{seq}", id(&run)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_notice_that_is_lost_costs_two_seconds() {
    let two = Two::start(0.02).await;
    let mut here = Stream::open(two.here.get("/api/v1/events").bearer_auth(&two.token)).await;
    let run = two.start_there("never-answers", json!({})).await;
    followed_to(&mut here, &run, "pending").await;
    // What somebody else commits without a word.
    let stalled = format!(
        "BEGIN; UPDATE runs SET status = 'stalled', seq = seq + 1 WHERE id = '{0}'; \
         INSERT INTO events (run_id, seq, at, kind, text) SELECT id, seq, 0, 'stalled', '' FROM runs WHERE id = '{0}'; COMMIT",
        id(&run)
    );
    execute(&two.url, &stalled).await;
    let committed = Instant::now();
    followed_to(&mut here, &run, "stalled").await;
    assert!(committed.elapsed() < Duration::from_millis(2_500), "{:?}", committed.elapsed());
}

async fn followed_to(stream: &mut Stream, run: &Value, status: &str) {
    loop {
        let event = stream.news().await.json();
        if event["run"]["id"] == run["id"] && event["run"]["status"] == status {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_of_them_asks_about_a_run_whoever_looks_at_it() {
    let two = Two::start(0.02).await;
    let mut watching =
        [Stream::open(two.here.get("/api/v1/events").bearer_auth(&two.token)).await, two.stream_there().await];
    let run = two.start_there("never-answers", json!({})).await;
    for stream in &mut watching {
        followed_to(stream, &run, "pending").await;
    }
    let polls = async || two.here.ledger().await["counts"]["polls"].as_u64().expect("a count");
    let before = polls().await;
    sleep(Duration::from_secs(7)).await;
    let asked = polls().await - before;
    // At 1 s, 3 s and 6 s while nothing is learned; of two that ask each would.
    assert!((2..=3).contains(&asked), "{asked} questions in seven seconds");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_killed_servers_runs_are_finished_by_the_other() {
    let mut two = Two::start(1.0).await;
    let pending = two.start_there("slow-report", json!({ "title": "x", "seconds": 10 })).await;
    two.until(&pending, "pending").await;
    two.here.fault(json!({ "endpoint": "trigger", "next": 1, "delay_ms": 60_000 })).await;
    let submitting = two.start_there("text-summary", text("x")).await;
    let mut stream = Stream::open(two.here.get("/api/v1/events").bearer_auth(&two.token)).await;
    two.there.signal("KILL");
    followed_to(&mut stream, &submitting, "unconfirmed").await;
    two.until(&pending, "success").await;
    assert_eq!(two.here.triggers().await, 2, "nothing was sent again");

    // A third one finds nothing to do.
    two.there = Process::serve(two.here.settings());
    assert_eq!(two.status(&submitting).await, "unconfirmed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_was_paused_past_its_lease_cannot_write() {
    let two = Two::start(1.0).await;
    let pending = two.start_there("slow-report", json!({ "title": "x", "seconds": 9 })).await;
    two.until(&pending, "pending").await;
    two.here.fault(json!({ "endpoint": "trigger", "next": 1, "delay_ms": 2_000 })).await;
    let submitting = two.start_there("text-summary", text("x")).await;
    let unsent = two.here.triggers().await;
    assert!(unsent <= 2);
    two.there.signal("STOP");
    two.until(&submitting, "unconfirmed").await;
    two.until(&pending, "success").await;
    let events = [two.events_of(&submitting).await, two.events_of(&pending).await];

    two.there.signal("CONT");
    // By now it has the answer to its trigger, which is refused, and it has found out about its lease.
    let began = Instant::now();
    while !["came after the run had moved on", "lease was over"].iter().all(|words| two.there.log().contains(words)) {
        assert!(began.elapsed() < TAKEN_OVER, "{}", two.there.log());
        sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(two.status(&submitting).await, "unconfirmed", "the stale answer is not written");
    assert_eq!([two.events_of(&submitting).await, two.events_of(&pending).await], events);
    assert_eq!(two.here.triggers().await, 2);
    // It is as good as new.
    let next = two.start_there("text-summary", text("x")).await;
    two.until(&next, "success").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_starts_leaves_the_runs_of_living_ones_alone() {
    let two = Two::start(0.02).await;
    two.here.fault(json!({ "endpoint": "trigger", "next": 1, "delay_ms": 9_000 })).await;
    let run = two.here.start_run(&two.token, "text-summary", text("x")).await;
    let third = Process::serve(two.here.settings());
    // Longer than a lease.
    sleep(Duration::from_secs(7)).await;
    assert_eq!(two.status(&run).await, "submitting");
    two.until(&run, "success").await;
    assert!(!third.log().contains("took over"), "{}", third.log());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_that_is_stopped_hands_over_at_once() {
    let two = Two::start(1.0).await;
    // It is over when the second question comes, at 3 s; a lease would last for 8 s.
    let run = two.start_there("slow-report", json!({ "title": "x", "seconds": 2 })).await;
    two.until(&run, "pending").await;
    two.there.signal("TERM");
    let began = Instant::now();
    two.until(&run, "success").await;
    assert!(began.elapsed() < Duration::from_secs(6), "{:?}: it waited for the lease", began.elapsed());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_stops_under_load_loses_nothing_that_was_acknowledged() {
    let postgres = PostgresServer::start();
    let settings = vec![("DASHBOARD_DATABASE_URL", postgres.url.clone())];
    let app = std::sync::Arc::new(TestApp::with(Setup { settings, ..Setup::default() }).await);
    let token = app.token().await;
    let end = Instant::now() + Duration::from_secs(8);
    let mut load = JoinSet::new();
    for _ in 0..4 {
        let (app, token) = (app.clone(), token.clone());
        load.spawn(async move {
            let (mut stored, mut refused) = (Vec::new(), 0);
            while Instant::now() < end {
                let body = json!({ "environment": "dev", "workflow": "text-summary", "input": text("x") });
                let answer = app.json("/api/v1/runs", &body).bearer_auth(&token).told().await;
                match answer.status {
                    202 => stored.push(id(&answer.json()).to_owned()),
                    500..=599 => refused += 1,
                    other => panic!("{other}: {}", answer.body),
                }
            }
            (stored, refused)
        });
    }
    sleep(Duration::from_secs(2)).await;
    postgres.stop_at_once();
    sleep(Duration::from_secs(2)).await;
    assert_eq!(app.get("/readyz").told().await.status, 503);
    assert_eq!(app.get("/healthz").told().await.status, 200);
    postgres.start_again();
    let (stored, refused): (Vec<_>, Vec<i32>) = load.join_all().await.into_iter().unzip();
    let stored: Vec<String> = stored.into_iter().flatten().collect();
    assert!(stored.len() > 10 && refused.iter().sum::<i32>() > 0, "{} stored, {refused:?} refused", stored.len());

    // It heals by itself.
    let run = app.start_run(&token, "text-summary", text("x")).await;
    app.until(&token, id(&run), "success").await;
    let moving = "SELECT count(*) FROM runs WHERE status IN ('submitting', 'pending')";
    let began = Instant::now();
    while number(&postgres.url, moving).await > 0 {
        assert!(began.elapsed() < TAKEN_OVER, "runs are left over");
        sleep(Duration::from_millis(200)).await;
    }
    for run in &stored {
        let found = app.get(&format!("/api/v1/runs/{run}")).bearer_auth(&token).told().await;
        assert_eq!(found.status, 200, "{run} was acknowledged");
    }
    let sent = app.triggers().await;
    let attempts = number(&postgres.url, "SELECT count(*) FROM attempts WHERE outcome <> 'not_sent'").await;
    assert_eq!(sent, attempts.unsigned_abs(), "each request to Codika has its run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_first_account_closes_the_set_up_of_both() {
    let settings = vec![("DASHBOARD_DATABASE_URL", database().await)];
    let here = TestApp::with(Setup { settings, admin: false, ..Setup::default() }).await;
    assert!(here.served().engine.set_up_token().is_some());
    // The settings of the other one name an administrator.
    let mut settings = here.settings().to_vec();
    settings.extend([("DASHBOARD_ADMIN_EMAIL", EMAIL.to_owned()), ("DASHBOARD_ADMIN_PASSWORD", PASSWORD.to_owned())]);
    let _there = Process::serve(&settings);
    let began = Instant::now();
    while here.served().engine.set_up_token().is_some() {
        assert!(began.elapsed() < TAKEN_OVER, "anybody with the link could still try");
        sleep(Duration::from_millis(50)).await;
    }
    assert!(here.log_in().await.starts_with("codika_session="));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_one_server_takes_away_is_over_at_the_other_with_its_streams() {
    let two = Two::start(0.02).await;
    let mut stream = two.stream_there().await;
    let engine = &two.here.served().engine;
    let owner = two.here.account(EMAIL).await;
    let tokens = engine.tokens(By::Operator, Some(&owner)).await.expect("listed");
    engine.revoke_token(By::Operator, &tokens[0].0.id).await.expect("revoked");
    let over = async { while stream.next().await.is_some() {} };
    tokio::time::timeout(Duration::from_secs(5), over).await.expect("the stream ends in time");
    let again = two.here.client.get(format!("{}/api/v1/runs", two.there.base)).bearer_auth(&two.token);
    again.told().await.problem(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn servers_that_start_at_once_on_an_empty_database_all_start() {
    let model = TestApp::start().await;
    let mut settings = model.settings().to_vec();
    settings.push(("DASHBOARD_DATABASE_URL", database().await));
    let mut starts = JoinSet::new();
    for _ in 0..3 {
        let settings = settings.clone();
        starts.spawn_blocking(move || Process::serve(&settings));
    }
    for server in starts.join_all().await {
        let ready = model.client.get(format!("{}/readyz", server.base)).told().await;
        assert_eq!(ready.status, 200, "{}", server.log());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_in_nobodys_hand_may_have_been_sent_and_is_found_after_a_write_that_failed() {
    let url = database().await;
    let app =
        TestApp::with(Setup { settings: vec![("DASHBOARD_DATABASE_URL", url.clone())], ..Setup::default() }).await;
    let token = app.token().await;
    // As if the connection had been cut while it was claimed from a server that had sent it.
    let run = "0".repeat(26);
    let stored = format!(
        "BEGIN; INSERT INTO runs (id, environment, workflow, workflow_name, owner, owner_name, door, key, input, status, \
         epoch, seq, created_at, lease_owner, lease_epoch) SELECT '{run}', 'dev', 'text-summary', 'Summary', users.id, \
         'Ann', 'api', 'k', '{{\"text\": \"x\"}}', 'submitting', 1, 1, 0, replicas.id, 1 FROM users, replicas \
         WHERE replicas.until > 0; INSERT INTO attempts (run_id, epoch, started_at) VALUES ('{run}', 1, 0); \
         INSERT INTO events (run_id, seq, at, kind, text) VALUES ('{run}', 1, 0, 'submitted', ''); COMMIT"
    );
    execute(&url, &stored).await;
    execute(&url, "ALTER TABLE attempts RENAME TO elsewhere").await;
    let failing =
        app.json("/api/v1/runs", &json!({ "environment": "dev", "workflow": "text-summary", "input": text("x") }));
    assert_eq!(failing.bearer_auth(&token).told().await.status, 503);
    execute(&url, "ALTER TABLE elsewhere RENAME TO attempts").await;
    let settled = app.until(&token, &run, "unconfirmed").await;
    assert!(settled["error"]["hint"].as_str().is_some_and(|hint| !hint.contains("safe to send")), "{settled}");
    assert_eq!(app.triggers().await, 0);
}
