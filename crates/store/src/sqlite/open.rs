use std::{path::Path, time::Duration};

use sqlx::{
    ConnectOptions, Connection, SqliteConnection,
    migrate::Migrator,
    query_scalar,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};
use tokio::time::{Instant, sleep};

use super::{OpenError, SqliteStore, error::is_busy, location, sql, writer::Writer};
use crate::master_key::Keys;

static MIGRATIONS: Migrator = sqlx::migrate!("migrations/sqlite");

/// Older ones can corrupt a write-ahead log when it restarts.
const NEEDED: (u32, u32, u32) = (3, 51, 3);
const NEEDED_TEXT: &str = "3.51.3";
/// How long to wait for another process that writes.
const BUSY: Duration = Duration::from_secs(5);
/// How often to ask again where SQLite itself does not wait.
const ASK_AGAIN: Duration = Duration::from_millis(20);
const READERS: u32 = 4;

pub async fn open(url_or_path: &str) -> Result<SqliteStore, OpenError> {
    let path = location::parse(url_or_path)?;
    location::prepare(&path)?;
    let failed = |source| OpenError::from_sqlx(&path, source);

    let writing = writing(&path);
    let mut connection = connect(&writing).await.map_err(failed)?;
    check_version(&mut connection).await.map_err(failed)??;
    migrate(&path, &mut connection).await?;
    // A full or read-only disk shows only when something is really written.
    sql::touch(&mut connection).await.map_err(failed)?;

    let reads = SqlitePoolOptions::new()
        .max_connections(READERS)
        .acquire_timeout(BUSY)
        .test_before_acquire(false)
        .connect_with(reading(&path))
        .await
        .map_err(failed)?;
    Ok(SqliteStore { writer: Writer::start(writing, connection), reads, path, keys: Keys::default() })
}

fn base(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .busy_timeout(BUSY)
        .foreign_keys(true)
        // A memory map turns an I/O error into the death of the process.
        .pragma("mmap_size", "0")
        .disable_statement_logging()
}

fn writing(path: &Path) -> SqliteConnectOptions {
    base(path)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full)
        // After a burst the log gives its space back.
        .pragma("journal_size_limit", "67108864")
}

pub fn reading(path: &Path) -> SqliteConnectOptions {
    base(path).read_only(true)
}

/// Two processes that start at once both switch a new file to the write-ahead log; for that one step
/// SQLite answers "busy" at once instead of waiting.
async fn connect(options: &SqliteConnectOptions) -> Result<SqliteConnection, sqlx::Error> {
    let deadline = Instant::now() + BUSY;
    loop {
        match options.connect().await {
            Err(error) if is_busy(&error) && Instant::now() < deadline => sleep(ASK_AGAIN).await,
            done => return done,
        }
    }
}

async fn check_version(db: &mut SqliteConnection) -> Result<Result<(), OpenError>, sqlx::Error> {
    let found: String = query_scalar("SELECT sqlite_version()").fetch_one(db).await?;
    let good = version(&found).is_some_and(|found| found >= NEEDED);
    Ok(if good { Ok(()) } else { Err(OpenError::OldSqlite { found, needed: NEEDED_TEXT }) })
}

fn version(text: &str) -> Option<(u32, u32, u32)> {
    let mut parts = text.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next()??))
}

/// All or nothing: whoever is killed in between finds the database as it was.
pub async fn migrate(path: &Path, db: &mut SqliteConnection) -> Result<(), OpenError> {
    let known = MIGRATIONS.iter().map(|migration| migration.version).max().unwrap_or(0);
    let failed = |source| OpenError::from_sqlx(path, source);
    let mut transaction = db.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    // `run` would make the future of `open` impossible to spawn: its `Acquire` bound is not general enough.
    let migrated = MIGRATIONS.run_direct(None, &mut *transaction, false).await;
    migrated.map_err(|source| OpenError::from_migration(path, known, source))?;
    transaction.commit().await.map_err(failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        assert!(version("3.51.3") >= Some(NEEDED) && version("3.100.0") > Some(NEEDED));
        assert!(version("3.51.2") < Some(NEEDED) && version("3.9.99") < Some(NEEDED));
        assert_eq!(version("3.51"), None);
    }

    #[test]
    fn the_message_names_the_version_that_is_checked() {
        assert_eq!(version(NEEDED_TEXT), Some(NEEDED));
    }
}
