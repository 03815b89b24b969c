//! Set-up, log-in, log-out.

use std::time::{Duration, Instant};

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
    claim(&token, "Ann", "short").await.shows(422, &["at least 10 characters", &token]);
    claim(&token, " ", PASSWORD).await.shows(422, &["Enter a name"]);

    let claimed = claim(&token, "Ann", PASSWORD).await;
    assert_eq!((claimed.status, claimed.location()), (303, "/"));
    assert_eq!(app.get("/dev").cookie(&claimed.cookie()).told().await.status, 200);
    claim(&token, "Eve", PASSWORD).await.shows(403, &["not valid"]);
    assert_eq!(app.served().engine.set_up_token(), None);
    assert!(!app.get("/login").told().await.body.contains(hint));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_hundred_claims_make_one_admin() {
    let app = unclaimed().await;
    let token = app.served().engine.set_up_token().expect("open");
    let claims = (0..100).map(|n| {
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
async fn wrong_log_ins_tell_nothing_and_slow_down_and_the_right_one_still_opens() {
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
    for _ in 0..5 {
        try_it(EMAIL, "wrong password").await;
    }
    let began = Instant::now();
    assert_eq!(try_it(EMAIL, PASSWORD).await.status, 303);
    assert!(began.elapsed() >= Duration::from_secs(1), "{:?}", began.elapsed());
    let count = async |action: &str| {
        let count =
            format!("SELECT count(*) || '' FROM audit WHERE action = '{action}' AND detail LIKE '%from 127.0.0.1'");
        app.value(&count).await
    };
    assert_eq!((count("session.refused").await.as_str(), count("session.slowed").await.as_str()), ("8", "1"));
    assert_eq!(app.value("SELECT count(*) || '' FROM audit WHERE subject || detail LIKE '%nobody%'").await, "0");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn behind_a_trusted_proxy_each_address_is_slowed_down_alone() {
    let settings = vec![("DASHBOARD_TRUSTED_PROXIES", "127.0.0.1".to_owned())];
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let try_it = async |address: &str, password: &str| {
        let form = app.form("/login", &[("email", EMAIL), ("password", password)]);
        form.header("x-forwarded-for", address).told().await.status
    };
    for _ in 0..7 {
        assert_eq!(try_it("203.0.113.7", "wrong password").await, 401);
    }
    let began = Instant::now();
    assert_eq!(try_it("203.0.113.8", PASSWORD).await, 303);
    let elsewhere = began.elapsed();
    let began = Instant::now();
    assert_eq!(try_it("203.0.113.7", PASSWORD).await, 303);
    assert!(began.elapsed() >= Duration::from_secs(2) && elsewhere < began.elapsed(), "{elsewhere:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_browser_is_recognised_by_a_cookie_that_opens_nothing_and_stays_when_one_logs_out() {
    let app = TestApp::start().await;
    let log_in = app.form("/login", &[("email", EMAIL), ("password", PASSWORD)]).told().await;
    let cookies: Vec<_> =
        log_in.headers.get_all("set-cookie").iter().map(|value| value.to_str().expect("text")).collect();
    let [_, browser] = cookies[..] else { panic!("two cookies: {cookies:?}") };
    for part in ["HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=34560000"] {
        assert!(browser.split("; ").any(|found| found == part), "{part} is not in {browser}");
    }
    let browser = browser.split(';').next().expect("a cookie");
    let value = browser.strip_prefix("codika_browser=").expect("its name");
    assert_eq!(app.get("/dev").cookie(browser).told().await.status, 303);
    assert_eq!(app.get("/dev").cookie(&format!("codika_session={value}")).told().await.status, 303);
    let out = app.form("/logout", &[]).cookie(&format!("{}; {browser}", log_in.cookie())).told().await;
    assert_eq!(out.headers.get_all("set-cookie").iter().count(), 1, "only the session is forgotten");
    let again = app.form("/login", &[("email", EMAIL), ("password", PASSWORD)]).cookie(browser).told().await;
    assert!(
        again.headers.get_all("set-cookie").iter().any(|set| set.to_str().is_ok_and(|set| set.starts_with(browser)))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn accents_open_however_they_were_typed() {
    let app = TestApp::start().await;
    let (composed, decomposed) = ("P\u{e4}ssw\u{f6}rd-long", "Pa\u{308}sswo\u{308}rd-long");
    let form = engine::SetUp { email: "ann@ex\u{e4}mple.com", name: "Ann", password: composed };
    app.served().engine.create_admin(form).await.expect("an account");
    let form = engine::SetUp { email: "jo\u{308}rg@example.com", name: "J\u{f6}rg", password: decomposed };
    app.served().engine.create_admin(form).await.expect("an account");
    // A browser sends the domain of an email as it is in the DNS.
    for email in ["ann@ex\u{e4}mple.com", "ann@xn--exmple-cua.com", "j\u{f6}rg@example.com", "jo\u{308}rg@example.com"]
    {
        for password in [composed, decomposed] {
            let answer = app.form("/login", &[("email", email), ("password", password)]).told().await;
            assert_eq!(answer.status, 303, "{email}");
        }
    }
    // In a field for emails browsers would refuse accents before they are sent.
    app.get("/login").told().await.shows(200, &["name=\"email\" type=\"text\""]);
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
