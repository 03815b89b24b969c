use engine::{
    StoreError,
    store::{Applied, Attempt, Transition},
};
use sqlx::{SqliteConnection, query, query_scalar};

use super::{BY_ID, audit, open_attempt, record_event, row, run_columns, while_doing};
use crate::sqlite::SqliteStore;

const TAKEN: &str = "SELECT EXISTS (SELECT 1 FROM runs WHERE environment = $1 AND execution_id = $2 AND id <> $3)";
/// Conditional on what was read, so that it is safe without the writer's lock, too.
const UPDATE: &str = concat!(
    "UPDATE runs SET status = $4, epoch = $5, seq = seq + 1, \
     execution_id = coalesce($6, execution_id), accepted_at = coalesce($7, accepted_at), \
     finished_at = coalesce($8, finished_at), duration_ms = coalesce($9, duration_ms), \
     error = CASE WHEN $10 THEN $11 ELSE error END, result_bytes = coalesce($12, result_bytes) \
     WHERE id = $1 AND epoch = $2 AND status = $3 RETURNING ",
    run_columns!()
);
const INSERT_RESULT: &str = "INSERT INTO results (run_id, bytes) VALUES ($1, $2)";
const CLOSE_ATTEMPT: &str = "UPDATE attempts SET finished_at = $3, outcome = $4 WHERE run_id = $1 AND epoch = $2";

async fn apply(db: &mut SqliteConnection, step: Transition) -> Result<Applied, sqlx::Error> {
    let Some(found) = query(BY_ID).bind(step.run.to_string()).fetch_optional(&mut *db).await? else {
        return Ok(Applied::Stale);
    };
    let before = row::run(&found)?;
    if before.epoch != step.epoch || !step.from.contains(&before.summary.status) {
        return Ok(Applied::Stale);
    }
    if let Some(execution) = &step.set.execution_id {
        let asked = query_scalar(TAKEN).bind(before.summary.environment.to_string()).bind(execution);
        if asked.bind(step.run.to_string()).fetch_one(&mut *db).await? {
            return Ok(Applied::ExecutionTaken);
        }
    }
    let opens = matches!(step.attempt, Some(Attempt::Open));
    let epoch = if opens { step.epoch + 1 } else { step.epoch };
    let sets_error = step.set.error.is_some();
    let error = step.set.error.flatten().map(|error| serde_json::to_string(&error)).transpose();
    let result_bytes = step.set.result.as_ref().map(|bytes| i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    let updated = query(UPDATE)
        .bind(step.run.to_string())
        .bind(step.epoch)
        .bind(before.summary.status.as_str())
        .bind(step.to.as_str())
        .bind(epoch)
        .bind(step.set.execution_id)
        .bind(step.set.accepted_at)
        .bind(step.set.finished_at)
        .bind(step.set.duration_ms)
        .bind(sets_error)
        .bind(error.map_err(|source| sqlx::Error::Encode(Box::new(source)))?)
        .bind(result_bytes)
        .fetch_optional(&mut *db)
        .await?;
    let Some(updated) = updated else {
        return Ok(Applied::Stale);
    };
    let after = row::run(&updated)?;
    if let Some(bytes) = step.set.result {
        query(INSERT_RESULT).bind(step.run.to_string()).bind(bytes).execute(&mut *db).await?;
    }
    match step.attempt {
        Some(Attempt::Open) => open_attempt(db, &step.run, epoch, step.at).await?,
        Some(Attempt::Close { outcome }) => {
            let close = query(CLOSE_ATTEMPT).bind(step.run.to_string()).bind(epoch).bind(step.at).bind(outcome);
            close.execute(&mut *db).await?;
        }
        None => {}
    }
    record_event(db, &step.run, after.seq, step.at, step.event).await?;
    if let Some(entry) = step.audit {
        audit::record(db, entry).await?;
    }
    Ok(Applied::Yes(after))
}

impl SqliteStore {
    pub(in crate::sqlite) async fn move_run(&self, step: Transition) -> Result<Applied, StoreError> {
        let work = self.writer.write(move |db| Box::pin(apply(db, step)));
        work.await.map_err(while_doing("the run's new state could not be stored"))
    }
}
