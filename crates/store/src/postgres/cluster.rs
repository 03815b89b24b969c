//! Several replicas on one database: leases by the server's clock, changes in the order of their transactions.

use std::time::Duration;

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{Change, Cluster, Notices, Position, ReplicaId, RunRow},
};
use model::RunId;
use sqlx::{PgPool, postgres::PgListener};

use super::{
    PostgresStore,
    error::while_doing,
    sql::row::{RunRecord, parsed, runs},
};

/// How long a lease lasts, in milliseconds. A replica that died is replaced after this time and a renewal more.
pub const TERM_MS: i64 = 6_000;
/// Replicas that are gone so long leave no row, unless they still hold a run.
const FORGOTTEN_MS: i64 = 24 * 60 * 60 * 1000;
const CHANNEL: &str = "codika_dashboard_changes";

struct ChangeRecord {
    run_id: String,
    seq: i64,
    kind: String,
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
                + "before AS MATERIALIZED (SELECT until >= now AS held FROM replicas, clock WHERE id = $1), "
                + "forgotten AS (DELETE FROM replicas USING clock WHERE id <> '' AND id <> $1 "
                + "AND until < now - $3 AND NOT EXISTS (SELECT 1 FROM runs WHERE lease_owner = replicas.id "
                + "AND status IN ('submitting', 'pending'))) "
                + "INSERT INTO replicas (id, until) SELECT $1, now + $2 FROM clock "
                + "ON CONFLICT (id) DO UPDATE SET until = excluded.until "
                + r#"RETURNING coalesce((SELECT held FROM before), false) AS "held!""#,
            replica.as_str(),
            TERM_MS,
            FORGOTTEN_MS
        );
        renewed.fetch_one(&self.control).await.map_err(while_doing("the lease could not be renewed"))
    }

    async fn leave(&self, replica: &ReplicaId) -> Result<(), StoreError> {
        let left = statement!("UPDATE replicas SET until = 0 WHERE id = $1", replica.as_str());
        left.execute(&self.control).await.map(drop).map_err(while_doing("the lease could not be ended"))
    }

    async fn position(&self) -> Result<Position, StoreError> {
        // Whatever commits later has at least this number.
        let lowest = value!(r#"SELECT pg_snapshot_xmin(pg_current_snapshot())::text AS "lowest!""#);
        let lowest = lowest.fetch_one(&self.reads).await;
        lowest.map(Position).map_err(while_doing("the newest changes could not be read"))
    }

    async fn changes(&self, position: &Position) -> Result<(Vec<Change>, Position), StoreError> {
        let doing = "the newest changes could not be read";
        // Asked for before the changes: whatever these do not show yet has at least this number.
        let next = self.position().await?;
        let found = rows!(
            ChangeRecord,
            r#"SELECT run_id AS "run_id!", seq AS "seq!", kind AS "kind!" FROM events "#
                + "WHERE xid >= $1::text::xid8 AND xid < pg_snapshot_xmax(pg_current_snapshot()) "
                + "ORDER BY run_id, seq",
            position.0
        );
        let found = found.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        let changes = found.into_iter().map(|change| {
            let run = parsed("run_id", &change.run_id, |text| RunId::parse(text).ok())?;
            Ok(Change { run, seq: change.seq, kind: change.kind })
        });
        Ok((changes.collect::<Result<_, sqlx::Error>>().map_err(while_doing(doing))?, next))
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
