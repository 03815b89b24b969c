//! Drawn pages: the same handler draws a document or a part of an open page.

use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::support::{Answer, Html, TestApp, Told};

trait AsPart {
    /// As the script of an open page asks.
    fn part(self) -> Self;
}

impl AsPart for RequestBuilder {
    fn part(self) -> Self {
        self.header("codika-part", "1").instead("accept", "*/*")
    }
}

fn is_part(answer: &Answer, status: u16) -> serde_json::Value {
    assert_eq!(answer.status, status, "{}", answer.body);
    assert!(answer.header("content-type").starts_with("application/json"), "{}", answer.body);
    assert!(!answer.header("codika-part").is_empty(), "it says which build drew it");
    answer.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_page_is_a_document_or_a_part() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let document = app.get("/settings/about").cookie(&me).told().await;
    document.shows(200, &["<title>About · Codika Dashboard</title>", "SQLite", "DASHBOARD_LIMIT_RUNS_PER_MINUTE"]);
    let part = app.get("/settings/about").part().cookie(&me).told().await;
    let page = is_part(&part, 200);
    let html = page["html"].as_str().expect("html");
    assert_eq!(page["title"], "About");
    assert!(!html.contains("<html") && !html.contains("<script"), "{html}");
    assert_eq!(document.body.matches(html).count(), 1, "the document has it once, as it is: {html}");
    assert_eq!(document.body.matches("SQLite").count(), 1, "and not a second time as data");
    let build = Html::read(&document.body)
        .with_name("html")
        .next()
        .and_then(|html| html.attribute("data-build").map(str::to_owned));
    assert_eq!(build.as_deref(), Some(part.header("codika-part")));
    for answer in [&document, &part] {
        assert!(answer.headers.get_all("vary").iter().any(|vary| vary == "codika-part"), "{:?}", answer.headers);
        assert_eq!(answer.header("cache-control"), "private, no-store");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_part_is_never_a_redirect() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let first = app.get("/settings").part().cookie(&me).told().await;
    assert_eq!(is_part(&first, 200), json!({ "go": "/settings/profile" }));
    let plain = app.get("/settings").cookie(&me).told().await;
    assert_eq!((plain.status, plain.location()), (303, "/settings/profile"));

    let add = [("id", "by-hand"), ("name", "By hand"), ("schema", "")];
    let added = app.form("/dev/add-workflow", &add).part().cookie(&me).told().await;
    assert_eq!(is_part(&added, 200), json!({ "go": "/dev/workflows/by-hand" }));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_refused_is_said_in_the_way_it_was_asked() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let wrong = [("id", "a/b"), ("name", "kept"), ("schema", "line 1\r\nline 2")];
    let back = is_part(&app.form("/dev/add-workflow", &wrong).part().cookie(&me).told().await, 422);
    let html = back["html"].as_str().expect("html");
    for part in ["value=\"a/b\"", "value=\"kept\"", "aria-invalid=\"true\"", "line 1\nline 2</textarea>", "128 letters"]
    {
        assert!(html.contains(part), "“{part}” is not in {html}");
    }

    for (path, kind, status) in [("/qa/add-workflow", "not_found", 404), ("/NO/add-workflow", "not_found", 404)] {
        let refused = is_part(&app.get(path).part().cookie(&me).told().await, status);
        assert_eq!(refused["kind"], kind, "{path}");
        app.get(path).cookie(&me).told().await.shows(status, &["There is no"]);
    }
    let nowhere = is_part(&app.get("/no/such/page").part().cookie(&me).told().await, 404);
    assert_eq!(nowhere["kind"], "not_found");

    app.add_member("max@example.com").await;
    let max = app.log_in_as("max@example.com").await;
    let refused = is_part(&app.get("/dev/add-workflow").part().cookie(&max).told().await, 403);
    assert_eq!(refused["kind"], "forbidden");
    // In the frame of the app, which has its title too.
    app.get("/dev/add-workflow").cookie(&max).told().await.shows(403, &["<title>No access ·", "class=\"rail\""]);

    let odd =
        app.request(Method::POST, "/dev/add-workflow").header("content-type", "application/x-www-form-urlencoded");
    let odd = odd.header("accept-encoding", "gzip").body("id=a&id=b").part().cookie(&me).told().await;
    assert_eq!(odd.header("content-encoding"), "", "what was worded outside the compression is plain");
    assert_eq!(is_part(&odd, 422)["kind"], "invalid");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn without_a_session_a_part_is_401_and_a_document_leads_to_the_log_in() {
    let app = TestApp::start().await;
    for path in ["/settings", "/settings/about?a=b", "/dev/add-workflow"] {
        let part = is_part(&app.get(path).part().told().await, 401);
        assert_eq!(part["kind"], "logged_out", "{path}");
        let document = app.get(path).told().await;
        let next = path.replace('?', "%3F").replace('=', "%3D");
        assert_eq!((document.status, document.location()), (303, format!("/login?next={next}").as_str()));
    }
    let part = is_part(&app.form("/dev/add-workflow", &[("id", "x")]).part().told().await, 401);
    assert_eq!(part["kind"], "logged_out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_pages_in_front_of_the_app_have_no_script() {
    let app = TestApp::start().await;
    for path in ["/login?next=/runs", "/setup?token=t"] {
        let page = app.get(path).part().told().await;
        page.shows(200, &["<!DOCTYPE html>", "method=\"post\""]);
        let html = Html::read(&page.body);
        assert_eq!(html.with_name("script").count(), 0, "{path}");
        assert!(!page.header("content-security-policy").contains("script-src"), "{path}");
        // The policy of a page without a script forbids it, and browsers complain.
        assert!(html.with_name("link").all(|link| link.attribute("rel") != Some("prefetch")), "{path}");
    }
}

/// A page that is drawn while others are must see nothing of theirs.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn three_hundred_documents_and_parts_at_once_are_each_their_own() {
    let app = TestApp::start().await;
    app.add_member("max@example.com").await;
    let (ann, max) = (app.log_in().await, app.log_in_as("max@example.com").await);
    let requests = (0..300).map(|n| {
        let (who, name, may_add) = if n % 2 == 0 { (&ann, "ann", 200) } else { (&max, "Max Member", 403) };
        let (app, as_part) = (&app, n % 3 == 0);
        async move {
            let path = if n % 5 == 0 { "/dev/add-workflow" } else { "/settings/about" };
            let expected = if n % 5 == 0 { may_add } else { 200 };
            let request = app.get(&format!("{path}?n={n}")).cookie(who);
            if as_part {
                let page = is_part(&request.part().told().await, expected);
                assert!(page["html"].is_string() || page["kind"] == "forbidden", "{page}");
                return;
            }
            let page = request.told().await;
            let title = match (path, expected) {
                ("/settings/about", _) => "About",
                (_, 200) => "Add workflow",
                _ => "No access",
            };
            page.shows(
                expected,
                &[&format!("<title>{title} · Codika Dashboard</title>"), &format!("account of {name}")],
            );
        }
    });
    futures::future::join_all(requests).await;
}
