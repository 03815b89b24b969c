//! Every page with JavaScript off: its content is in the HTML.

use reqwest::Method;
use serde_json::json;

use crate::support::{Setup, TestApp, Told, id, text};

const UNKNOWN_RUN: &str = "/runs/01hzy3v4k5m6n7p8q9r0s1t2v7";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_page_carries_its_content() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let run = app.start_run(&token, "text-summary", text("A sentence to be summed up. And one more.")).await;
    let done = app.until(&token, id(&run), "success").await;
    let page = async |path: &str| app.get(path).cookie(&me).told().await;

    page("/dev").await.shows(
        200,
        &["<h1", "Workflows", "Text summary", "/dev/workflows/text-summary", "Recent runs", id(&run), "Emulator"],
    );
    page("/prod").await.shows(200, &["Text summary", "/prod/workflows/text-summary"]);
    page("/dev/add-workflow").await.shows(200, &["Add workflow", "name=\"id\"", "name=\"name\"", "name=\"schema\""]);
    page("/runs").await.shows(
        200,
        &["<h1", "Text summary", id(&run), "Success", "about\">A sentence to be summed up. And one more.<"],
    );
    let result = page(&format!("/runs/{}", id(&run))).await;
    result.shows(200, &["Text summary", "Success", "A sentence to be summed up", "Run again"]);
    for (tab, content) in [
        ("input", "A sentence to be summed up"),
        ("events", "Submitted by"),
        ("details", done["execution_id"].as_str().unwrap_or_default()),
    ] {
        page(&format!("/runs/{}?tab={tab}", id(&run))).await.shows(200, &[content]);
    }
    page("/login").await.shows(200, &["name=\"email\"", "name=\"password\""]);
    page("/setup?token=t").await.shows(200, &["name=\"name\"", "name=\"token\"", "value=\"t\""]);
    let start = page("/").await;
    assert_eq!((start.status, start.location()), (302, "/dev"), "the environment of the last run");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_page_of_a_run_is_drawn_every_time() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let run = app.start_run(&token, "never-answers", json!({})).await;
    app.until(&token, id(&run), "pending").await;
    for _ in 0..60 {
        let page = app.get(&format!("/runs/{}", id(&run))).cookie(&me).told().await;
        page.shows(200, &["Waiting for Codika", "<title>… Never answers"]);
    }
}

/// Each of these is in what one page loads, and nowhere in what it shows.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_loads_its_data_once() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let run = app.start_run(&token, "text-summary", text("Once.")).await;
    app.until(&token, id(&run), "success").await;
    let run = format!("/runs/{}", id(&run));
    for (path, member) in [
        ("/dev", "may_add"),
        ("/dev/workflows/text-summary?draft=d", "form_source"),
        ("/runs", "next"),
        (&run, "result_bytes"),
        ("/a/b/c", "moving"),
    ] {
        let page = app.get(path).cookie(&me).told().await;
        assert_eq!(page.body.matches(&format!("\\\"{member}\\\":")).count(), 1, "{path} ships {member}: {}", page.body);
        assert_eq!(page.body.matches("\\\"initials\\\":").count(), 1, "{path} ships the session");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn figures_of_all_runs_do_not_say_which_runs() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let run = app.start_run(&token, "text-summary", text("Ann's own.")).await;
    app.until(&token, id(&run), "success").await;
    app.add_member("max@example.com").await;
    let max = app.log_in_as("max@example.com").await;
    let home = app.get("/dev").cookie(&max).told().await;
    home.shows(200, &["Last 1 runs: 1 succeeded"]);
    assert!(!home.body.contains(id(&run)), "{}", home.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_has_a_control_for_every_field() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let form = app.get("/dev/workflows/lead-score?draft=d1").cookie(&me).told().await;
    let names = ["email", "full_name", "met_on", "segment", "employees", "budget", "source", "interests"];
    for name in names {
        assert!(form.body.contains(&format!("name=\"in.{name}\"")), "{name} is not in {}", form.body);
    }
    form.shows(
        200,
        &["Lead score", "type=\"date\"", "type=\"radio\"", "<select", "Mid-market", "method=\"post\"", "draft=d1"],
    );
    let as_json = app.get("/dev/workflows/lead-score?draft=d1&as=json").cookie(&me).told().await;
    as_json.shows(200, &["<textarea"]);
    assert!(!as_json.body.contains("name=\"in.email\""));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_form_gets_its_key_from_the_server() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let fresh = async |path: &str| {
        let answer = app.get(path).cookie(&me).told().await;
        assert_eq!(answer.status, 303);
        answer.location().to_owned()
    };
    let one = fresh("/dev/workflows/text-summary").await;
    let two = fresh("/dev/workflows/text-summary").await;
    assert!(one.starts_with("/dev/workflows/text-summary?draft="), "{one}");
    assert_ne!(one, two);
    let kept = fresh("/dev/workflows/text-summary?as=json&from=x").await;
    assert!(kept.ends_with("&as=json&from=x"), "{kept}");
    app.get(&one).cookie(&me).told().await.shows(200, &["name=\"in.text\""]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn run_again_brings_the_input_back() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let input = json!({ "text": "typed before <b>& again", "sentences": 7, "style": "headline" });
    let run = app.start_run(&token, "text-summary", input).await;
    let form = app.get(&format!("/dev/workflows/text-summary?draft=d&from={}", id(&run))).cookie(&me).told().await;
    form.shows(200, &["typed before &lt;b&gt;&amp; again", "value=\"7\""]);
    let foreign = app.get("/dev/workflows/text-summary?draft=d&from=01hzy3v4k5m6n7p8q9r0s1t2v7").cookie(&me);
    assert_eq!(foreign.told().await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn guests_are_sent_to_the_log_in_and_back() {
    let app = TestApp::start().await;
    for (path, next) in [
        ("/", "/"),
        ("/dev", "/dev"),
        ("/runs", "/runs"),
        ("/runs?status=failed&limit=3", "/runs%3Fstatus%3Dfailed%26limit%3D3"),
        (UNKNOWN_RUN, UNKNOWN_RUN),
        ("/dev/workflows/text-summary?draft=d", "/dev/workflows/text-summary%3Fdraft%3Dd"),
        ("/dev/add-workflow", "/dev/add-workflow"),
        ("/nosuch", "/nosuch"),
    ] {
        let answer = app.get(path).told().await;
        assert_eq!((answer.status, answer.location()), (303, format!("/login?next={next}").as_str()), "{path}");
        assert!(answer.body.is_empty());
    }
    for cookie in ["codika_session=", "codika_session=nonsense", "other=1"] {
        assert_eq!(app.get("/dev").cookie(cookie).told().await.status, 303, "{cookie}");
    }
    let download = app.get(&format!("{UNKNOWN_RUN}/result.json")).told().await;
    assert_eq!((download.status, download.location()), (303, format!("/login?next={UNKNOWN_RUN}").as_str()));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_not_there_is_404() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    for path in [
        "/nosuch",
        "/Dev",
        "/dev/workflows/no-such-workflow?draft=d",
        "/qa/workflows/text-summary?draft=d",
        "/qa/add-workflow",
        "/a/b/c/d/e",
        "/dev/workflows",
        UNKNOWN_RUN,
        "/runs/nonsense",
        "/favicon.ico",
    ] {
        let answer = app.get(path).cookie(&me).told().await;
        assert_eq!(answer.status, 404, "{path}");
        answer.shows(404, &["<!DOCTYPE html>"]);
        assert!(answer.body.contains("ot found") || answer.body.contains("There is no"), "{path}: {}", answer.body);
    }
    app.get("/a/b/c/d/e").told().await.shows(404, &["<!DOCTYPE html>"]);
    let words = app.get("/qa").cookie(&me).told().await;
    words.shows(404, &["There is no environment “qa”"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_slash_at_the_end_makes_no_difference() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let answer = app.get("/dev/?a=b").cookie(&me).told().await;
    assert_eq!((answer.status, answer.location()), (308, "/dev?a=b"));
    // A path that a browser would take for another host leads nowhere.
    let answer = app.get("//evil.example/").cookie(&me).told().await;
    assert_eq!((answer.status, answer.location()), (404, ""));
    for odd in ["/./dev", "/DEV", "/dev;a=b", "/%64ev/../runs/x", "//dev"] {
        let answer = app.get(odd).told().await;
        assert!([303, 308, 404].contains(&answer.status), "{odd}: {}", answer.status);
        assert!(!answer.body.contains("Text summary"), "{odd}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_theme_is_right_from_the_first_byte() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let choose = async |theme: &str, referer: &str| {
        app.form("/preferences", &[("theme", theme)]).cookie(&me).header("referer", referer).told().await
    };
    let dark = choose("dark", &format!("{}/runs?status=failed", app.base)).await;
    assert_eq!((dark.status, dark.location()), (303, "/runs?status=failed"));
    assert!(dark.header("set-cookie").starts_with("theme=dark; "), "{}", dark.header("set-cookie"));
    let both = format!("{me}; {}", dark.cookie());
    for path in ["/runs", "/login", "/a/b/c/d"] {
        app.get(path)
            .cookie(&both)
            .told()
            .await
            .shows(if path == "/a/b/c/d" { 404 } else { 200 }, &["data-theme=\"dark\""]);
    }
    assert!(!app.get("/runs").cookie(&me).told().await.body.contains("data-theme"));
    assert_eq!(choose("pink", "").await.header("set-cookie"), "");
    for elsewhere in ["https://evil.example//evil.example", "javascript:alert(1)", "nonsense"] {
        assert_eq!(choose("light", elsewhere).await.location(), "/", "{elsewhere}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_result_can_be_saved_as_it_came() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let run = app.start_run(&token, "text-summary", text("<script>alert(1)</script>")).await;
    let path = format!("/runs/{}/result.json", id(&run));
    app.until(&token, id(&run), "success").await;
    let file = app.get(&path).cookie(&me).told().await;
    assert_eq!(file.status, 200);
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"result-"));
    assert_eq!(file.header("content-security-policy"), "sandbox; default-src 'none'");
    assert_eq!(file.header("x-content-type-options"), "nosniff");
    assert!(file.json()["summary"].is_string());
    let page = app.get(&format!("/runs/{}", id(&run))).cookie(&me).told().await;
    assert!(!page.body.contains("<script>alert(1)"), "text from elsewhere is text");

    let failing = app.start_run(&token, "always-fails", json!({})).await;
    app.until(&token, id(&failing), "failed").await;
    let none = app.get(&format!("/runs/{}/result.json", id(&failing))).cookie(&me);
    none.told().await.shows(404, &["This run has no result"]);
    app.add_member("max@example.com").await;
    let other = app.log_in_as("max@example.com").await;
    assert_eq!(app.get(&path).cookie(&other).told().await.status, 404);
    assert_eq!(app.get(&format!("/runs/{}", id(&run))).cookie(&other).told().await.status, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_methods_are_explained() {
    let app = TestApp::start().await;
    for (method, path) in [(Method::DELETE, "/runs"), (Method::GET, "/logout"), (Method::PUT, "/healthz")] {
        let answer = app.request(method, path).header("accept", "text/html").told().await;
        answer.shows(405, &["This address does not take this method."]);
        assert!(!answer.header("allow").is_empty());
    }
    assert_eq!(app.request(Method::HEAD, "/login").told().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_cannot_be_read_is_said_plainly() {
    let app = TestApp::with(Setup::default()).await;
    let (token, me) = (app.token().await, app.log_in().await);
    app.sql("ALTER TABLE runs RENAME TO gone").await;
    let page = app.get("/runs").cookie(&me).told().await;
    page.shows(503, &["cannot read or write its data"]);
    app.get("/api/v1/runs").bearer_auth(&token).told().await.problem(503);
    app.sql("ALTER TABLE sessions RENAME TO gone_too").await;
    let page = app.get("/runs").cookie(&me).told().await;
    page.shows(503, &["cannot read or write its data"]);
    for answer in [page, app.get("/events").cookie(&me).told().await] {
        assert_eq!(answer.status, 503);
        assert!(!answer.body.contains("no such table"), "causes are for the log");
    }
}

/// Leptos looks for the pages by drawing them without their data, and that must not touch those it draws for people.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn pages_come_while_another_server_is_made() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let (stop, stopped) = std::sync::mpsc::channel::<()>();
    let others = tokio::task::spawn_blocking(move || {
        let mut made = 0;
        while stopped.try_recv() == Err(std::sync::mpsc::TryRecvError::Empty) {
            made += server::routes().len();
        }
        made
    });
    for _ in 0..20 {
        app.get("/dev").cookie(&me).told().await.shows(200, &["Text summary"]);
    }
    drop(stop);
    assert!(others.await.expect("it counts") > 0);
}
