//! What every answer carries and which requests are refused.

use reqwest::Method;
use serde_json::json;

use crate::support::{Answer, EMAIL, PASSWORD, Setup, TestApp, Told};

fn is_protected(answer: &Answer, what: &str) {
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-embedder-policy", "require-corp"),
        ("cross-origin-resource-policy", "same-origin"),
    ] {
        assert_eq!(answer.header(name), value, "{what}: {name}");
        assert_eq!(answer.headers.get_all(name).iter().count(), 1, "{what}: {name}");
    }
    let permissions = answer.header("permissions-policy");
    assert!(permissions.contains("clipboard-write=(self)") && permissions.contains("camera=()"), "{what}");
    assert_eq!(answer.headers.get_all("content-security-policy").iter().count(), 1, "{what}");
    let policy = answer.header("content-security-policy");
    assert!(policy.contains("default-src 'none'"), "{what}: {policy}");
    assert!(policy.contains("frame-ancestors 'none'") || policy.starts_with("sandbox"), "{what}: {policy}");
    assert!(!policy.contains("unsafe-inline") && !policy.contains("'unsafe-eval'"), "{what}: {policy}");
    assert!(answer.header("x-request-id").len() >= 16, "{what}");
    assert_eq!(answer.header("server"), "", "{what}");
    assert_eq!(answer.header("access-control-allow-origin"), "", "{what}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_kind_of_answer_is_protected() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let home = app.get("/dev").cookie(&me).told().await;
    let style = home.body.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let answers = [
        ("style sheet", app.get(style.expect("a style sheet")).told().await, 0),
        ("old asset", app.get("/pkg/0000000000000000/codika.js").told().await, 404),
        ("page", home, 200),
        ("log-in", app.get("/login").told().await, 200),
        ("redirect", app.get("/dev").told().await, 303),
        ("missing page", app.get("/a/b/c/d").told().await, 404),
        ("refused log-in", app.form("/login", &[("email", EMAIL), ("password", "wrong")]).told().await, 401),
        ("log-in", app.form("/login", &[("email", EMAIL), ("password", PASSWORD)]).told().await, 303),
        ("api", app.get("/api/v1/runs").bearer_auth(&token).told().await, 200),
        ("api error", app.get("/api/v1/runs").told().await, 401),
        ("description", app.get("/api/v1/openapi.json").told().await, 200),
        ("call", app.json("/rpc/get_home", &json!({ "environment": "dev" })).cookie(&me).told().await, 200),
        ("refused call", app.json("/rpc/get_home", &json!({ "environment": "dev" })).told().await, 401),
        ("cross-site", app.form("/login", &[]).instead("sec-fetch-site", "cross-site").told().await, 403),
        ("too large", app.form("/login", &[("email", &"x".repeat(5_000_000))]).told().await, 413),
        ("method", app.request(Method::PATCH, "/login").told().await, 405),
        ("alive", app.get("/healthz").told().await, 200),
        ("ready", app.get("/readyz").told().await, 200),
    ];
    for (what, answer, status) in &answers {
        is_protected(answer, what);
        assert!(*status == 0 || answer.status == *status, "{what}: {} {}", answer.status, answer.body);
        assert_eq!(answer.header("strict-transport-security"), "", "{what}");
        if *what != "style sheet" {
            assert_eq!(answer.header("cache-control"), "private, no-store", "{what}");
        }
    }
    let ids: std::collections::BTreeSet<_> =
        answers.iter().map(|(_, answer, _)| answer.header("x-request-id")).collect();
    assert_eq!(ids.len(), answers.len(), "request ids differ");
    let events = app.get("/events").cookie(&me).send().await.expect("an answer");
    assert_eq!(events.headers()["cross-origin-resource-policy"], "same-origin");
    assert!(events.headers().contains_key("content-security-policy"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn scripts_run_only_with_the_nonce_of_their_page() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let mut nonces = std::collections::BTreeSet::new();
    for _ in 0..3 {
        let page = app.get("/dev").cookie(&me).told().await;
        let policy = page.header("content-security-policy").to_owned();
        for part in [
            "'strict-dynamic'",
            "'wasm-unsafe-eval'",
            "style-src 'self'",
            "connect-src 'self'",
            "base-uri 'none'",
            "form-action 'self'",
            "object-src 'none'",
        ] {
            assert!(policy.contains(part), "{part} is not in {policy}");
        }
        let nonce =
            policy.split("'nonce-").nth(1).and_then(|rest| rest.split('\'').next()).expect("a nonce").to_owned();
        assert!(nonce.len() >= 16, "{nonce}");
        let scripts = page.body.matches("<script").count();
        let marked = page.body.matches(&format!("nonce=\"{nonce}\"")).count();
        assert!(scripts > 0 && marked >= scripts, "{scripts} scripts, {marked} with the nonce");
        assert!(!page.body.contains(" style=\"") && !page.body.contains(" onclick="), "the policy blocks these");
        nonces.insert(nonce);
    }
    assert_eq!(nonces.len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn other_sites_can_send_nothing() {
    let app = TestApp::start().await;
    let (token, me) = (app.token().await, app.log_in().await);
    let body = json!({ "environment": "dev", "workflow": "text-summary", "input": { "text": "x" } });
    let requests = || {
        [
            app.form("/login", &[("email", EMAIL), ("password", PASSWORD)]),
            app.form("/logout", &[]),
            app.form("/setup", &[]),
            app.form("/preferences", &[("theme", "dark")]),
            app.form("/dev/workflows/text-summary?draft=d", &[("in.text", "x")]),
            app.form("/dev/add-workflow", &[("id", "x")]),
            app.form("/runs/01hzy3v4k5m6n7p8q9r0s1t2v7", &[("act", "stop_waiting")]),
            app.json("/api/v1/runs", &body).bearer_auth(&token),
            app.json("/rpc/get_home", &json!({ "environment": "dev" })),
        ]
    };
    let evil: [&[(&'static str, &str)]; 4] = [
        &[("sec-fetch-site", "cross-site")],
        &[("sec-fetch-site", "same-site")],
        &[("sec-fetch-site", "cross-site"), ("origin", "https://evil.example")],
        &[("sec-fetch-site", "nonsense"), ("origin", "null")],
    ];
    for headers in evil {
        for request in requests() {
            let request = headers.iter().fold(request, |request, (name, value)| request.instead(name, value));
            let answer = request.cookie(&me).told().await;
            assert_eq!(answer.status, 403, "{headers:?}: {}", answer.body);
            assert!(answer.body.contains("another site"), "{}", answer.body);
            assert_eq!(answer.header("set-cookie"), "");
        }
    }
    // A browser that is too old for Sec-Fetch-Site still tells its origin.
    let request = app.request(Method::POST, "/logout").header("origin", "https://evil.example").cookie(&me);
    assert_eq!(request.told().await.status, 403);
    assert_eq!(app.get("/dev").cookie(&me).told().await.status, 200, "nobody was logged out");
    assert_eq!(app.triggers().await, 0);
    app.form("/login", &[]).instead("sec-fetch-site", "none").told().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_https_address_is_remembered_by_browsers() {
    let settings = vec![("DASHBOARD_PUBLIC_URL", "https://dash.example.com".to_owned())];
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    for path in ["/login", "/dev", "/api/v1/runs", "/healthz", "/a/b/c/d"] {
        let answer = app.get(path).told().await;
        assert_eq!(answer.header("strict-transport-security"), "max-age=63072000; includeSubDomains", "{path}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn errors_for_people_are_pages_with_the_style_of_the_app() {
    let app = TestApp::start().await;
    let refused = app.form("/login", &[]).header("cookie", "theme=dark").instead("sec-fetch-site", "cross-site");
    let refused = refused.told().await;
    refused.shows(403, &["another site", "data-theme=\"dark\"", "rel=\"stylesheet\"", "Go to Home"]);
    assert!(refused.header("content-security-policy").contains("style-src 'self'"));
    let text = app.request(Method::POST, "/logout").instead("sec-fetch-site", "cross-site").told().await;
    assert!(text.header("content-type").starts_with("text/plain"));
}
