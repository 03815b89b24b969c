//! What opens the dashboard is taken away: from this process, and from the command line beside it.

use std::{process::Output, time::Duration};

use engine::By;
use model::Role;
use serde_json::json;
use tokio::time::timeout;

use crate::{
    cli::{program, refused},
    support::{EMAIL, PASSWORD, Stream, TestApp, Told, between},
};

const MAX: &str = "max@example.com";
/// Until then it is over everywhere.
const AT_ONCE: Duration = Duration::from_secs(5);

/// What the command line says beside the running server.
fn command(app: &TestApp, arguments: &[&str]) -> Output {
    let settings: Vec<_> = app.settings().iter().map(|(name, value)| (*name, value.as_str())).collect();
    program(arguments, &settings).output().expect("an end")
}

fn said(output: Output) -> String {
    assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
    String::from_utf8(output.stdout).expect("text")
}

async fn ends(mut stream: Stream) {
    timeout(AT_ONCE, async { while stream.next().await.is_some() {} }).await.expect("the stream ends in time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_that_is_revoked_beside_the_server_is_over_with_its_streams() {
    let app = TestApp::start().await;
    let scoped =
        ["token", "create", "--user", EMAIL, "--name", "nightly import", "--expires", "90d", "--scope", "read,env:dev"];
    let token = said(command(&app, &scoped)).trim_end().to_owned();
    let other = app.token().await;
    let stream = Stream::open(app.get("/api/v1/events").bearer_auth(&token)).await;
    let mut stays = Stream::open(app.get("/api/v1/events").bearer_auth(&other)).await;

    let listed = said(command(&app, &["token", "list", "--user", EMAIL]));
    let line = listed.lines().find(|line| line.contains("nightly import")).expect("it is listed");
    assert!(
        line.contains(&token[token.len() - 4..]) && line.contains("read env:dev") && line.contains(EMAIL),
        "{line}"
    );
    assert!(line.contains("active") && !listed.contains(&token), "{listed}");
    let id = line.split_whitespace().next().expect("an id");

    let revoked = said(command(&app, &["token", "revoke", id]));
    assert!(revoked.contains("nightly import"), "{revoked}");
    app.get("/api/v1/runs").bearer_auth(&token).told().await.problem(401);
    ends(stream).await;
    app.start_run(&other, "never-answers", json!({})).await;
    assert_eq!(stays.news().await.name, "run", "others go on");
    assert!(said(command(&app, &["token", "list"])).contains("revoked"));
    refused(&command(&app, &["token", "revoke", "01hzy3v4k5m6n7p8q9r0s1t2v7"]), "no such token");
    for bad in [&["--scope", "write"][..], &["--expires", "0d"]] {
        let arguments = [&["token", "create", "--user", EMAIL, "--name", "x"][..], bad].concat();
        assert!(!command(&app, &arguments).status.success(), "{bad:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_disabled_account_is_out_with_its_streams_and_its_runs_stay_under_its_name() {
    let app = TestApp::start().await;
    app.add_member(MAX).await;
    let (session, token) = (app.log_in_as(MAX).await, app.token_of(MAX).await);
    app.start_run(&token, "never-answers", json!({})).await;
    let browser = Stream::open(app.get("/events").cookie(&session)).await;
    let tool = Stream::open(app.get("/api/v1/events").bearer_auth(&token)).await;
    said(command(&app, &["admin", "disable", MAX]));
    assert_eq!(app.get("/dev").cookie(&session).told().await.status, 303);
    app.get("/api/v1/runs").bearer_auth(&token).told().await.problem(401);
    ends(browser).await;
    ends(tool).await;
    app.form("/login", &[("email", MAX), ("password", PASSWORD)])
        .told()
        .await
        .shows(403, &["This account is disabled"]);
    assert_eq!(app.value("SELECT owner_name FROM runs").await, "Max Member");
    assert!(
        said(command(&app, &["admin", "list"])).lines().any(|line| line.contains(MAX) && line.contains("disabled"))
    );
    said(command(&app, &["admin", "enable", MAX]));
    app.log_in_as(MAX).await;
    refused(&command(&app, &["admin", "disable", EMAIL]), "last administrator");
    refused(&command(&app, &["admin", "disable", "eve@example.com"]), "eve@example.com");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_reset_ends_password_and_sessions_at_once_and_prints_a_link() {
    let app = TestApp::start().await;
    let session = app.log_in().await;
    let stream = Stream::open(app.get("/events").cookie(&session)).await;
    let link = said(command(&app, &["admin", "reset", EMAIL]));
    assert!(link.starts_with("http://127.0.0.1:") && link.contains("/invite?token="), "{link}");
    assert_eq!(app.get("/dev").cookie(&session).told().await.status, 303);
    ends(stream).await;
    assert_eq!(app.form("/login", &[("email", EMAIL), ("password", PASSWORD)]).told().await.status, 401);
    let secret = link.trim_end().split_once("token=").expect("a secret").1;
    let engine = &app.served().engine;
    let form = engine::AcceptInvitation { name: "", password: "four other words here" };
    assert_eq!(engine.use_link(secret, form).await.expect("used"), EMAIL);
    let new = app.form("/login", &[("email", EMAIL), ("password", form.password)]).told().await;
    assert_eq!(new.status, 303);
    let trail = app.value("SELECT group_concat(action) FROM audit WHERE action LIKE 'password.%'").await;
    assert_eq!(trail, "password.reset,password.changed");
    refused(&command(&app, &["admin", "reset", "eve@example.com"]), "eve@example.com");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_session_that_is_ended_in_this_process_is_over_with_its_streams() {
    let app = TestApp::start().await;
    let (here, there) = (app.log_in().await, app.log_in().await);
    let stream = Stream::open(app.get("/events").cookie(&there)).await;
    let engine = &app.served().engine;
    let value = here.split_once('=').expect("a cookie").1;
    let me = engine.who_by_session(value).await.expect("readable").expect("a person");
    let listed = engine.sessions(By::Person(&me), &me.person.id).await.expect("listed");
    assert_eq!(listed.len(), 2);
    assert!(listed.iter().all(|session| session.address == "127.0.0.1" && session.last_used_at.is_some()));
    assert_eq!(engine.end_sessions(By::Person(&me), &me.person.id, Some(value)).await.expect("ended"), 1);
    ends(stream).await;
    assert_eq!(app.get("/dev").cookie(&there).told().await.status, 303);
    assert_eq!(app.get("/dev").cookie(&here).told().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn links_that_a_former_administrator_made_open_nothing() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let max = app.add_person("max@example.com", Role::Admin).await;
    let his = app.log_in_as("max@example.com").await;
    let form = [("act", "invite"), ("email", "eve@example.com"), ("role", "admin")];
    let invited = app.form("/settings/people", &form).cookie(&his).told().await;
    let link = format!("/invite?token={}", between(&invited.body, "/invite?token=", "<"));
    app.get(&link).told().await.shows(200, &["Join this dashboard"]);
    let demote = [("act", "role"), ("role", "operator")];
    assert_eq!(app.form(&format!("/settings/people/{max}"), &demote).cookie(&me).told().await.status, 303);
    app.get(&link).told().await.shows(403, &["does not work any more"]);
}

/// The handler of a slowed log-in sleeps: that must not use up what others need.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn log_ins_that_are_slowed_down_keep_nobody_waiting() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let bad = [("email", "nobody@example.com"), ("password", &*"{".repeat(15_000))];
    for _ in 0..6 {
        app.form("/login", &bad).told().await;
    }
    let slow: Vec<_> = (0..5).map(|_| tokio::spawn(app.form("/login", &bad).send())).collect();
    let asked = tokio::time::Instant::now();
    app.start_run(&token, "text-summary", crate::support::text("One.")).await;
    assert!(asked.elapsed() < Duration::from_secs(3), "{:?}", asked.elapsed());
    for call in slow {
        call.await.expect("no panic").expect("an answer");
    }
}
