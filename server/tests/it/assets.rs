//! The browser's files.

use std::path::Path;

use crate::support::{TestApp, Told};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn files_are_kept_for_ever_under_their_fingerprint() {
    let app = TestApp::start().await;
    let page = app.get("/login").told().await;
    let style = page.body.split("rel=\"stylesheet\" href=\"").nth(1).and_then(|rest| rest.split('"').next());
    let style = style.expect("a style sheet");
    let print = style.strip_prefix("/pkg/").and_then(|rest| rest.strip_suffix("/app.css")).expect("a fingerprint");
    assert_eq!(print.len(), 16);

    // The bundle is built apart; without it the addresses are the same and lead nowhere.
    let built = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dist/app.css").is_file();
    let file = app.get(style).told().await;
    assert_eq!(file.status, if built { 200 } else { 404 });
    if built {
        assert_eq!(file.header("cache-control"), "public, max-age=31536000, immutable");
        assert_eq!(file.header("content-type"), "text/css; charset=utf-8");
        let again = app.get(style).header("if-none-match", file.header("etag")).told().await;
        assert_eq!((again.status, again.body.as_str()), (304, ""));
    }
    let old = app.get("/pkg/0123456789abcdef/app.css").told().await;
    assert_eq!((old.status, old.header("cache-control")), (404, "private, no-store"), "never a mixture of versions");
    for outside in
        ["/pkg/../Cargo.toml", &format!("/pkg/{print}/..%2f..%2fCargo.toml"), "/pkg/x/%2e%2e/%2e%2e/etc/passwd"]
    {
        let answer = app.get(outside).told().await;
        assert!([303, 404].contains(&answer.status), "{outside}: {}", answer.status);
        assert!(!answer.body.contains("[workspace]"));
    }
}
