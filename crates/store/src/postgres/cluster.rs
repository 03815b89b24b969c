//! Several replicas on one database: leases by the server's clock, changes in the order of their transactions.
//!
//! A lease is over when `until` is not between now and two terms from now: one that ends later than any can was
//! given before the server's clock was set back. Zero or less is a lease that was given up or taken away, and
//! since when. `since` says since when a lease was never over.

use std::time::Duration;

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{Change, Cluster, Notices, Position, ReplicaId, RunRow},
};
use model::{EventKind, RunId};
use sqlx::{PgPool, postgres::PgListener};

use super::{
    PostgresStore,
    error::while_doing,
    sql::row::{RunRecord, parsed, runs},
};

/// How long a lease lasts, in milliseconds. A replica that died is replaced after this time and a renewal more.
pub const TERM_MS: i64 = 6_000;
/// Replicas that are gone so long leave no row, unless they still hold a run. What one of them still had under
/// way in the database is over long before.
const FORGOTTEN_MS: i64 = 24 * 60 * 60 * 1000;
const CHANNEL: &str = "codika_dashboard_changes";

/// A change, or nothing; and where the sequence stands.
struct ChangeRecord {
    now: String,
    /// Whether the position that was asked about is not ahead of that.
    past: bool,
    run_id: Option<String>,
    seq: Option<i64>,
    kind: Option<String>,
}

impl ChangeRecord {
    fn read(self) -> Option<Result<Change, sqlx::Error>> {
        let (id, seq, kind) = (self.run_id?, self.seq?, self.kind?);
        let run = parsed("run_id", &id, |text| RunId::parse(text).ok());
        Some(run.map(|run| Change { run, seq, kind: EventKind::of_word(&kind) }))
    }
}

#[async_trait]
impl Cluster for PostgresStore {
    fn term(&self) -> Duration {
        Duration::from_millis(TERM_MS.unsigned_abs())
    }

    async fn renew(&self, replica: &ReplicaId) -> Result<bool, StoreError> {
        // The part before sees the table as it was.
        let renewed = value!(
            "WITH clock AS MATERIALIZED (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now), "
                + "before AS MATERIALIZED (SELECT until BETWEEN now AND now + 2 * $2::bigint AS held FROM replicas, clock WHERE id = $1), "
                + "forgotten AS (DELETE FROM replicas USING clock WHERE id <> '' AND id <> $1 "
                + "AND abs(until) NOT BETWEEN now - $3::bigint AND now + $3::bigint AND NOT EXISTS (SELECT 1 FROM runs WHERE lease_owner = replicas.id "
                + "AND status IN ('submitting', 'pending'))) "
                + "INSERT INTO replicas (id, until, since) SELECT $1, now + $2::bigint, now FROM clock "
                + "ON CONFLICT (id) DO UPDATE SET until = excluded.until, since = CASE WHEN replicas.until "
                + "BETWEEN excluded.since AND excluded.since + 2 * $2::bigint THEN replicas.since ELSE excluded.since END "
                + r#"RETURNING coalesce((SELECT held FROM before), false) AS "held!""#,
            replica.as_str(),
            TERM_MS,
            FORGOTTEN_MS
        );
        renewed.fetch_one(&self.control).await.map_err(while_doing("the lease could not be renewed"))
    }

    async fn leave(&self, replica: &ReplicaId) -> Result<(), StoreError> {
        let left = statement!(
            "UPDATE replicas SET until = -(extract(epoch FROM clock_timestamp()) * 1000)::bigint WHERE id = $1",
            replica.as_str()
        );
        left.execute(&self.control).await.map(drop).map_err(while_doing("the lease could not be ended"))
    }

    async fn position(&self) -> Result<Position, StoreError> {
        let now = value!(r#"SELECT pg_current_snapshot()::text AS "now!""#).fetch_one(&self.reads).await;
        now.map(Position).map_err(while_doing("the newest changes could not be read"))
    }

    async fn changes(&self, position: &Position) -> Result<(Vec<Change>, Position), StoreError> {
        let found = self.changed(position, None).await?;
        let next = found.first().map_or_else(|| position.clone(), |row| Position(row.now.clone()));
        Ok((read(found)?, next))
    }

    async fn changes_since(&self, position: &Position, at_most: u32) -> Result<Option<Vec<Change>>, StoreError> {
        if !is_snapshot(&position.0) {
            return Ok(None);
        }
        let found = self.changed(position, Some(i64::from(at_most) + 1)).await?;
        let known = found.iter().all(|row| row.past) && found.len() <= at_most as usize;
        Ok(if known { Some(read(found)?) } else { None })
    }

    async fn sequence(&self) -> Result<String, StoreError> {
        let name = value!(
            "SELECT system_identifier::text || '.' || (SELECT timeline_id FROM pg_control_checkpoint())::text || '.' || "
                + r#"(SELECT oid FROM pg_database WHERE datname = current_database())::text AS "name!" FROM pg_control_system()"#
        );
        name.fetch_one(&self.reads).await.map_err(while_doing("the name of the database's history could not be read"))
    }

    async fn runs_of(&self, ids: &[RunId]) -> Result<Vec<RunRow>, StoreError> {
        let doing = "the changed runs could not be read";
        let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
        let rows = runs!("SELECT ", " FROM runs WHERE id = ANY($1)", &ids);
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.into_iter().map(RunRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    async fn notify(&self, from: &ReplicaId) -> Result<(), StoreError> {
        let notify = sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(from.as_str());
        notify.execute(&self.control).await.map(drop).map_err(while_doing("the other replicas could not be told"))
    }

    async fn listen(&self) -> Result<Box<dyn Notices>, StoreError> {
        listen(&self.control).await.map_err(while_doing("the other replicas could not be listened to"))
    }
}

impl PostgresStore {
    /// What `position` does not show: transactions that began after it, and those that were open then. A row that
    /// was not written by the transaction it names came with a restored dump.
    async fn changed(&self, position: &Position, at_most: Option<i64>) -> Result<Vec<ChangeRecord>, StoreError> {
        let found = rows!(
            ChangeRecord,
            "WITH new AS ((SELECT run_id, seq, kind FROM events WHERE xid >= pg_snapshot_xmax($1::text::pg_snapshot) "
                + "AND xid < pg_snapshot_xmax(pg_current_snapshot()) AND xmin = xid::xid LIMIT $2) "
                + "UNION ALL (SELECT run_id, seq, kind FROM events "
                + "WHERE xid = ANY (ARRAY(SELECT pg_snapshot_xip($1::text::pg_snapshot))) AND xmin = xid::xid LIMIT $2)) "
                + r#"SELECT pg_current_snapshot()::text AS "now!", "#
                + r#"pg_snapshot_xmax($1::text::pg_snapshot) <= pg_snapshot_xmax(pg_current_snapshot()) AS "past!", "#
                + r#"new.run_id AS "run_id?", new.seq AS "seq?", new.kind AS "kind?" "#
                + "FROM (SELECT 1) AS one LEFT JOIN new ON true ORDER BY new.run_id, new.seq",
            position.0,
            at_most
        );
        found.fetch_all(&self.reads).await.map_err(while_doing("the newest changes could not be read"))
    }
}

fn read(found: Vec<ChangeRecord>) -> Result<Vec<Change>, StoreError> {
    let changes = found.into_iter().filter_map(ChangeRecord::read).collect::<Result<_, _>>();
    changes.map_err(while_doing("the newest changes could not be read"))
}

/// As PostgreSQL writes them: `xmin:xmax:xip,xip`.
fn is_snapshot(text: &str) -> bool {
    let numbers = |list: &str| list.split(',').all(|number| number.parse::<u64>().is_ok());
    let parts: Vec<&str> = text.split(':').collect();
    matches!(parts[..], [xmin, xmax, open] if numbers(xmin) && numbers(xmax) && (open.is_empty() || numbers(open)))
}

async fn listen(pool: &PgPool) -> Result<Box<dyn Notices>, sqlx::Error> {
    let mut listener = PgListener::connect_with(pool).await?;
    listener.listen(CHANNEL).await?;
    Ok(Box::new(Listening(listener)))
}

struct Listening(PgListener);

#[async_trait]
impl Notices for Listening {
    async fn next(&mut self) -> Result<Option<ReplicaId>, StoreError> {
        let heard = self.0.try_recv().await.map_err(while_doing("the other replicas are not heard"))?;
        Ok(heard.map(|notice| ReplicaId::new(notice.payload())))
    }
}
