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

/// Around a JSON array of which each element becomes a row with a `value`.
pub const EACH_IN_JSON: (&str, &str) = ("json_each(", ")");

/// The newest `rows` ids of the places in `best`, which has the newest id of each as `head`. A queue: the newest of
/// all places comes out, and the next one of its place goes in.
pub fn newest_from_best(rows: u32) -> String {
    let next = |place: &str| {
        format!(
            "(SELECT runs.id FROM runs WHERE runs.environment = walk.environment{place} AND runs.status = walk.status \
             AND runs.id < walk.id ORDER BY runs.id DESC LIMIT 1)"
        )
    };
    let (whole, one) = (next(""), next(" AND runs.workflow = walk.workflow"));
    format!(
        ", walk(id, environment, workflow, status) AS (SELECT head, environment, workflow, status FROM best UNION ALL \
         SELECT CASE WHEN walk.workflow IS NULL THEN {whole} ELSE {one} END, environment, workflow, status FROM walk \
         WHERE walk.id IS NOT NULL ORDER BY 1 DESC LIMIT {rows}) SELECT id FROM walk WHERE id IS NOT NULL"
    )
}

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
