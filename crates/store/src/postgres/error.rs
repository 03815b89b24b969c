use std::io;

use sqlx::migrate::MigrateError;

use super::open::Place;

pub(super) use crate::write::while_doing;

/// Why the database cannot be used: one sentence for the operator.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error(
        "The address of the PostgreSQL database cannot be read: write postgres://USER:PASSWORD@HOST:PORT/DATABASE, with special characters of the password percent-encoded."
    )]
    Location,
    #[error(
        "The PostgreSQL database {place} cannot be reached ({source}): check that the server runs and that this machine may connect to it."
    )]
    Unreachable {
        place: String,
        #[source]
        source: Cause,
    },
    #[error(
        "The PostgreSQL database {place} does not answer: check that the server runs and that no firewall is in between."
    )]
    Silent { place: String },
    #[error(
        "The PostgreSQL database {place} refuses to let the dashboard in ({source}): check user, password, database and the server's pg_hba.conf."
    )]
    Refused {
        place: String,
        #[source]
        source: Cause,
    },
    #[error(
        "The PostgreSQL database {place} does not exist: create it, encoded in UTF8 and owned by the dashboard's user."
    )]
    Missing { place: String },
    #[error(
        "The PostgreSQL database {place} cannot be written ({source}): name the primary server, and a user who may create tables in it."
    )]
    ReadOnly {
        place: String,
        #[source]
        source: Cause,
    },
    #[error(
        "The disk that holds the PostgreSQL database {place} is full: free some space and start again; nothing was lost."
    )]
    DiskFull {
        place: String,
        #[source]
        source: Cause,
    },
    #[error(
        "The PostgreSQL database {place} was written by a newer dashboard (version {found} of its tables, this program knows {known}): install that newer dashboard, or restore a dump from before the upgrade."
    )]
    Newer { place: String, found: i64, known: i64 },
    #[error(
        "The PostgreSQL database {place} was not made by this dashboard (step {version} of its tables differs): name another database."
    )]
    Foreign { place: String, version: i64 },
    #[error("The PostgreSQL server of {place} has version {found}; the dashboard needs {needed} or newer.")]
    Old { place: String, found: i32, needed: i32 },
    #[error("The PostgreSQL database {place} is encoded in {found}: create one that is encoded in UTF8.")]
    Encoding { place: String, found: String },
    #[error("The PostgreSQL database {place} could not be opened ({source}): see the server's log.")]
    Other {
        place: String,
        #[source]
        source: Cause,
    },
}

type Cause = Box<dyn std::error::Error + Send + Sync>;

impl OpenError {
    pub(super) fn from_sqlx(place: &Place, source: sqlx::Error) -> Self {
        let place = place.to_string();
        let code = source.as_database_error().and_then(|error| error.code()).unwrap_or_default().into_owned();
        match &source {
            sqlx::Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => return Self::Silent { place },
            sqlx::Error::Io(_) | sqlx::Error::Tls(_) => {
                return Self::Unreachable { place, source: Box::new(source) };
            }
            _ => {}
        }
        let source = Box::new(source);
        match code.as_str() {
            INVALID_CATALOG_NAME => Self::Missing { place },
            READ_ONLY_SQL_TRANSACTION | INSUFFICIENT_PRIVILEGE => Self::ReadOnly { place, source },
            DISK_FULL => Self::DiskFull { place, source },
            CANNOT_CONNECT_NOW => Self::Unreachable { place, source },
            code if code.starts_with(INVALID_AUTHORIZATION) => Self::Refused { place, source },
            _ => Self::Other { place, source },
        }
    }

    /// `known`: the newest migration of this program.
    pub(super) fn from_migration(place: &Place, known: i64, source: MigrateError) -> Self {
        match source {
            MigrateError::VersionMissing(found) if found > known => {
                Self::Newer { place: place.to_string(), found, known }
            }
            MigrateError::VersionMissing(version) | MigrateError::VersionMismatch(version) => {
                Self::Foreign { place: place.to_string(), version }
            }
            MigrateError::Execute(source) | MigrateError::ExecuteMigration(source, _) => Self::from_sqlx(place, source),
            source => Self::Other { place: place.to_string(), source: Box::new(source) },
        }
    }
}

// Codes of PostgreSQL (SQLSTATE).
const INVALID_AUTHORIZATION: &str = "28";
const INVALID_CATALOG_NAME: &str = "3D000";
const READ_ONLY_SQL_TRANSACTION: &str = "25006";
const INSUFFICIENT_PRIVILEGE: &str = "42501";
const DISK_FULL: &str = "53100";
const CANNOT_CONNECT_NOW: &str = "57P03";
