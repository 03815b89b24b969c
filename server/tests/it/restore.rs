//! Copies and old databases: they open, show their runs, and send nothing.

use std::{fs::Permissions, os::unix::fs::PermissionsExt, path::Path, process::Command};

use serde_json::json;
use tempfile::tempdir;

use crate::support::{
    Setup, TestApp, Told, id,
    postgres::{connect, database},
    text,
};

/// A server with runs that a copy could go wrong with: pending, being sent, unclear.
async fn with_open_runs(url: String) -> (TestApp, Vec<(String, &'static str)>) {
    let app = TestApp::with(Setup { settings: vec![("DASHBOARD_DATABASE_URL", url)], ..Setup::default() }).await;
    let token = app.token().await;
    let pending = app.start_run(&token, "never-answers", json!({})).await;
    app.until(&token, id(&pending), "pending").await;
    let done = app.start_run(&token, "text-summary", text("x")).await;
    app.until(&token, id(&done), "success").await;
    app.fault(json!({ "endpoint": "trigger", "next": 1, "drop_reply": true })).await;
    let unclear = app.start_run(&token, "text-summary", text("x")).await;
    app.until(&token, id(&unclear), "unconfirmed").await;
    app.fault(json!({ "endpoint": "trigger", "next": 1, "hang": true, "execute": false })).await;
    let sending = app.start_run(&token, "text-summary", text("x")).await;
    let after = [(pending, "pending"), (done, "success"), (unclear, "unconfirmed"), (sending, "unconfirmed")];
    let after = after.map(|(run, status)| (id(&run).to_owned(), status));
    (app, after.to_vec())
}

/// A server on a copy, at the same Codika: every run is there, and nothing is sent.
async fn assert_sends_nothing(mut app: TestApp, copy: String, runs: &[(String, &'static str)]) {
    let sent = app.triggers().await;
    app.serve_on(copy).await;
    let token = app.token().await;
    for (run, status) in runs {
        app.until(&token, run, status).await;
    }
    assert_eq!(app.triggers().await, sent);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_restored_sqlite_file_sends_nothing() {
    let folder = tempdir().expect("a folder");
    let url = format!("sqlite://{}", folder.path().join("first.db").display());
    let (app, runs) = with_open_runs(url.clone()).await;
    let copy = folder.path().join("copy.db");
    store::backup(&url, &copy).await.expect("a backup");
    assert_sends_nothing(app, format!("sqlite://{}", copy.display()), &runs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_restored_postgresql_database_sends_nothing() {
    let (url, copy, folder) = (database().await, database().await, tempdir().expect("a folder"));
    let (app, runs) = with_open_runs(url.clone()).await;
    let dump = folder.path().join("dashboard.dump");
    tool("pg_dump", &["--format=custom", &format!("--file={}", dump.display()), &url]);
    let target = format!("--dbname={copy}");
    tool("pg_restore", &["--exit-on-error", "--no-owner", &target, dump.to_str().expect("a path")]);
    assert_sends_nothing(app, copy.clone(), &runs).await;
    // What the tables refuse they refuse in a restored one, too.
    let mut db = connect(&copy).await;
    let changed = sqlx::query("UPDATE audit SET detail = ''").execute(&mut db).await;
    assert!(changed.is_err_and(|error| error.to_string().contains("never changes")));
}

fn tool(name: &str, arguments: &[&str]) {
    let output = Command::new(name).args(arguments).output().expect("the tool of PostgreSQL");
    assert!(output.status.success(), "{output:?}");
}

/// `tests/fixtures/README.md` says where they come from.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_of_an_earlier_version_opens_and_shows_its_runs() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut opened = [0, 0];
    for fixture in std::fs::read_dir(fixtures).expect("the fixtures").map(|entry| entry.expect("an entry").path()) {
        let folder = tempdir().expect("a folder");
        let url = match fixture.extension().and_then(|extension| extension.to_str()) {
            Some("db") => {
                let copy = folder.path().join("dashboard.db");
                std::fs::copy(&fixture, &copy).expect("a copy");
                opened[0] += 1;
                format!("sqlite://{}", copy.display())
            }
            Some("sql") => {
                let url = database().await;
                let file = format!("--file={}", fixture.display());
                tool("psql", &["--quiet", "--no-psqlrc", "--set=ON_ERROR_STOP=1", &file, &url]);
                opened[1] += 1;
                url
            }
            _ => continue,
        };
        let key = folder.path().join("master.key");
        std::fs::write(&key, include_str!("../fixtures/master.key")).expect("a key");
        std::fs::set_permissions(&key, Permissions::from_mode(0o600)).expect("only ours");
        let key = ("DASHBOARD_MASTER_KEY_FILE", key.display().to_string());
        let settings = vec![("DASHBOARD_DATABASE_URL", url), key];
        let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
        let token = app.token().await;
        let listed = app.get("/api/v1/runs").bearer_auth(&token).told().await.json();
        let mut found: Vec<_> = listed["items"].as_array().expect("a list").iter().collect();
        found.reverse();
        // The last one was being sent. On PostgreSQL its holder's lease has to be seen to be over.
        app.until(&token, id(found.last().expect("runs")), "unconfirmed").await;
        let statuses: Vec<_> = found.iter().map(|run| run["status"].as_str().expect("a status")).collect();
        assert_eq!(statuses[..2], ["success", "failed"], "{}", fixture.display());
        assert_eq!(statuses[3..5], ["rejected", "unconfirmed"], "{}", fixture.display());
        let session = app.log_in().await;
        for run in found {
            let page = app.get(&format!("/runs/{}", id(run))).cookie(&session).told().await;
            page.shows(200, &[id(run)]);
        }
        assert_eq!(app.triggers().await, 0);
    }
    assert!(opened.iter().all(|number| *number > 0), "{opened:?}");
}
