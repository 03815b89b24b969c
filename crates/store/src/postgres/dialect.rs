//! The statements that PostgreSQL says differently.

use engine::store::{ClaimScope, ReplicaId};
use model::RunId;
use sqlx::{PgPool, Postgres, Transaction};

use super::{
    Connection,
    cluster::TERM_MS,
    sql::row::{RunRecord, runs},
};

/// PostgreSQL chooses by its statistics.
pub const NOT_FOR_THE_INDEX: &str = "";

/// Around a JSON array of which each element becomes a row with a `value`.
pub const EACH_IN_JSON: (&str, &str) = ("json_array_elements(CAST(", " AS json))");

/// The newest `rows` ids of each place in `best`, which has the newest id of each as `head`.
pub fn newest_from_best(rows: u32) -> String {
    let newest = |which: &str| {
        format!(
            "(SELECT runs.id FROM runs WHERE {which} AND runs.environment = best.environment \
             AND runs.status = best.status AND runs.id <= best.head ORDER BY runs.id DESC LIMIT {rows})"
        )
    };
    let (whole, one) = (newest("best.workflow IS NULL"), newest("runs.workflow = best.workflow"));
    format!(" SELECT newest.id FROM best CROSS JOIN LATERAL ({whole} UNION ALL {one}) AS newest")
}

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

/// Open runs whose holder's lease is over.
///
/// A holder that comes back waits for the end of this transaction, and is then told that its lease was taken
/// away. Only who has had a lease itself for a whole term can tell that another one's is over: a clock that was
/// set ends them all, and the others get that time to come back.
pub async fn claim(
    db: &mut Connection,
    replica: &ReplicaId,
    gone: ClaimScope,
    limit: i64,
) -> Result<Vec<RunRecord>, sqlx::Error> {
    if gone == ClaimScope::Expired {
        register_forgotten(db).await?;
    }
    let claimed = runs!(
        "WITH clock AS MATERIALIZED (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now), \
         gone AS MATERIALIZED (SELECT replicas.id AS replica FROM replicas, clock WHERE replicas.id <> $1 \
         AND (until <= 0 OR ($3 AND until NOT BETWEEN now AND now + 2 * $4::bigint AND EXISTS (SELECT 1 FROM replicas AS mine \
         WHERE mine.id = $1 AND mine.until BETWEEN now AND now + 2 * $4::bigint AND mine.since <= now - $4::bigint))) \
         AND EXISTS (SELECT 1 FROM runs WHERE status IN ('submitting', 'pending') AND lease_owner = replicas.id) \
         FOR UPDATE OF replicas SKIP LOCKED), \
         taken AS (UPDATE replicas SET until = -now FROM gone, clock WHERE replicas.id = gone.replica AND until > 0), \
         free AS MATERIALIZED (SELECT open.run FROM gone CROSS JOIN LATERAL (SELECT runs.id AS run FROM runs \
         WHERE status IN ('submitting', 'pending') AND lease_owner = gone.replica ORDER BY runs.id LIMIT $2 \
         FOR UPDATE SKIP LOCKED) AS open LIMIT $2) \
         UPDATE runs SET lease_owner = $1, lease_epoch = lease_epoch + 1 FROM free WHERE runs.id = free.run RETURNING ",
        "",
        replica.as_str(),
        limit,
        gone == ClaimScope::Expired,
        TERM_MS
    );
    claimed.fetch_all(db).await
}

/// A holder without a row would never be gone, and its runs never claimed: it gets the row of one that has left.
async fn register_forgotten(db: &mut Connection) -> Result<(), sqlx::Error> {
    // From holder to holder along the index, however many runs each has.
    let register = statement!(
        "WITH RECURSIVE holders AS (SELECT min(lease_owner) AS holder FROM runs WHERE status IN ('submitting', 'pending') "
            + "UNION ALL SELECT (SELECT min(lease_owner) FROM runs WHERE status IN ('submitting', 'pending') "
            + "AND lease_owner > holders.holder) FROM holders WHERE holder IS NOT NULL) "
            + "INSERT INTO replicas (id, until) SELECT holder, -(extract(epoch FROM clock_timestamp()) * 1000)::bigint "
            + "FROM holders WHERE holder IS NOT NULL AND NOT EXISTS (SELECT 1 FROM replicas WHERE id = holder) "
            + "ORDER BY holder ON CONFLICT DO NOTHING"
    );
    register.execute(db).await.map(drop)
}
