//! A PostgreSQL server that several dashboards may share.

/// A statement that gives no rows.
macro_rules! statement {
    ($first:literal $(+ $more:literal)* $(, $argument:expr)* $(,)?) => { sqlx::query!($first $(+ $more)* $(, $argument)*) };
}
/// A statement whose rows become records of this type.
macro_rules! rows {
    ($record:ty, $first:literal $(+ $more:literal)* $(, $argument:expr)* $(,)?) => {
        sqlx::query_as!($record, $first $(+ $more)* $(, $argument)*)
    };
}
/// A statement whose rows are one value each.
macro_rules! value {
    ($first:literal $(+ $more:literal)* $(, $argument:expr)* $(,)?) => { sqlx::query_scalar!($first $(+ $more)* $(, $argument)*) };
}

mod cluster;
mod dialect;
mod error;
mod open;
#[path = "sql/mod.rs"]
mod sql;
mod writer;

#[cfg(test)]
mod tests;

use sqlx::{PgConnection as Connection, PgPool, Postgres as Backend};

use crate::master_key::Keys;

pub use error::OpenError;

use PostgresStore as Database;
use writer::Writer;

/// A PostgreSQL database that holds everything.
pub struct PostgresStore {
    reads: PgPool,
    /// Leases and notices: however busy the dashboard is, they never wait for a connection.
    control: PgPool,
    writer: Writer,
    keys: Keys,
}

impl PostgresStore {
    fn shared(&self) -> Option<&dyn engine::store::Cluster> {
        Some(self)
    }

    /// Opens `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, which must exist, and makes the tables where they
    /// are missing. Must be called inside a tokio runtime.
    ///
    /// # Errors
    /// [`OpenError`], one sentence for the operator: what, where, what to do. Never with the password.
    pub async fn open(url: &str) -> Result<Self, OpenError> {
        open::open(url).await
    }

    /// Closes every connection once it is free. Later calls fail.
    pub async fn close(&self) {
        self.control.close().await;
        self.reads.close().await;
    }
}
