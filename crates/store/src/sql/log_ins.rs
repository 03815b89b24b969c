use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AuditEntry, LogInStore},
};
use model::{Millis, UserId};

use super::{Database, audit, row::text, while_doing};

/// Failed log-ins older than this are of no use to anyone.
const FAILURES_KEPT_MS: Millis = 24 * 60 * 60 * 1000;

#[async_trait]
impl LogInStore for Database {
    /// Also forgets failures from more than a day before `at`, so that guessing cannot fill the disk.
    async fn note_log_in_failure(
        &self,
        keys: &[String],
        at: Millis,
        entries: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let entries = entries.into_iter().map(|entry| self.sign(entry)).collect::<Result<Vec<_>, _>>()?;
        let keys: Vec<String> = keys.iter().map(text).collect();
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                for key in keys {
                    let note = statement!("INSERT INTO login_failures (key, at) VALUES ($1, $2)", key, at);
                    note.execute(&mut *db).await?;
                }
                for entry in entries {
                    audit::record(db, entry).await?;
                }
                let oldest = at.saturating_sub(FAILURES_KEPT_MS);
                statement!("DELETE FROM login_failures WHERE at < $1", oldest).execute(db).await.map(drop)
            })
        });
        work.await.map_err(while_doing("the failed log-in could not be stored"))
    }

    async fn log_in_failures(&self, keys: &[String], since: Millis) -> Result<Vec<u32>, StoreError> {
        let mut counts = Vec::with_capacity(keys.len());
        for key in keys {
            let count = value!(
                r#"SELECT count(*) AS "count!" FROM login_failures WHERE key = $1 AND at >= $2"#,
                text(key),
                since
            );
            let count = count.fetch_one(&self.reads).await;
            let count = count.map_err(while_doing("the failed log-ins could not be read"))?;
            counts.push(u32::try_from(count).unwrap_or(u32::MAX));
        }
        Ok(counts)
    }

    async fn is_known_browser(&self, fingerprint: &str, user: &UserId, since: Millis) -> Result<bool, StoreError> {
        let known = value!(
            r#"SELECT EXISTS (SELECT 1 FROM browsers WHERE fingerprint = $1 AND user_id = $2 AND seen_at >= $3) AS "known!: bool""#,
            fingerprint,
            user.as_str(),
            since
        );
        known.fetch_one(&self.reads).await.map_err(while_doing("the known browsers could not be read"))
    }
}
