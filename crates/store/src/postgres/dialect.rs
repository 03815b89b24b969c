//! The statements that PostgreSQL says differently.

use engine::store::{Gone, ReplicaId};
use model::RunId;
use sqlx::{PgPool, Postgres, Transaction};

use super::{
    Connection,
    cluster::TERM_MS,
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

/// Open runs whose holder's lease is over. A lease that ends later than any can was given before the server's
/// clock was set back.
pub async fn claim(
    db: &mut Connection,
    replica: &ReplicaId,
    gone: Gone,
    limit: i64,
) -> Result<Vec<RunRecord>, sqlx::Error> {
    let claimed = runs!(
        "WITH clock AS MATERIALIZED (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now), \
         gone AS MATERIALIZED (SELECT replicas.id AS replica FROM replicas, clock WHERE replicas.id <> $1 \
         AND (until = 0 OR ($3 AND (until < now OR until > now + 2 * $4::bigint)))), \
         free AS MATERIALIZED (SELECT open.run FROM gone CROSS JOIN LATERAL (SELECT runs.id AS run FROM runs \
         WHERE status IN ('submitting', 'pending') AND lease_owner = gone.replica ORDER BY runs.id LIMIT $2 \
         FOR UPDATE SKIP LOCKED) AS open LIMIT $2) \
         UPDATE runs SET lease_owner = $1, lease_epoch = lease_epoch + 1 FROM free WHERE runs.id = free.run RETURNING ",
        "",
        replica.as_str(),
        limit,
        gone == Gone::Expired,
        TERM_MS
    );
    claimed.fetch_all(db).await
}
