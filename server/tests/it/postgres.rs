//! The program on PostgreSQL: what it says when it cannot use it, and what its commands do.

use std::process::Output;

use crate::{
    cli::{program, refused},
    support::{
        EMAIL, Setup, TestApp, Told, id,
        postgres::{database, execute},
        text,
    },
};

fn on(url: &str, arguments: &[&str]) -> Output {
    let folder = tempfile::tempdir().expect("a folder");
    let key = folder.path().join("master.key").display().to_string();
    let settings = [
        ("DASHBOARD_DATABASE_URL", url),
        ("DASHBOARD_MASTER_KEY_FILE", &key),
        ("DASHBOARD_LISTEN", "127.0.0.1:0"),
        ("RUST_LOG", "off"),
    ];
    program(arguments, &settings).output().expect("an end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_run_goes_its_way_and_survives_a_restart() {
    let url = database().await;
    let mut app =
        TestApp::with(Setup { settings: vec![("DASHBOARD_DATABASE_URL", url.clone())], ..Setup::default() }).await;
    let token = app.token().await;
    let run = app.start_run(&token, "text-summary", text("x")).await;
    let done = app.until(&token, id(&run), "success").await;
    app.stop_server().await;
    app.serve().await;
    assert_eq!(app.until(&token, id(&run), "success").await, done);

    let settings: Vec<_> = app.settings().iter().map(|(name, value)| (*name, value.as_str())).collect();
    let made = program(&["token", "create", "--user", EMAIL, "--name", "ci"], &settings).output().expect("an end");
    assert!(made.status.success(), "{made:?}");
    let token = String::from_utf8(made.stdout).expect("text");
    assert_eq!(app.get("/api/v1/runs").bearer_auth(token.trim()).told().await.status, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_database_that_cannot_be_used_is_one_line() {
    let closed = std::net::TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its number").port();
    let away = format!("postgres://me:hunter2@127.0.0.1:{closed}/runs");
    for command in [&["serve"][..], &["token", "create", "--user", EMAIL, "--name", "ci"]] {
        let output = on(&away, command);
        refused(&output, &format!("runs at 127.0.0.1:{closed} cannot be reached"));
        assert!(!format!("{output:?}").contains("hunter2"));
    }
    let unreadable = on("postgres://me:hunter2@127.0.0.1:port/runs", &["serve"]);
    refused(&unreadable, "percent-encoded");
    assert!(!format!("{unreadable:?}").contains("hunter2"));

    let newer = database().await;
    refused(&on(&newer, &["token", "create", "--user", "x@y", "--name", "ci"]), "no account");
    let future = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'tomorrow', TRUE, '\\x00', 1)";
    execute(&newer, future).await;
    refused(&on(&newer, &["serve"]), "written by a newer dashboard");
}

#[test]
fn a_backup_is_the_business_of_pg_dump() {
    refused(&on("postgres://me@127.0.0.1:1/runs", &["backup", "/nowhere/copy"]), "pg_dump");
}
