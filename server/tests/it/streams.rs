//! Live updates.

use std::time::Duration;

use engine::{By, Retention};
use model::{GrantTarget, GrantVerbs, Grantee, Role};
use serde_json::{Value, json};
use tokio::time::timeout;

use crate::support::{PATIENCE, Setup, Stream, TestApp, Told, between, id, text};

/// Reads on until a run is at its end; the events of that run.
pub async fn followed(stream: &mut Stream, run: &str) -> Vec<(i64, Value)> {
    let mut seen = Vec::new();
    loop {
        let event = stream.news().await;
        assert_eq!(event.name, "run");
        let data = event.json();
        if data["run"]["id"] != run {
            continue;
        }
        let seq = data["seq"].as_i64().expect("a number");
        assert!(!event.id.is_empty(), "every event says where one can go on");
        assert!(data["kind"].is_string(), "{data}");
        let end = ["success", "failed"].contains(&data["run"]["status"].as_str().expect("a status"));
        seen.push((seq, data));
        if end {
            return seen;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn programs_see_every_step_of_every_run() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let mut stream = Stream::open(app.get("/api/v1/events").bearer_auth(&token)).await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    assert_eq!(stream.headers()["cache-control"], "private, no-store");
    let ping = stream.next().await.expect("a ping at once");
    assert_eq!(ping.name, "ping");
    let retry: u64 = ping.retry.parse().expect("a number");
    assert!((2_000..=5_000).contains(&retry), "{retry}");
    assert!(ping.data.parse::<i64>().is_ok_and(|now| now > 1_700_000_000_000));

    let run = app.start_run(&token, "text-summary", text("x")).await;
    let seen = followed(&mut stream, id(&run)).await;
    let numbers: Vec<i64> = seen.iter().map(|(seq, _)| *seq).collect();
    assert_eq!(numbers, (1..=seen.len() as i64).collect::<Vec<_>>(), "from 1 without gaps");
    let last = &seen.last().expect("events").1["run"];
    let listed = app.get("/api/v1/runs").bearer_auth(&token).told().await.json();
    assert_eq!(last, &listed["items"][0], "an event's run looks as it does in lists");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn one_run_can_be_followed_from_where_it_stands() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let run = app.start_run(&token, "text-summary", text("x")).await;
    let path = format!("/api/v1/runs/{}/events", id(&run));
    let mut stream = Stream::open(app.get(&path).bearer_auth(&token)).await;
    app.start_run(&token, "text-summary", text("another")).await;
    let seen = followed(&mut stream, id(&run)).await;
    let numbers: Vec<i64> = seen.iter().map(|(seq, _)| *seq).collect();
    let first = numbers[0];
    assert_eq!(numbers, (first..first + numbers.len() as i64).collect::<Vec<_>>(), "nothing missed, nothing twice");
    assert!(seen.iter().all(|(_, data)| data["run"]["id"] == run["id"]), "only this run");

    // Whoever comes late is told the end at once.
    let mut late = Stream::open(app.get(&path).bearer_auth(&token)).await;
    let end = late.news().await;
    assert_eq!(end.json()["run"]["status"], "success");
    let newest = *numbers.last().expect("events");
    assert_eq!((end.json()["seq"].as_i64(), end.id), (Some(newest), format!("{}:{newest}", id(&run))));

    // Whoever comes back is told what the database has since then, each change once.
    let all: Vec<String> = (1..=newest).map(|seq| format!("{}:{seq}", id(&run))).collect();
    for (seen, last) in all.iter().enumerate() {
        let mut back = Stream::open(app.get(&path).bearer_auth(&token).header("last-event-id", last)).await;
        for wanted in &all[seen + 1..] {
            assert_eq!(back.news().await.id, *wanted);
        }
    }
    let mut by_address = Stream::open(app.get(&format!("{path}?after={}:0", id(&run))).bearer_auth(&token)).await;
    for wanted in &all {
        assert_eq!(by_address.news().await.id, *wanted);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_acts_on_one_run_at_once_are_told_in_their_order() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let run = app.start_run(&token, "never-answers", json!({})).await;
    app.until(&token, id(&run), "pending").await;
    let act = async |action: &str| {
        let path = format!("/api/v1/runs/{}/actions", id(&run));
        let answer = app.json(&path, &json!({ "action": action })).bearer_auth(&token).told().await;
        assert_eq!(answer.status, 200, "{}", answer.body);
    };
    act("stop_waiting").await;
    let mut stream = Stream::open(app.get("/api/v1/events").bearer_auth(&token)).await;
    assert_eq!(stream.next().await.expect("it is open").name, "ping");
    for _ in 0..50 {
        tokio::join!(act("close"), act("close"));
    }
    let mut newest = None;
    for _ in 0..100 {
        let seq = stream.news().await.json()["seq"].as_i64().expect("a number");
        assert!(newest.is_none_or(|newest| seq == newest + 1), "{seq} after {newest:?}");
        newest = Some(seq);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_whose_history_is_not_kept_any_more_still_says_where_it_stands() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let run = app.start_run(&token, "text-summary", text("x")).await;
    app.until(&token, id(&run), "success").await;
    let keep = Retention { results: None, events: Some(Duration::ZERO) };
    let kept = format!("SELECT count(*) || '' FROM events WHERE run_id = '{}'", id(&run));
    // What is as old as this very millisecond stays.
    while app.value(&kept).await != "0" {
        app.served().engine.remove_old(keep).await.expect("removed");
    }
    let path = format!("/api/v1/runs/{}/events", id(&run));
    let mut stream = Stream::open(app.get(&path).bearer_auth(&token)).await;
    let first = stream.news().await;
    assert_eq!(first.json()["run"]["status"], "success");
    assert_eq!(first.id, format!("{}:0", id(&run)));
    let mut again = Stream::open(app.get(&format!("{path}?after={}", first.id)).bearer_auth(&token)).await;
    assert_eq!(again.next().await.expect("it goes on").name, "ping", "nothing is told twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_change_that_was_not_told_in_its_order_is_read_from_the_database() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let run = app.start_run(&token, "never-answers", json!({})).await;
    app.until(&token, id(&run), "pending").await;
    let mut stream = Stream::open(app.get(&format!("/api/v1/runs/{}/events", id(&run))).bearer_auth(&token)).await;
    assert_eq!(stream.news().await.id, format!("{}:2", id(&run)));
    // Somebody else writes: this process tells of the third change after the fourth one, or never.
    let run = id(&run);
    app.sql(&format!(
        "UPDATE runs SET status = 'stalled', seq = 3 WHERE id = '{run}';
         INSERT INTO events (run_id, seq, at, kind, text) VALUES ('{run}', 3, 0, 'stalled', 'No answer.')"
    ))
    .await;
    let resume = app.json(&format!("/api/v1/runs/{run}/actions"), &json!({ "action": "look_again" }));
    assert_eq!(resume.bearer_auth(&token).told().await.status, 200);
    for (seq, kind) in [(3, "stalled"), (4, "watch_resumed")] {
        let told = stream.news().await;
        assert_eq!((told.id.as_str(), told.json()["kind"].as_str()), (&*format!("{run}:{seq}"), Some(kind)));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn browsers_see_their_runs_with_the_cookie() {
    let app = TestApp::start().await;
    app.add_member("max@example.com").await;
    let member = app.log_in_as("max@example.com").await;
    let (admin_token, member_token) = (app.token().await, app.token_of("max@example.com").await);
    assert_eq!(app.get("/events").told().await.status, 401);
    let mut stream = Stream::open(app.get("/events").cookie(&member)).await;
    assert_eq!(stream.headers()["x-accel-buffering"], "no");
    let foreign = app.start_run(&admin_token, "text-summary", text("secret")).await;
    let own = app.start_run(&member_token, "text-summary", text("own")).await;
    app.until(&admin_token, id(&foreign), "success").await;
    loop {
        let event = stream.news().await.json();
        assert_ne!(event["run"]["id"], foreign["id"], "nobody sees the runs of others");
        assert_eq!(event["run"]["id"], own["id"]);
        assert!(event["run"]["created_at"].is_i64(), "the app reads its own types");
        if event["run"]["status"] == "success" {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_back_is_told_what_was_missed_and_nothing_twice() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    // A page says where live updates were before it was drawn.
    let page = app.get("/runs").cookie(&me).told().await.body;
    let cursor = between(&page, "data-cursor=\"", "\"").to_owned();
    assert!(!app.get("/login").told().await.body.contains("data-cursor"), "guests listen to nothing");

    let run = app.start_run(&token, "text-summary", text("x")).await;
    let done = app.until(&token, id(&run), "success").await;
    let mut stream = Stream::open(app.get(&format!("/events?after={cursor}")).cookie(&me)).await;
    let mut ids = Vec::new();
    for seq in 1..=3 {
        let event = stream.news().await;
        assert_eq!((&event.json()["run"]["id"], event.json()["seq"].as_i64()), (&run["id"], Some(seq)));
        ids.push(event.id);
    }
    drop(stream);

    // The header of a browser that comes back by itself counts more than the address it has kept.
    let back = app.get(&format!("/events?after={cursor}")).cookie(&me).header("last-event-id", &ids[1]);
    let mut stream = Stream::open(back).await;
    assert_eq!(stream.news().await.id, ids[2]);
    drop(stream);

    // Nothing happened since: nothing is told but that it lives.
    let mut stream = Stream::open(app.get(&format!("/events?after={}", ids[2])).cookie(&me)).await;
    let ping = stream.next().await.expect("a ping");
    assert_eq!((ping.name.as_str(), &ping.id), ("ping", &ids[2]));
    let another = app.start_run(&token, "text-summary", text("y")).await;
    assert_eq!(stream.news().await.json()["run"]["id"], another["id"]);
    assert_eq!(done["status"], "success");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_place_that_is_not_known_any_more_means_reading_again() {
    let mut app = TestApp::start().await;
    let me = app.log_in().await;
    let old = Stream::open(app.get("/events").cookie(&me)).await.next().await.expect("a ping").id;
    app.stop_server().await;
    app.serve().await;
    for cursor in [old.as_str(), "0123456789abcdef-7", "nonsense", ""] {
        let mut stream = Stream::open(app.get(&format!("/events?after={cursor}")).cookie(&me)).await;
        let reset = stream.news().await;
        assert_eq!((reset.name.as_str(), reset.data.as_str()), ("reset", "{}"), "{cursor}");
        drop(stream);
        let mut stream = Stream::open(app.get(&format!("/events?after={}", reset.id)).cookie(&me)).await;
        assert_eq!(stream.next().await.expect("an event").name, "ping", "from there on it can go on");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn logging_out_ends_the_streams_of_that_session_at_once() {
    let app = TestApp::start().await;
    let (here, there) = (app.log_in().await, app.log_in().await);
    let mut ended = Stream::open(app.get("/events").cookie(&here)).await;
    let mut other = Stream::open(app.get("/events").cookie(&there)).await;
    assert_eq!(app.form("/logout", &[]).cookie(&here).told().await.status, 303);
    timeout(Duration::from_secs(2), async { while ended.next().await.is_some() {} }).await.expect("it ends");
    let token = app.token().await;
    app.start_run(&token, "never-answers", json!({})).await;
    assert_eq!(other.news().await.name, "run", "other sessions go on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn streams_are_counted_per_person() {
    let settings = vec![("DASHBOARD_LIMIT_STREAMS", "2".to_owned())];
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    app.add_member("max@example.com").await;
    let (token, me) = (app.token().await, app.log_in().await);
    let first = Stream::open(app.get("/api/v1/events").bearer_auth(&token)).await;
    let _second = Stream::open(app.get("/events").cookie(&me)).await;
    app.get("/api/v1/events").bearer_auth(&token).told().await.problem(429);
    assert_eq!(app.get("/events").cookie(&me).told().await.status, 429);
    let other = app.token_of("max@example.com").await;
    let _other = Stream::open(app.get("/api/v1/events").bearer_auth(&other)).await;
    drop(first);
    timeout(PATIENCE, async {
        while app.get("/api/v1/events").bearer_auth(&token).send().await.expect("an answer").status() != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("a closed stream makes room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn streams_are_counted_per_address() {
    let settings = vec![("DASHBOARD_LIMIT_STREAMS_PER_ADDRESS", "2".to_owned())];
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    app.add_member("max@example.com").await;
    let (token, other) = (app.token().await, app.token_of("max@example.com").await);
    let _first = Stream::open(app.get("/api/v1/events").bearer_auth(&token)).await;
    let run = app.start_run(&other, "never-answers", json!({})).await;
    let path = format!("/api/v1/runs/{}/events", id(&run));
    let second = Stream::open(app.get(&path).bearer_auth(&other)).await;
    let refused = app.get("/api/v1/events").bearer_auth(&other).told().await.problem(429);
    assert!(refused["detail"].as_str().is_some_and(|words| words.contains("this address")), "{refused}");
    drop(second);
    timeout(PATIENCE, async {
        while app.get(&path).bearer_auth(&other).send().await.expect("an answer").status() != 200 {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("a closed stream makes room");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn streams_end_when_the_server_stops() {
    let mut app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let mut program = Stream::open(app.get("/api/v1/events").bearer_auth(&token)).await;
    let mut browser = Stream::open(app.get("/events").cookie(&me)).await;
    timeout(Duration::from_secs(5), app.stop_server()).await.expect("open streams do not hold it up");
    for stream in [&mut program, &mut browser] {
        let mut farewell = None;
        while let Some(event) = stream.next().await {
            farewell = Some(event);
        }
        let farewell = farewell.expect("a last event");
        assert!(farewell.name.is_empty() && farewell.data.is_empty(), "{farewell:?}");
        let back: u64 = farewell.retry.parse().expect("a number");
        assert!((1_000..15_000).contains(&back), "{back}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_stream_does_not_wait_for_a_buffer() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let mut stream = Stream::open(app.get("/events").cookie(&me).header("accept-encoding", "gzip, br")).await;
    assert!(!stream.headers().contains_key("content-encoding"));
    let run = app.start_run(&token, "never-answers", json!({})).await;
    let event = timeout(Duration::from_secs(2), stream.news()).await.expect("an event in time");
    assert_eq!(event.json()["run"]["id"], run["id"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_grant_that_ends_is_over_for_open_streams_too() {
    let app = TestApp::start().await;
    let person = app.add_person("vera@example.com", Role::Viewer).await;
    let to = Grantee::Principal(person);
    let see = GrantVerbs { run: false, see: true };
    app.grant(to.clone(), GrantTarget::Everything, see).await;
    let (admin, viewer) = (app.token().await, app.token_of("vera@example.com").await);
    let session = app.log_in_as("vera@example.com").await;
    let first = app.start_run(&admin, "never-answers", json!({})).await;
    let mut all = Stream::open(app.get("/events").cookie(&session)).await;
    let mut program = Stream::open(app.get("/api/v1/events").bearer_auth(&viewer)).await;
    let address = format!("/api/v1/runs/{}/events", id(&first));
    let mut one = Stream::open(app.get(&address).bearer_auth(&viewer)).await;
    assert_eq!(one.news().await.json()["run"]["id"], first["id"]);

    let engine = &app.served().engine;
    engine.revoke(By::Operator, &to, &GrantTarget::Everything).await.expect("revoked");
    let ended = tokio::time::Instant::now();
    // What was shown may have to go.
    for stream in [&mut all, &mut program] {
        while stream.news().await.name != "reset" {}
    }
    while one.next().await.is_some() {}
    assert!(ended.elapsed().as_secs() < 5, "it took {:?}", ended.elapsed());
    app.get(&address).bearer_auth(&viewer).told().await.problem(404);

    let second = app.start_run(&admin, "never-answers", json!({})).await;
    app.until(&admin, id(&second), "pending").await;
    app.grant(to, GrantTarget::Everything, see).await;
    for stream in [&mut all, &mut program] {
        assert_eq!(stream.news().await.name, "reset", "nothing was told in between");
    }
}
