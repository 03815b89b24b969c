//! Removing what is old.

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AuditEntry, Prunable, RetentionStore},
};
use model::{AuditAction, Millis};

use super::{Database, audit, while_doing};

#[async_trait]
impl RetentionStore for Database {
    async fn prune(&self, what: Prunable, ended_before: Millis, limit: u32, at: Millis) -> Result<u64, StoreError> {
        let doing = "what is old could not be removed";
        // Looked for outside the write, which others wait for. A join would let both databases walk along the runs,
        // and read again for each batch all those whose events are gone.
        let found = match what {
            Prunable::Results => {
                value!(
                    r#"SELECT run_id AS "id!" FROM results"#
                        + " WHERE (SELECT runs.finished_at < $1 FROM runs WHERE runs.id = results.run_id)"
                        + " ORDER BY run_id LIMIT $2",
                    ended_before,
                    i64::from(limit)
                )
                .fetch_all(&self.reads)
                .await
            }
            Prunable::Events => value!(
                r#"SELECT run_id AS "id!" FROM events WHERE seq = 1 AND"#
                    + " (SELECT runs.finished_at < $1 AND runs.status IN ('success', 'failed', 'rejected', 'cancelled')"
                    + " FROM runs WHERE runs.id = events.run_id) ORDER BY run_id LIMIT $2",
                ended_before,
                i64::from(limit)
            )
            .fetch_all(&self.reads)
            .await,
        };
        let ids: Vec<String> = found.map_err(while_doing(doing))?;
        if ids.is_empty() {
            return Ok(0);
        }
        let entry = self.sign(AuditEntry {
            at,
            actor: None,
            action: match what {
                Prunable::Results => AuditAction::ResultsRemoved,
                Prunable::Events => AuditAction::EventsRemoved,
            },
            subject: format!("runs:{}", ids.len()),
            detail: serde_json::json!({ "ended_before": ended_before, "runs": ids }).to_string(),
        })?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let mut runs = 0;
                for id in &ids {
                    let gone = match what {
                        Prunable::Results => statement!("DELETE FROM results WHERE run_id = $1", id).execute(&mut *db),
                        Prunable::Events => statement!("DELETE FROM events WHERE run_id = $1", id).execute(&mut *db),
                    };
                    runs += u64::from(gone.await?.rows_affected() > 0);
                }
                // Another replica may have been faster.
                if runs > 0 {
                    audit::record(db, entry).await?;
                }
                Ok(runs)
            })
        });
        work.await.map_err(while_doing(doing))
    }

    async fn prune_sessions(&self, before: Millis) -> Result<(), StoreError> {
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                statement!("DELETE FROM sessions WHERE expires_at < $1", before).execute(db).await.map(drop)
            })
        });
        work.await.map_err(while_doing("the expired sessions could not be removed"))
    }
}
