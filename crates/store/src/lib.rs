//! `engine::Store` on a database: SQLite, embedded, one file; or a PostgreSQL server.
//!
//! The crate's `README.md` says how a statement is added and how it is checked for both.

#![cfg_attr(
    not(any(prepare = "sqlite", prepare = "postgres")),
    expect(clippy::duplicate_mod, reason = "the statements are written once and compiled for each database")
)]

mod audit;
#[cfg(not(any(prepare = "sqlite", prepare = "postgres")))]
mod database;
mod master_key;
#[cfg(not(prepare = "sqlite"))]
mod postgres;
#[cfg(not(prepare = "postgres"))]
mod sqlite;
mod write;

#[cfg(test)]
mod contract;

pub use audit::{Fault, Head, Report};
#[cfg(not(any(prepare = "sqlite", prepare = "postgres")))]
pub use database::{BackupError, Database, OpenError, backup};
pub use master_key::{MasterKeyError, Rotated, UnlockError};
#[cfg(not(prepare = "sqlite"))]
pub use postgres::PostgresStore;
#[cfg(not(prepare = "postgres"))]
pub use sqlite::{Serving, SqliteStore};
