use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use engine::{Store, StoreError};
use model::Millis;

use crate::{Head, PostgresStore, Report, Rotated, Serving, SqliteStore, UnlockError, postgres, sqlite};

/// Why the database cannot be used: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(transparent)]
    Sqlite(#[from] sqlite::OpenError),
    #[error(transparent)]
    Postgres(#[from] postgres::OpenError),
}

/// Why there is no backup.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error(transparent)]
    Open(#[from] sqlite::OpenError),
    #[error(transparent)]
    Copy(#[from] sqlite::BackupError),
    #[error(
        "This command copies SQLite databases. Back up PostgreSQL with its own tool: pg_dump --format=custom --file={file} DATABASE", file = file.display()
    )]
    Postgres { file: PathBuf },
}

/// The database that the settings name. Cheap to clone; every clone is the same database.
#[derive(Clone)]
pub enum Database {
    Sqlite(Arc<SqliteStore>),
    Postgres(Arc<PostgresStore>),
}

impl Database {
    /// Opens `postgres://…` (or `postgresql://…`), else the SQLite file that `sqlite://PATH` or a path names.
    /// Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`]; its text repeats no password.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        if is_postgres(url) {
            Ok(Self::Postgres(Arc::new(PostgresStore::open(url).await?)))
        } else {
            Ok(Self::Sqlite(Arc::new(SqliteStore::open(url).await?)))
        }
    }

    /// Like [`Self::open`], and makes no new file.
    ///
    /// # Errors
    /// [`OpenError`]; its text repeats no password.
    pub async fn open_existing(url: &str) -> Result<Self, OpenError> {
        if is_postgres(url) {
            Self::open(url).await
        } else {
            Ok(Self::Sqlite(Arc::new(SqliteStore::open_existing(url).await?)))
        }
    }

    /// To be held by a server as long as it runs: a SQLite file has one at a time. None on PostgreSQL, which
    /// several share.
    ///
    /// # Errors
    /// [`OpenError`], also when another server holds it.
    pub fn serve(url: &str) -> Result<Option<Serving>, OpenError> {
        if is_postgres(url) { Ok(None) } else { Ok(Some(SqliteStore::serve(url)?)) }
    }

    pub fn store(&self) -> Arc<dyn Store> {
        match self {
            Self::Sqlite(store) => store.clone(),
            Self::Postgres(store) => store.clone(),
        }
    }

    /// Reads the master key, without which nothing can be written; makes it where database and key are new.
    ///
    /// # Errors
    /// [`UnlockError`], one sentence for the operator.
    pub async fn unlock(&self, file: &Path) -> Result<(), UnlockError> {
        match self {
            Self::Sqlite(store) => store.unlock(file).await,
            Self::Postgres(store) => store.unlock(file).await,
        }
    }

    /// Adds a key to the master key file and does not use it yet, so that the file can be taken to every replica
    /// first. Its number.
    ///
    /// # Errors
    /// [`UnlockError`], one sentence for the operator.
    pub async fn prepare_key(&self) -> Result<i64, UnlockError> {
        match self {
            Self::Sqlite(store) => store.prepare_key().await,
            Self::Postgres(store) => store.prepare_key().await,
        }
    }

    /// Makes a new master key the current one, and seals every secret with it.
    ///
    /// # Errors
    /// [`UnlockError`]: the key in use until now still is.
    pub async fn rotate_key(&self, at: Millis) -> Result<Rotated, UnlockError> {
        match self {
            Self::Sqlite(store) => store.rotate_key(at).await,
            Self::Postgres(store) => store.rotate_key(at).await,
        }
    }

    /// Where the master key is when the settings do not say: beside a SQLite file, else in `data/`.
    pub fn usual_key_file(&self) -> PathBuf {
        match self {
            Self::Sqlite(store) => store.path().with_file_name("master.key"),
            Self::Postgres(_) => PathBuf::from("data/master.key"),
        }
    }

    /// Whether a copy of the folder of this database would hold this file too.
    pub fn shares_folder_with(&self, file: &Path) -> bool {
        let folder = |path: &Path| path.canonicalize().ok().and_then(|path| Some(path.parent()?.to_owned()));
        match self {
            Self::Sqlite(store) => folder(store.path()).is_some_and(|own| folder(file) == Some(own)),
            Self::Postgres(_) => false,
        }
    }

    /// Walks the whole audit trail. `expected` is a head that was written down earlier: it must be part of it.
    ///
    /// # Errors
    /// When the database cannot be read. What is wrong with the trail is in the [`Report`].
    pub async fn verify_audit(&self, expected: Option<Head>) -> Result<Report, StoreError> {
        match self {
            Self::Sqlite(store) => store.verify_trail(expected).await,
            Self::Postgres(store) => store.verify_trail(expected).await,
        }
    }

    /// Finishes what was asked so far and lets the database go. Later calls fail.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }
}

fn is_postgres(url: &str) -> bool {
    ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme))
}

/// Writes a whole copy of the SQLite database at `url` to `to` (0600), which must not exist yet, while everything
/// goes on.
///
/// # Errors
/// [`BackupError`]: `to` does not exist then. Always for PostgreSQL, which has tools of its own for this.
pub async fn backup(url: &str, to: &Path) -> Result<(), BackupError> {
    if is_postgres(url) {
        return Err(BackupError::Postgres { file: to.to_owned() });
    }
    Ok(SqliteStore::open_existing(url).await?.backup(to).await?)
}
