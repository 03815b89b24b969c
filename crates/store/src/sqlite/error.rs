use std::{
    io,
    path::{Path, PathBuf},
};

use sqlx::migrate::MigrateError;

pub(super) use crate::write::while_doing;

/// Why the database cannot be used: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "The database \"{given}\" cannot be used: write sqlite:// and the path of a file, without parameters, or postgres:// and user, host and database."
    )]
    Location { given: String },
    #[error("The database {path} is not a file: name a file, for example {path}/dashboard.db.", path = path.display())]
    NotAFile { path: PathBuf },
    #[error("There is no database {path}: run the command with the settings of the server, and from the same folder.", path = path.display())]
    Missing { path: PathBuf },
    #[error("The database {path} cannot be written: give the user who runs the dashboard write access to the file and its folder.", path = path.display())]
    ReadOnly {
        path: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("The disk that holds the database {path} is full: free some space and start again; nothing was lost.", path = path.display())]
    DiskFull {
        path: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("The file {path} is damaged or no SQLite database: name another file, or put a backup in its place.", path = path.display())]
    NotADatabase {
        path: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("The database {path} was written by a newer dashboard (version {found} of its tables, this program knows {known}): install that newer dashboard, or put a backup from before the upgrade in its place.", path = path.display())]
    Newer { path: PathBuf, found: i64, known: i64 },
    #[error("The database {path} was not made by this dashboard (step {version} of its tables differs): name another file.", path = path.display())]
    Foreign { path: PathBuf, version: i64 },
    #[error("Another program keeps the database {path} locked: stop it and start again.", path = path.display())]
    Locked {
        path: PathBuf,
        #[source]
        source: Cause,
    },
    #[error("Another dashboard serves the database {path}: stop it first, or give this one a database of its own.", path = path.display())]
    Served { path: PathBuf },
    #[error(
        "This program contains SQLite {found}, which can damage a database; it needs {needed} or newer: install a complete build."
    )]
    OldSqlite { found: String, needed: &'static str },
    #[error("The database {path} could not be opened ({source}): check the disk and the system's log.", path = path.display())]
    Other {
        path: PathBuf,
        #[source]
        source: Cause,
    },
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

impl OpenError {
    pub(super) fn from_io(path: &Path, source: io::Error) -> Self {
        let (path, kind) = (path.to_owned(), source.kind());
        let source = Box::new(source);
        match kind {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::ReadOnly { path, source },
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull { path, source },
            io::ErrorKind::IsADirectory => Self::NotAFile { path },
            _ => Self::Other { path, source },
        }
    }

    pub(super) fn from_sqlx(path: &Path, source: sqlx::Error) -> Self {
        let (path, code) = (path.to_owned(), code(&source));
        let source = Box::new(source);
        match code.map(|code| (code & 0xff, code)) {
            Some((SQLITE_FULL, _) | (_, SQLITE_IOERR_SHMSIZE)) => Self::DiskFull { path, source },
            Some((SQLITE_READONLY | SQLITE_PERM | SQLITE_CANTOPEN, _)) => Self::ReadOnly { path, source },
            Some((SQLITE_CORRUPT | SQLITE_NOTADB, _)) => Self::NotADatabase { path, source },
            Some((SQLITE_BUSY | SQLITE_LOCKED, _)) => Self::Locked { path, source },
            _ => Self::Other { path, source },
        }
    }

    /// `known`: the newest migration of this program.
    pub(super) fn from_migration(path: &Path, known: i64, source: MigrateError) -> Self {
        let path = path.to_owned();
        match source {
            MigrateError::VersionMissing(found) if found > known => Self::Newer { path, found, known },
            MigrateError::VersionMissing(version) | MigrateError::VersionMismatch(version) => {
                Self::Foreign { path, version }
            }
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => Self::from_sqlx(&path, source),
            source => Self::Other { path, source: Box::new(source) },
        }
    }
}

// Result codes of SQLite; those above 255 are extended ones.
const SQLITE_PERM: i32 = 3;
const SQLITE_BUSY: i32 = 5;
const SQLITE_LOCKED: i32 = 6;
const SQLITE_READONLY: i32 = 8;
const SQLITE_CORRUPT: i32 = 11;
const SQLITE_FULL: i32 = 13;
const SQLITE_CANTOPEN: i32 = 14;
const SQLITE_NOTADB: i32 = 26;
const SQLITE_IOERR_SHMSIZE: i32 = 4874;

fn code(error: &sqlx::Error) -> Option<i32> {
    error.as_database_error()?.code()?.parse().ok()
}

/// Another connection holds a lock that can be waited for.
pub(super) fn is_busy(error: &sqlx::Error) -> bool {
    code(error).is_some_and(|code| code & 0xff == SQLITE_BUSY)
}
