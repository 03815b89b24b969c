//! Profile, tokens, people and invitations, through their pages.

use engine::By;
use serde_json::json;

use crate::support::{Answer, EMAIL, PASSWORD, TestApp, Told, between};

const NEW: &str = "four other words here";

async fn post(app: &TestApp, me: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    app.form(path, form).cookie(me).told().await
}

/// The path of a link that a page shows once.
fn link_in(page: &str) -> String {
    format!("/invite?token={}", between(page, "/invite?token=", "<"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn somebody_is_invited_and_joins_once() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let form = [("act", "invite"), ("email", "max@example.com"), ("role", "runner")];
    let invited = post(&app, &me, "/settings/people", &form).await;
    invited.shows(200, &["The invitation", "max@example.com", "Runner"]);
    let link = link_in(&invited.body);
    assert!(!app.get("/settings/people").cookie(&me).told().await.body.contains("/invite?token="), "shown once");

    app.get(&link).told().await.shows(200, &["Join this dashboard", "value=\"max@example.com\""]);
    let token = link.split_once("token=").expect("a token").1;
    let join = async |name: &str, password: &str| {
        app.form("/invite", &[("token", token), ("name", name), ("password", password)]).told().await
    };
    join("Max", "short").await.shows(422, &["at least 10 characters", "value=\"Max\""]);
    join("", NEW).await.shows(422, &["Enter a name"]);
    let joined = join("Max", NEW).await;
    assert_eq!((joined.status, joined.location()), (303, "/"));
    let max = joined.cookie();
    assert_eq!(app.get("/settings/profile").cookie(&max).told().await.status, 200);
    join("Eve", NEW).await.shows(403, &["does not work any more"]);
    app.get(&link).told().await.shows(403, &["does not work any more"]);

    app.get("/settings/people").cookie(&max).told().await.shows(403, &[]);
    let evil =
        post(&app, &max, "/settings/people", &[("act", "invite"), ("email", "x@example.com"), ("role", "admin")]).await;
    assert_eq!(evil.status, 403, "{}", evil.body);
    assert!(!app.get("/settings/profile").cookie(&max).told().await.body.contains("href=\"/settings/people\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_wrong_invitation_keeps_what_was_typed_and_one_can_be_withdrawn() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let form = [("act", "invite"), ("email", EMAIL), ("role", "viewer")];
    post(&app, &me, "/settings/people", &form).await.shows(422, &["already an account", &format!("value=\"{EMAIL}\"")]);
    let form = [("act", "invite"), ("email", "max@example.com"), ("role", "viewer")];
    let invited = post(&app, &me, "/settings/people", &form).await;
    let id = between(&invited.body, "name=\"invitation\" value=\"", "\"");
    let withdrawn = post(&app, &me, "/settings/people", &[("act", "withdraw"), ("invitation", id)]).await;
    assert_eq!(withdrawn.location(), "/settings/people?saved=withdrawn");
    app.get(withdrawn.location()).cookie(&me).told().await.shows(200, &["The invitation is withdrawn"]);
    app.get(&link_in(&invited.body)).told().await.shows(403, &["does not work any more"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_persons_page_renames_demotes_resets_and_disables() {
    let app = TestApp::start().await;
    app.add_member("max@example.com").await;
    let (me, max) = (app.log_in().await, app.log_in_as("max@example.com").await);
    let path = format!("/settings/people/{}", app.account("max@example.com").await);
    app.get(&path).cookie(&me).told().await.shows(200, &["Max Member", "max@example.com", "Logged in in one place"]);
    app.get(&path).cookie(&max).told().await.shows(403, &[]);
    for (form, saved) in [
        (&[("act", "rename"), ("name", "Maxine <b>")][..], "name"),
        (&[("act", "role"), ("role", "viewer")], "role"),
        (&[("act", "end_sessions")], "sessions"),
        (&[("act", "disable")], "disabled"),
        (&[("act", "enable")], "enabled"),
    ] {
        let done = post(&app, &me, &path, form).await;
        assert_eq!(done.location(), format!("{path}?saved={saved}"), "{}", done.body);
    }
    app.get(&path).cookie(&me).told().await.shows(200, &["Maxine &lt;b&gt;", "Not logged in anywhere"]);
    assert_eq!(app.get("/dev").cookie(&max).told().await.status, 303);
    let reset = post(&app, &me, &path, &[("act", "reset")]).await;
    reset.shows(200, &["The link to choose a new password"]);
    let link = link_in(&reset.body);
    app.get(&link).told().await.shows(200, &["Choose a new password", "max@example.com"]);
    let token = link.split_once("token=").expect("a token").1;
    let chosen = app.form("/invite", &[("token", token), ("password", NEW)]).told().await;
    assert_eq!((chosen.status, chosen.location()), (303, "/"));

    let own = format!("/settings/people/{}", app.account(EMAIL).await);
    for act in [&[("act", "disable")][..], &[("act", "role"), ("role", "runner")], &[("act", "reset")]] {
        post(&app, &me, &own, act).await.shows(409, &["last administrator"]);
    }
    app.get("/settings/people/01hzy3v4k5m6n7p8q9r0s1t2v7").cookie(&me).told().await.shows(404, &[]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_is_shown_once_and_can_be_revoked() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let form = [
        ("act", "create"),
        ("name", "nightly"),
        ("days", "30"),
        ("acts", "run"),
        ("environments", "dev"),
        ("workflows", "text-summary never-answers"),
        ("runs_per_minute", "1"),
    ];
    let made = post(&app, &me, "/settings/tokens", &form).await;
    made.shows(200, &["Your new token", "read run env:dev workflow:text-summary workflow:never-answers", "never used"]);
    let token = format!("cdt_{}", between(&made.body, ">cdt_", "<"));
    let run = json!({ "environment": "dev", "workflow": "never-answers", "input": {} });
    assert_eq!(app.json("/api/v1/runs", &run).bearer_auth(&token).told().await.status, 202);
    app.json("/api/v1/runs", &run).bearer_auth(&token).told().await.problem(429);
    let prod = json!({ "environment": "prod", "workflow": "never-answers", "input": {} });
    app.json("/api/v1/runs", &prod).bearer_auth(&token).told().await.problem(404);

    let page = app.get("/settings/tokens").cookie(&me).told().await.body;
    assert!(!page.contains(&token) && page.contains(&token[token.len() - 4..]) && page.contains("127.0.0.1"), "{page}");
    for (field, value, words) in [
        ("days", "soon", "is not a whole number"),
        ("workflows", "a/b", "workflow id"),
        ("name", "", "what the token is for"),
    ] {
        let mut form = form.to_vec();
        form.iter_mut().filter(|(name, _)| *name == field).for_each(|pair| pair.1 = value);
        post(&app, &me, "/settings/tokens", &form).await.shows(422, &[words]);
    }
    let id = between(&page, "name=\"token\" value=\"", "\"");
    let revoked = post(&app, &me, "/settings/tokens", &[("act", "revoke"), ("token", id)]).await;
    assert_eq!(revoked.location(), "/settings/tokens?saved=revoked");
    app.get("/api/v1/runs").bearer_auth(&token).told().await.problem(401);

    let longest = post(&app, &me, "/settings/tokens", &[("act", "longest"), ("longest", "7")]).await;
    assert_eq!(longest.status, 303);
    post(&app, &me, "/settings/tokens", &form).await.shows(422, &["at most 7 days"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn ones_own_profile_changes_name_password_zone_and_sessions() {
    let app = TestApp::start().await;
    let (me, other) = (app.log_in().await, app.log_in().await);
    let page = app.get("/settings/profile").cookie(&me).told().await;
    page.shows(200, &["This session", "127.0.0.1", " UTC", "End all other sessions"]);
    let renamed = post(&app, &me, "/settings/profile", &[("act", "rename"), ("name", "Ann Other")]).await;
    assert_eq!(renamed.location(), "/settings/profile?saved=name");
    app.get(renamed.location()).cookie(&me).told().await.shows(200, &["Your name is saved", "value=\"Ann Other\""]);

    let password = async |old: &str, new: &str| {
        post(&app, &me, "/settings/profile", &[("act", "password"), ("old", old), ("new", new)]).await
    };
    let wrong = password("wrong", NEW).await;
    wrong.shows(422, &["The present password is wrong"]);
    assert!(!wrong.body.contains(NEW), "a password is never sent back");
    password(PASSWORD, "Password123!").await.shows(422, &["tried first"]);
    assert_eq!(app.get("/dev").cookie(&other).told().await.status, 200);
    assert_eq!(password(PASSWORD, NEW).await.location(), "/settings/profile?saved=password");
    assert_eq!(app.get("/dev").cookie(&other).told().await.status, 303, "other sessions are over");
    assert_eq!(app.get("/dev").cookie(&me).told().await.status, 200);

    let zone = post(&app, &me, "/settings/profile", &[("act", "zone"), ("zone", "Asia/Tokyo")]).await;
    let cookies = format!("{me}; {}", zone.cookie());
    assert_eq!(zone.cookie(), "zone=Asia/Tokyo");
    app.get("/settings/profile").cookie(&cookies).told().await.shows(200, &[" JST"]);
    let odd = post(&app, &me, "/settings/profile", &[("act", "zone"), ("zone", "x; Path=/evil\r\n")]).await;
    assert_eq!(odd.cookie(), "zone=UTC");

    let engine = &app.served().engine;
    let there = app.form("/login", &[("email", EMAIL), ("password", NEW)]).told().await.cookie();
    let access =
        engine.who_by_session(there.split_once('=').expect("a cookie").1).await.expect("readable").expect("her");
    let fingerprint = engine::Engine::session_fingerprint(there.split_once('=').expect("a cookie").1);
    let ended = post(&app, &me, "/settings/profile", &[("act", "end"), ("session", &fingerprint)]).await;
    assert_eq!(ended.location(), "/settings/profile?saved=session");
    assert_eq!(app.get("/dev").cookie(&there).told().await.status, 303);
    assert_eq!(engine.sessions(By::Person(&access), &access.person.id).await.expect("listed").len(), 1);
}
