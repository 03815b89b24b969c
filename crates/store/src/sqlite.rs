//! The embedded database: one write connection, a few readers, write-ahead log.

/// A statement that gives no rows.
macro_rules! statement {
    ($first:literal $(+ $more:literal)* $(, $argument:expr)* $(,)?) => { sqlx::query!($first $(+ $more)* + " " $(, $argument)*) };
}
/// A statement whose rows become records of this type.
macro_rules! rows {
    ($record:ty, $first:literal $(+ $more:literal)* $(, $argument:expr)* $(,)?) => {
        // The space keeps its entry in the cache of checked queries apart from PostgreSQL's.
        sqlx::query_as!($record, $first $(+ $more)* + " " $(, $argument)*)
    };
}
/// A statement whose rows are one value each.
macro_rules! value {
    ($first:literal $(+ $more:literal)* $(, $argument:expr)* $(,)?) => { sqlx::query_scalar!($first $(+ $more)* + " " $(, $argument)*) };
}

mod backup;
mod dialect;
mod error;
mod location;
mod open;
mod serving;
#[path = "sql/mod.rs"]
mod sql;
mod writer;

#[cfg(test)]
mod tests;

use std::path::{Path, PathBuf};

use sqlx::{Sqlite as Backend, SqliteConnection as Connection, SqlitePool};

use crate::master_key::Keys;

pub use backup::BackupError;
pub use error::OpenError;
pub use serving::Serving;

use SqliteStore as Database;
use writer::Writer;

/// A SQLite file that holds everything.
///
/// Several processes may have it open at once (the command line beside a running server).
pub struct SqliteStore {
    path: PathBuf,
    reads: SqlitePool,
    writer: Writer,
    keys: Keys,
}

impl SqliteStore {
    /// One program at a time.
    #[expect(clippy::unused_self, reason = "PostgreSQL's has something to give")]
    const fn shared(&self) -> Option<&dyn engine::store::Cluster> {
        None
    }

    /// Opens `sqlite://PATH`, `sqlite:PATH` or a plain path; creates the file (0600), its folder (0700)
    /// and the tables where they are missing. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`], one sentence for the operator: what, where, what to do.
    pub async fn open(url_or_path: &str) -> Result<Self, OpenError> {
        open::open(url_or_path).await
    }

    /// Like [`Self::open`], and makes nothing new.
    ///
    /// # Errors
    /// [`OpenError`], also when there is no such file.
    pub async fn open_existing(url_or_path: &str) -> Result<Self, OpenError> {
        let path = location::parse(url_or_path)?;
        if path.exists() { Self::open(url_or_path).await } else { Err(OpenError::Missing { path }) }
    }

    /// To be held by a server as long as it runs; makes folder and file where they are missing. Every other
    /// program works beside it.
    ///
    /// # Errors
    /// [`OpenError`], also when another server holds it.
    pub fn serve(url_or_path: &str) -> Result<Serving, OpenError> {
        Serving::begin(&location::parse(url_or_path)?)
    }

    /// Where the database is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a whole copy to `to` (0600), which must not exist yet; readers and writers go on meanwhile.
    ///
    /// # Errors
    /// [`BackupError`]; `to` then does not exist.
    pub async fn backup(&self, to: &Path) -> Result<(), BackupError> {
        backup::backup(&self.path, to).await
    }

    /// Finishes what was asked so far and closes the file. Later calls fail.
    pub async fn close(&self) {
        // The writer last: whoever closes last moves the log into the database, and a reader may not.
        self.reads.close().await;
        self.writer.close().await;
    }
}
