//! The statements that SQLite says differently.

use engine::store::{ClaimScope, ReplicaId};
use model::RunId;
use sqlx::{Sqlite, SqlitePool, Transaction};

use super::{
    Connection,
    sql::row::{RunRecord, runs},
};

/// Before a column: it does not choose the index.
pub const NOT_FOR_THE_INDEX: &str = "+";

/// A run that nobody else changes before the end of the transaction: there is one writer.
pub async fn locked_run(db: &mut Connection, id: &RunId) -> Result<Option<RunRecord>, sqlx::Error> {
    runs!("SELECT ", " FROM runs WHERE id = $1", id.as_str()).fetch_optional(db).await
}

/// Whether the audit trail may be sealed in this transaction: the one writer always may.
#[expect(clippy::unused_async, reason = "PostgreSQL has to ask")]
pub async fn lock_trail(_: &mut Connection) -> Result<bool, sqlx::Error> {
    Ok(true)
}

/// Everything that is read in it is of one moment.
pub async fn snapshot(pool: &SqlitePool) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
    pool.begin().await
}

/// Open runs of anybody else: there is one replica, so whoever held them is gone.
pub async fn claim(
    db: &mut Connection,
    replica: &ReplicaId,
    _: ClaimScope,
    limit: i64,
) -> Result<Vec<RunRecord>, sqlx::Error> {
    let claimed = runs!(
        "UPDATE runs SET lease_owner = $1, lease_epoch = lease_epoch + 1 WHERE id IN (SELECT id FROM runs INDEXED BY runs_open \
         WHERE status IN ('submitting', 'pending') AND lease_owner <> $1 ORDER BY lease_owner, id LIMIT $2) RETURNING ",
        "",
        replica.as_str(),
        limit
    );
    claimed.fetch_all(db).await
}
