//! The program itself.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    process::{Child, Command, Output, Stdio},
    time::Duration,
};

use crate::support::{EMAIL, PASSWORD, Process, Setup, TestApp, Told};

/// The program with these settings and nothing else of this process's environment.
pub fn program(arguments: &[&str], settings: &[(&str, &str)]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_codika-dashboard"));
    command.args(arguments).env_clear().envs(settings.iter().copied()).stdin(Stdio::null());
    command
}

fn told(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("text")
}

/// One clear line on standard error, nothing on standard output.
pub fn refused(output: &Output, named: &str) {
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let said = told(&output.stderr);
    assert_eq!(said.trim_end().lines().count(), 1, "{said}");
    assert!(said.starts_with("codika-dashboard: ") && said.contains(named), "{said}");
    assert!(output.stdout.is_empty(), "{output:?}");
}

fn with_input(mut command: Command, input: &str) -> Output {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("an end")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_token_is_made_beside_a_running_server() {
    let app = TestApp::start().await;
    let settings: Vec<_> = app.settings().iter().map(|(name, value)| (*name, value.as_str())).collect();
    let create = program(&["token", "create", "--user", EMAIL, "--name", "ci"], &settings).output().expect("an end");
    assert!(create.status.success(), "{create:?}");
    assert!(create.stderr.is_empty(), "{create:?}");
    let token = told(&create.stdout);
    let token = token.strip_suffix('\n').expect("one line");
    assert!(token.starts_with("cdt_") && token.len() > 40 && !token.contains(char::is_whitespace), "{token}");
    assert_eq!(app.get("/api/v1/runs").bearer_auth(token).told().await.status, 200, "it works at once");

    let nobody = program(&["token", "create", "--user", "eve@example.com", "--name", "x"], &settings);
    refused(&{ nobody }.output().expect("an end"), "eve@example.com");
    let usage = program(&["token", "create"], &settings).output().expect("an end");
    assert_eq!(usage.status.code(), Some(2));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_admin_is_made_with_a_password_from_standard_input() {
    let app = TestApp::with(Setup { admin: false, ..Setup::default() }).await;
    let settings: Vec<_> = app.settings().iter().map(|(name, value)| (*name, value.as_str())).collect();
    let create = |email: &str, password: &str| {
        with_input(program(&["admin", "create", "--email", email, "--name", "Ann"], &settings), password)
    };
    refused(&create(EMAIL, "short\n"), "10 characters");
    refused(&create(EMAIL, ""), "10 characters");
    refused(&create("nonsense", PASSWORD), "email");
    let created = create(EMAIL, &format!("{PASSWORD}\nwhatever follows"));
    assert!(created.status.success() && created.stdout.is_empty() && created.stderr.is_empty(), "{created:?}");
    refused(&create(EMAIL, PASSWORD), "already");
    assert!(app.log_in().await.starts_with("codika_session="));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_file_has_one_server_until_that_one_is_gone_however_it_ends() {
    let mut app = TestApp::start().await;
    let own = app.settings().to_vec();
    let mut settings: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    refused(&ended(program(&["serve"], &settings)), "Another dashboard serves the database");
    app.stop_server().await;
    let first = Process::serve(&own);
    // Under another name, too.
    let link = app.folder.path().join("link.db");
    std::os::unix::fs::symlink(app.folder.path().join("test.db"), &link).expect("a link");
    let link = link.display().to_string();
    settings.push(("DASHBOARD_DATABASE_URL", &link));
    refused(&ended(program(&["serve"], &settings)), "Another dashboard serves the database");
    first.signal("KILL");
    drop(first);
    Process::serve(&own);
}

/// The end of a program that ends by itself.
fn ended(mut program: Command) -> Output {
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("started");
    for _ in 0..100 {
        if child.try_wait().expect("a state").is_some() {
            break;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    // Fails only when it has ended.
    let _ = child.kill();
    child.wait_with_output().expect("an end")
}

#[test]
fn settings_can_be_checked() {
    let check = |settings: &[(&str, &str)]| program(&["config", "check"], settings).output().expect("an end");
    let nothing = check(&[]);
    assert!(nothing.status.success() && told(&nothing.stdout).contains("Environments: none"), "{nothing:?}");
    let good = check(&[("DEV_PROCESS_INSTANCE_ID", "i"), ("DEV_CODIKA_API_KEY", "ck_secret-canary")]);
    assert!(good.status.success() && told(&good.stdout).contains("Environments: dev"), "{good:?}");
    assert!(!format!("{good:?}").contains("canary"));
    for (name, value) in [
        ("DASHBOARD_LISTEN", "everywhere"),
        ("DASHBOARD_PUBLIC_URL", "http://dash.example.com"),
        ("DASHBOARD_LIMIT_STREAMS", "-1"),
        ("DASHBOARD_ADMIN_EMAIL", EMAIL),
        ("CODIKA_BASE_URL", "ftp://example.com"),
        ("CODIKA_PATH_STYLE", "curly"),
        ("DEV_CODIKA_API_KEY", "ck_secret-canary"),
        ("DASHBOARD_CONFIG", "/no/such/file.toml"),
    ] {
        let output = check(&[(name, value)]);
        refused(&output, if name == "DASHBOARD_ADMIN_EMAIL" { "DASHBOARD_ADMIN_PASSWORD" } else { name_of(name) });
        assert!(!told(&output.stderr).contains("canary"), "{output:?}");
    }
}

/// A key without its instance is explained by the name of what is missing.
fn name_of(name: &str) -> &str {
    if name == "DEV_CODIKA_API_KEY" { "DEV_PROCESS_INSTANCE_ID" } else { name }
}

#[test]
fn a_server_that_cannot_start_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("test.db").display());
    let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let serve =
        |settings: &[(&str, &str)]| program(&["serve"], settings).env("RUST_LOG", "off").output().expect("an end");
    refused(&serve(&[("DASHBOARD_LISTEN", &address), ("DASHBOARD_DATABASE_URL", &database)]), &address);
    let free = ("DASHBOARD_LISTEN", "127.0.0.1:0");
    for bad in [
        "sqlite:///proc/no/such/folder/test.db",
        "sqlite://",
        "postgres://me:hunter2@localhost/db",
        "sqlite:///dev/null",
    ] {
        let output = serve(&[free, ("DASHBOARD_DATABASE_URL", bad)]);
        refused(&output, "database");
        assert!(!told(&output.stderr).contains("hunter2"));
    }
    let newer = folder.path().join("newer.db");
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/sqlite-2026-11-23.db"), &newer).expect("a copy");
    make_newer(&newer);
    let newer = format!("sqlite://{}", newer.display());
    refused(&serve(&[free, ("DASHBOARD_DATABASE_URL", &newer)]), "written by a newer dashboard");
    let weak = [free, ("DASHBOARD_DATABASE_URL", &database), ("DASHBOARD_ADMIN_EMAIL", EMAIL)];
    let mut weak = weak.to_vec();
    weak.push(("DASHBOARD_ADMIN_PASSWORD", "short"));
    refused(&serve(&weak), "DASHBOARD_ADMIN_PASSWORD");
}

/// As if a later version had been here.
fn make_newer(path: &std::path::Path) {
    let future = "INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time) \
        VALUES (9999, 'tomorrow', TRUE, x'00', 1)";
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut db = sqlx::ConnectOptions::connect(&options).await.expect("a connection");
        sqlx::query(future).execute(&mut db).await.expect("written");
        sqlx::Connection::close(db).await.expect("closed");
    });
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Fails only when it has ended by itself.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_server_starts_from_variables_alone_and_stops_when_it_is_told() {
    let app = TestApp::start().await;
    let folder = tempfile::tempdir().expect("a folder");
    let database = format!("sqlite://{}", folder.path().join("deep/down/test.db").display());
    let mut settings: Vec<_> = app.settings().iter().map(|(name, value)| (*name, value.as_str())).collect();
    settings.retain(|(name, _)| !name.starts_with("DASHBOARD_ADMIN"));
    settings.push(("DASHBOARD_DATABASE_URL", &database));
    let mut command = program(&["serve"], &settings);
    command.current_dir(folder.path()).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut server = Running(command.spawn().expect("started"));
    let mut lines = BufReader::new(server.0.stdout.take().expect("a pipe"));
    let mut hint = String::new();
    lines.read_line(&mut hint).expect("a line");
    let address = hint.trim_end().strip_prefix("Create the administrator at ").expect("how to begin").to_owned();
    let (base, token) = address.split_once("setup?token=").expect("a set-up link");
    assert!(base.starts_with("http://127.0.0.1:") && !base.ends_with(":0/"), "the real port: {base}");

    app.client.get(&address).told().await.shows(200, &["Create the administrator", token]);
    let form = [("token", token), ("name", "Ann"), ("email", EMAIL), ("password", PASSWORD)];
    let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
    let claim = app.client.post(format!("{base}setup")).header("content-type", "application/x-www-form-urlencoded");
    assert_eq!(claim.body(body).told().await.status, 303);
    assert_eq!(app.client.get(format!("{base}readyz")).told().await.status, 200);

    let stop = Command::new("kill").args(["-TERM", &server.0.id().to_string()]).status().expect("kill");
    assert!(stop.success());
    assert!(server.0.wait().expect("an end").success(), "stopping as told is no failure");
    let mut rest = String::new();
    lines.read_to_string(&mut rest).expect("text");
    assert_eq!(rest, "", "one line is all it prints");
    let left = std::fs::read_dir(folder.path().join("deep/down")).expect("a list");
    let mut left: Vec<_> = left.map(|entry| entry.expect("an entry").file_name()).collect();
    left.sort();
    assert_eq!(left, ["test.db", "test.db.serving"], "the log was written back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_audit_trail_is_verified_beside_a_running_server() {
    let mut app = TestApp::start().await;
    app.log_in().await;
    let settings: Vec<_> = app.settings().to_vec();
    let settings: Vec<_> = settings.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let verify =
        |arguments: &[&str]| program(&[&["audit", "verify"], arguments].concat(), &settings).output().expect("an end");
    let whole = verify(&[]);
    assert!(whole.status.success() && whole.stderr.is_empty(), "{whole:?}");
    // A stopping server leaves nothing unsealed.
    app.stop_server().await;
    let whole = told(&verify(&[]).stdout);
    assert!(whole.starts_with("2 entries under seal.\n"), "{whole}");
    let head = whole.lines().last().expect("a head").to_owned();
    let still = verify(&["--head", &head]);
    assert!(still.status.success(), "{still:?}");
    let other = verify(&["--head", &format!("1:{}", "0".repeat(64))]);
    assert!(told(&other.stderr).contains("its end was cut off"), "{other:?}");
    assert_eq!(verify(&["--head", "nonsense"]).status.code(), Some(2));

    app.sql("DROP TRIGGER audit_never_changes").await;
    app.sql("UPDATE audit SET actor = 'eve' WHERE position = 2").await;
    let changed = verify(&[]);
    assert_eq!(changed.status.code(), Some(1));
    assert!(told(&changed.stderr).contains("entry 2 is not as it was written"), "{changed:?}");
    assert!(!told(&changed.stdout).contains("whole"), "{changed:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_lost_master_key_stops_the_start() {
    let mut app = TestApp::start().await;
    app.stop_server().await;
    let settings: Vec<_> = app.settings().iter().map(|(name, value)| (*name, value.as_str())).collect();
    std::fs::remove_file(app.folder.path().join("master.key")).expect("it is there");
    let output = program(&["serve"], &settings).output().expect("an end");
    refused(&output, "master.key is missing");
    let mut elsewhere = settings.clone();
    let new = app.folder.path().join("other.key").display().to_string();
    elsewhere.push(("DASHBOARD_MASTER_KEY_FILE", &new));
    refused(&program(&["serve"], &elsewhere).output().expect("an end"), "other.key is missing");
}
