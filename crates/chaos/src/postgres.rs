//! A PostgreSQL server of its own: loopback only, in the storm's folder, with `fsync` on.

use std::{
    fs,
    net::SocketAddr,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context, bail};
use sqlx::{Connection, PgConnection};
use tokio::{
    process::Command,
    time::{Instant, sleep, timeout},
};

use crate::server::{ASK_AGAIN, READY, children, signal};

const SCRIPT: &str = "tools/postgres.sh";
const DATABASE: &str = "postgres";
/// Where nobody is connected when another database is copied.
const AUXILIARY: &str = "template1";

/// Notes which process wrote about a run, and which one held it; the name of its connection says who it is.
const TRACE: &str = "
CREATE TABLE chaos_replicas (id TEXT PRIMARY KEY, process TEXT NOT NULL);
CREATE TABLE chaos_writes (
    run TEXT NOT NULL, writer TEXT NOT NULL, held TEXT NOT NULL, holds TEXT NOT NULL, turns BIGINT NOT NULL,
    seq BIGINT NOT NULL
);
CREATE FUNCTION chaos_note_replica() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_replicas VALUES (NEW.id, current_setting('application_name'));
    RETURN NULL;
END $$;
CREATE FUNCTION chaos_note_write() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO chaos_writes VALUES (NEW.id, current_setting('application_name'), OLD.lease_owner,
        NEW.lease_owner, NEW.lease_epoch - OLD.lease_epoch, NEW.seq);
    RETURN NULL;
END $$;
CREATE TRIGGER chaos_note_replica AFTER INSERT ON replicas FOR EACH ROW EXECUTE FUNCTION chaos_note_replica();
CREATE TRIGGER chaos_note_write AFTER UPDATE ON runs FOR EACH ROW EXECUTE FUNCTION chaos_note_write();
";

pub struct Postgres {
    folder: PathBuf,
    /// The database of the dashboards.
    pub url: String,
}

impl Drop for Postgres {
    fn drop(&mut self) {
        let stop = std::process::Command::new(SCRIPT).arg("stop").arg(&self.folder).arg("immediate").status();
        drop(stop);
    }
}

impl Postgres {
    /// # Errors
    /// When it does not start.
    pub async fn start(work: &Path) -> anyhow::Result<Self> {
        // It may have to run as another user.
        fs::set_permissions(work, fs::Permissions::from_mode(0o755))?;
        let mut postgres = Self { folder: work.join("postgres"), url: String::new() };
        postgres.url = postgres.come_back().await?;
        Ok(postgres)
    }

    /// Starts it again where it was; returns its address.
    ///
    /// # Errors
    /// When it does not start.
    pub async fn come_back(&self) -> anyhow::Result<String> {
        let start = Command::new(SCRIPT).arg("start").arg(&self.folder).env("POSTGRES_FSYNC", "on").output().await?;
        if !start.status.success() {
            bail!("PostgreSQL does not start: {}", String::from_utf8_lossy(&start.stderr));
        }
        Ok(String::from_utf8_lossy(&start.stdout).trim().to_owned())
    }

    /// `immediate`: like a crash. `fast`: orderly, and every connection is closed.
    ///
    /// # Errors
    /// When the command cannot be run.
    pub async fn go_away(&self, mode: &str) -> anyhow::Result<()> {
        Command::new(SCRIPT).arg("stop").arg(&self.folder).arg(mode).status().await?;
        if self.postmaster().is_ok() {
            bail!("PostgreSQL does not stop");
        }
        Ok(())
    }

    /// Stands still for so long: connections stay open, and nothing answers.
    ///
    /// # Errors
    /// When a signal cannot be sent.
    pub async fn hang(&self, time: Duration) -> anyhow::Result<()> {
        let postmaster = self.postmaster()?;
        signal("STOP", postmaster).await?;
        let servants = children(postmaster);
        for pid in &servants {
            // It may just have ended.
            signal("STOP", *pid).await.ok();
        }
        sleep(time).await;
        for pid in &servants {
            signal("CONT", *pid).await.ok();
        }
        signal("CONT", postmaster).await
    }

    /// `kill -9` for one of its processes; it then ends all connections and recovers.
    ///
    /// # Errors
    /// When it does not come back.
    pub async fn kill_one(&self, chance: u64) -> anyhow::Result<()> {
        let postmaster = self.postmaster()?;
        let servants = children(postmaster);
        let at = chance.checked_rem(servants.len() as u64).and_then(|at| usize::try_from(at).ok());
        if let Some(pid) = at.and_then(|at| servants.get(at)) {
            signal("KILL", *pid).await.ok();
        }
        // Before it has noticed it still lets connections in. Then it replaces every one of its processes.
        let deadline = Instant::now() + READY;
        while Instant::now() < deadline && children(postmaster).iter().any(|pid| servants.contains(pid)) {
            sleep(ASK_AGAIN).await;
        }
        self.answers().await
    }

    fn postmaster(&self) -> anyhow::Result<u32> {
        let text = fs::read_to_string(self.folder.join("data/postmaster.pid")).context("PostgreSQL does not run")?;
        Ok(text.lines().next().unwrap_or_default().trim().parse()?)
    }

    async fn answers(&self) -> anyhow::Result<()> {
        let deadline = Instant::now() + READY;
        while Instant::now() < deadline {
            let tried = timeout(Duration::from_secs(2), PgConnection::connect(&self.url)).await;
            if let Ok(Ok(connection)) = tried {
                return Ok(connection.close().await?);
            }
            sleep(ASK_AGAIN).await;
        }
        bail!("PostgreSQL does not come back")
    }

    /// Begins to note who writes.
    ///
    /// # Errors
    /// When the tables are not there yet.
    pub async fn trace(&self) -> anyhow::Result<()> {
        let mut db = PgConnection::connect(&self.url).await?;
        sqlx::raw_sql(TRACE).execute(&mut db).await?;
        Ok(db.close().await?)
    }

    /// Copies the database while nobody is connected to it; returns the address of the copy.
    ///
    /// # Errors
    /// When it cannot be copied.
    pub async fn copy(&self, name: &str) -> anyhow::Result<String> {
        self.create(name, &format!("CREATE DATABASE {name} TEMPLATE {DATABASE}")).await
    }

    async fn create(&self, name: &str, statement: &str) -> anyhow::Result<String> {
        let mut db = PgConnection::connect(&self.at(AUXILIARY)).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP DATABASE IF EXISTS {name}"))).execute(&mut db).await?;
        sqlx::raw_sql(sqlx::AssertSqlSafe(statement.to_owned())).execute(&mut db).await?;
        db.close().await?;
        Ok(self.at(name))
    }

    /// Where it listens.
    ///
    /// # Errors
    /// When its URL names no address.
    pub fn address(&self) -> anyhow::Result<SocketAddr> {
        let (_, rest) = self.url.split_once('@').context("no address in the URL of PostgreSQL")?;
        Ok(rest.trim_end_matches(&format!("/{DATABASE}")).parse()?)
    }

    /// Its URL with another address.
    ///
    /// # Errors
    /// When its URL names no address.
    pub fn by_way_of(&self, other: SocketAddr) -> anyhow::Result<String> {
        Ok(self.url.replace(&self.address()?.to_string(), &other.to_string()))
    }

    fn at(&self, name: &str) -> String {
        format!("{}/{name}", self.url.trim_end_matches(&format!("/{DATABASE}")))
    }

    /// # Errors
    /// When `pg_dump` fails.
    pub async fn dump(&self, file: &Path) -> anyhow::Result<()> {
        let target = format!("--file={}", file.display());
        self.tool("pg_dump", &["--format=custom", &target, &self.url]).await
    }

    /// Restores a dump into a database of its own; returns its address.
    ///
    /// # Errors
    /// When `pg_restore` fails.
    pub async fn restore(&self, file: &Path) -> anyhow::Result<String> {
        let url = self.create("restored", "CREATE DATABASE restored").await?;
        let target = format!("--dbname={url}");
        let file = file.display().to_string();
        self.tool("pg_restore", &["--exit-on-error", "--no-owner", &target, &file]).await?;
        Ok(url)
    }

    /// One of the programs that came with the server.
    async fn tool(&self, name: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let server = fs::read_link(format!("/proc/{}/exe", self.postmaster()?))?;
        let done = Command::new(server.with_file_name(name)).args(arguments).output().await?;
        if !done.status.success() {
            bail!("{name}: {}", String::from_utf8_lossy(&done.stderr));
        }
        Ok(())
    }
}
