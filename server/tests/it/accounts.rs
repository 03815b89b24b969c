//! Set-up, log-in, log-out.

use crate::support::{EMAIL, PASSWORD, Setup, TestApp, Told};

async fn unclaimed() -> TestApp {
    TestApp::with(Setup { admin: false, ..Setup::default() }).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_first_admin_needs_the_token_from_the_console() {
    let app = unclaimed().await;
    let token = app.served().engine.set_up_token().expect("open");
    let claim = async |token: &str, name: &str, password: &str| {
        let form = [("token", token), ("name", name), ("email", EMAIL), ("password", password)];
        app.form("/setup", &form).told().await
    };
    let hint = "Nobody has an account here yet";
    app.get("/login").told().await.shows(200, &[hint]);
    for wrong in ["", "guess", &token[1..], &format!("{token}x")] {
        let refused = claim(wrong, "Ann <script>", PASSWORD).await;
        refused.shows(403, &["not valid", "value=\"Ann &lt;script&gt;\"", EMAIL]);
        assert_eq!(refused.header("set-cookie"), "");
        assert!(!refused.body.contains(PASSWORD), "a password is never sent back");
    }
    claim(&token, "Ann", "short").await.shows(422, &["at least 8 characters", &token]);
    claim(&token, " ", PASSWORD).await.shows(422, &["Enter a name"]);

    let claimed = claim(&token, "Ann", PASSWORD).await;
    assert_eq!((claimed.status, claimed.location()), (303, "/"));
    assert_eq!(app.get("/dev").cookie(&claimed.cookie()).told().await.status, 200);
    claim(&token, "Eve", PASSWORD).await.shows(403, &["not valid"]);
    assert_eq!(app.served().engine.set_up_token(), None);
    assert!(!app.get("/login").told().await.body.contains(hint));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn twenty_claims_make_one_admin() {
    let app = unclaimed().await;
    let token = app.served().engine.set_up_token().expect("open");
    let claims = (0..20).map(|n| {
        let email = format!("admin{n}@example.com");
        let form = [("token", token.as_str()), ("name", "Ann"), ("email", &email), ("password", PASSWORD)];
        app.form("/setup", &form).told()
    });
    let mut answers: Vec<u16> = futures::future::join_all(claims).await.iter().map(|answer| answer.status).collect();
    answers.sort_unstable();
    assert_eq!(answers[0], 303);
    assert!(answers[1..].iter().all(|status| *status == 403), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn wrong_log_ins_tell_nothing_and_have_a_limit() {
    let app = TestApp::start().await;
    let try_it = async |email: &str, password: &str| {
        app.form("/login", &[("email", email), ("password", password), ("next", "/runs")]).told().await
    };
    let wrong = try_it(EMAIL, "wrong password").await;
    wrong.shows(
        401,
        &["Email or password is wrong", "role=\"alert\"", &format!("value=\"{EMAIL}\""), "value=\"/runs\""],
    );
    assert!(!wrong.body.contains("wrong password"));
    assert_eq!(wrong.header("set-cookie"), "");
    let nobody = try_it("nobody@example.com", "wrong password").await;
    nobody.shows(401, &["Email or password is wrong"]);
    assert_eq!(try_it("\"><script>x</script>", "y").await.body.matches("<script>x").count(), 0);
    for _ in 0..8 {
        try_it(EMAIL, "wrong password").await;
    }
    try_it(EMAIL, PASSWORD).await.shows(429, &["Too many failed attempts"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behind_a_trusted_proxy_each_address_has_its_own_limit() {
    let settings = vec![("DASHBOARD_TRUSTED_PROXIES", "127.0.0.1".to_owned())];
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let try_it = async |address: &str, email: &str, password: &str| {
        let form = app.form("/login", &[("email", email), ("password", password)]);
        form.header("x-forwarded-for", address).told().await.status
    };
    for n in 0..10 {
        assert_eq!(try_it("203.0.113.7", &format!("nobody{n}@example.com"), "wrong password").await, 401);
    }
    assert_eq!(try_it("203.0.113.7", EMAIL, PASSWORD).await, 429);
    assert_eq!(try_it("203.0.113.8", EMAIL, PASSWORD).await, 303);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn logging_out_ends_the_session() {
    let app = TestApp::start().await;
    let (one, two) = (app.log_in().await, app.log_in().await);
    assert_ne!(one, two, "each log-in is a new session");
    let out = app.form("/logout", &[]).cookie(&one).told().await;
    assert_eq!((out.status, out.location()), (303, "/login"));
    assert!(out.header("set-cookie").starts_with("codika_session=;"), "{}", out.header("set-cookie"));
    assert!(out.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(app.get("/dev").cookie(&one).told().await.status, 303, "the cookie itself is worth nothing now");
    assert_eq!(app.get("/dev").cookie(&two).told().await.status, 200);
    assert_eq!(app.form("/logout", &[]).told().await.location(), "/login");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn log_in_leads_nowhere_else() {
    let app = TestApp::start().await;
    let go =
        async |next: &str| app.form("/login", &[("email", EMAIL), ("password", PASSWORD), ("next", next)]).told().await;
    for bad in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "/\r\nset-cookie: a=b",
        "javascript:alert(1)",
        "evil",
        "/a\u{0}b",
        "",
    ] {
        let answer = go(bad).await;
        assert_eq!((answer.status, answer.location()), (303, "/"), "{bad:?}");
        let page = app.get(&format!("/login?next={}", urlencoded(bad))).told().await;
        assert!(!page.body.contains("evil"), "{bad:?} is in the page");
    }
    for good in ["/runs?status=failed", "/dev/workflows/x?draft=a&b=c", "/prod"] {
        assert_eq!(go(good).await.location(), good);
    }
}

fn urlencoded(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn cookies_are_as_strict_as_the_address_allows() {
    let app = TestApp::start().await;
    let log_in = app.form("/login", &[("email", EMAIL), ("password", PASSWORD)]).told().await;
    let cookie = log_in.header("set-cookie");
    assert!(cookie.starts_with("codika_session="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=1814400"] {
        assert!(cookie.split("; ").any(|found| found == part), "{part} is not in {cookie}");
    }
    assert!(!cookie.contains("Secure") && !cookie.contains("Domain"), "{cookie}");
    assert_eq!(log_in.header("strict-transport-security"), "");

    let settings = vec![("DASHBOARD_PUBLIC_URL", "https://dash.example.com".to_owned())];
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let log_in = app.form("/login", &[("email", EMAIL), ("password", PASSWORD)]).told().await;
    let cookie = log_in.header("set-cookie");
    assert!(cookie.starts_with("__Host-codika_session="), "{cookie}");
    for part in ["Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.split("; ").any(|found| found == part), "{part} is not in {cookie}");
    }
    assert!(!cookie.contains("Domain"));
    assert_eq!(log_in.header("strict-transport-security"), "max-age=63072000; includeSubDomains");
    assert_eq!(app.get("/dev").cookie(&log_in.cookie()).told().await.status, 200);
    let plain = log_in.cookie().replace("__Host-", "");
    assert_eq!(app.get("/dev").cookie(&plain).told().await.status, 303, "a cookie of another name does not count");
}
