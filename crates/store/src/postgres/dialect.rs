//! The statements that PostgreSQL says differently.

use model::RunId;
use sqlx::{PgPool, Postgres, Transaction};

use super::{
    Connection,
    sql::row::{RunRecord, runs},
};

/// PostgreSQL chooses by its statistics.
pub const NOT_FOR_THE_INDEX: &str = "";

/// A run that nobody else changes before the end of the transaction.
pub async fn locked_run(db: &mut Connection, id: &RunId) -> Result<Option<RunRecord>, sqlx::Error> {
    runs!("SELECT ", " FROM runs WHERE id = $1 FOR UPDATE", id.as_str()).fetch_optional(db).await
}

/// Whether the audit trail may be sealed in this transaction: by one replica at a time.
pub async fn lock_trail(db: &mut Connection) -> Result<bool, sqlx::Error> {
    value!(r#"SELECT pg_try_advisory_xact_lock(7230281542) AS "locked!""#).fetch_one(db).await
}

/// Everything that is read in it is of one moment.
pub async fn snapshot(pool: &PgPool) -> Result<Transaction<'static, Postgres>, sqlx::Error> {
    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
}
