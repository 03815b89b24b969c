//! PostgreSQL for tests, and the program as a process of its own.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicU64, Ordering},
};

use sqlx::{ConnectOptions, Connection, PgConnection, postgres::PgConnectOptions};
use tempfile::TempDir;

pub async fn connect(url: &str) -> PgConnection {
    let options: PgConnectOptions = url.parse().expect("an address");
    options.connect().await.expect("a connection")
}

pub async fn execute(url: &str, sql: &str) {
    let mut db = connect(url).await;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut db).await.expect("the SQL is right");
    db.close().await.expect("it closes");
}

/// A number from a database.
pub async fn number(url: &str, sql: &str) -> i64 {
    let mut db = connect(url).await;
    sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(&mut db).await.expect("a number")
}

/// The address of a new database on the server that `tools/postgres.sh run` has started for the tests.
pub async fn database() -> String {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    let server = std::env::var("DASHBOARD_TEST_POSTGRES_URL")
        .expect("these tests need a PostgreSQL: run them as tools/postgres.sh run cargo test …");
    let name = format!("server_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    execute(&server, &format!("CREATE DATABASE {name}")).await;
    format!("{}/{name}", server.rsplit_once('/').expect("a database").0)
}

/// Stands in front of the server's own clock.
const CLOCK: &str = "
CREATE SCHEMA skew;
CREATE TABLE skew.clock (ahead INTERVAL NOT NULL);
INSERT INTO skew.clock VALUES ('0');
CREATE FUNCTION skew.clock_timestamp() RETURNS timestamptz LANGUAGE sql VOLATILE
    AS 'SELECT pg_catalog.clock_timestamp() + ahead FROM skew.clock';
";

/// Like [`database`], and its clock can be set.
pub async fn database_with_a_clock() -> String {
    let url = database().await;
    execute(&url, CLOCK).await;
    let name = url.rsplit_once('/').expect("a database").1;
    execute(&url, &format!("ALTER DATABASE {name} SET search_path = public, skew, pg_catalog")).await;
    url
}

pub async fn set_clock(url: &str, ahead: &str) {
    execute(url, &format!("UPDATE skew.clock SET ahead = '{ahead}'")).await;
}

/// A PostgreSQL server that a test may stop and start.
pub struct PostgresServer {
    folder: TempDir,
    pub url: String,
}

impl PostgresServer {
    pub fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let open = std::os::unix::fs::PermissionsExt::from_mode(0o755);
        fs::set_permissions(folder.path(), open).expect("PostgreSQL's user may enter it");
        let url = run_script(&["start", folder.path().join("server").to_str().expect("a path")]);
        Self { folder, url }
    }

    /// As if the machine had lost its power, but for what the disk holds.
    pub fn stop_at_once(&self) {
        run_script(&["stop", &self.place(), "immediate"]);
    }

    pub fn start_again(&self) {
        assert_eq!(run_script(&["start", &self.place()]), self.url);
    }

    fn place(&self) -> String {
        self.folder.path().join("server").to_str().expect("a path").to_owned()
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.stop_at_once();
    }
}

/// The last line that `tools/postgres.sh` prints.
fn run_script(arguments: &[&str]) -> String {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tools/postgres.sh");
    let output = Command::new(script).args(arguments).output().expect("the script runs");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

/// The dashboard as a process of its own.
pub struct Process {
    child: Child,
    pub base: String,
    log: PathBuf,
    _folder: TempDir,
}

impl Process {
    pub fn serve(settings: &[(&'static str, String)]) -> Self {
        Self::serve_with_files(settings, None)
    }

    /// The same with so many files that it may have open.
    pub fn serve_with_files(settings: &[(&'static str, String)], files: Option<u32>) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let log = folder.path().join("log");
        let limit = files.map(|files| format!("ulimit -n {files}; ")).unwrap_or_default();
        let mut child = Command::new("/bin/sh")
            .args(["-c", &format!("{limit}exec \"$0\" serve"), env!("CARGO_BIN_EXE_codika-dashboard")])
            .env_clear()
            .env("NO_COLOR", "1")
            .envs(settings.iter().map(|(name, value)| (name, value.as_str())))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(fs::File::create(&log).expect("a log"))
            .spawn()
            .expect("started");
        let mut hint = String::new();
        BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut hint).expect("a line");
        let address = hint.split("http://").nth(1).unwrap_or_else(|| panic!("no address: {hint}"));
        let base = format!("http://{}", address.split('/').next().expect("a host"));
        Self { child, base, log, _folder: folder }
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status();
        assert!(sent.expect("kill").success());
    }

    /// What it has logged so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).expect("the log")
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Fails only when it has ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
