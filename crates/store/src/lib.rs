//! `engine::Store` on a database: SQLite, embedded, one file.

mod audit;
mod sqlite;

#[cfg(test)]
mod contract;

pub use sqlite::{BackupError, OpenError, SqliteStore};
