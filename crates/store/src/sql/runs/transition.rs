//! One step of a run's life.

use engine::store::{Applied, Attempt, Hold, Lease, Transition};

use crate::audit::Sealable;

use super::{Connection, RunRecord, audit, dialect, open_attempt, record_event, runs};

pub async fn apply(db: &mut Connection, step: Transition, entry: Option<Sealable>) -> Result<Applied, sqlx::Error> {
    // Nobody else moves this run until the end of the transaction.
    let Some(found) = dialect::locked_run(db, &step.run).await? else {
        return Ok(Applied::Stale);
    };
    let before = found.read()?;
    if before.epoch != step.epoch || !step.from.contains(&before.summary.status) {
        return Ok(Applied::Stale);
    }
    let lease = match step.hold {
        Hold::Only(lease) if lease != before.lease => return Ok(Applied::Stale),
        Hold::Take(holder) => Lease { holder, epoch: before.lease.epoch + 1 },
        Hold::Only(_) | Hold::Any => before.lease,
    };
    if let Some(execution) = &step.set.execution_id {
        let taken = value!(
            r#"SELECT EXISTS (SELECT 1 FROM runs WHERE environment = $1 AND execution_id = $2 AND id <> $3) AS "taken!: bool""#,
            before.summary.environment.as_str(),
            execution,
            step.run.as_str()
        );
        if taken.fetch_one(&mut *db).await? {
            return Ok(Applied::ExecutionTaken);
        }
    }
    let opens = matches!(step.attempt, Some(Attempt::Open));
    let epoch = if opens { step.epoch + 1 } else { step.epoch };
    let sets_error = step.set.error.is_some();
    let error = step.set.error.flatten().map(|error| serde_json::to_string(&error)).transpose();
    let error = error.map_err(|source| sqlx::Error::Encode(Box::new(source)))?;
    let result_bytes = step.set.result.as_ref().map(|bytes| i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    let updated = runs!(
        "UPDATE runs SET status = $2, epoch = $3, seq = seq + 1, execution_id = coalesce($4, execution_id), \
         accepted_at = coalesce($5, accepted_at), finished_at = coalesce($6, finished_at), \
         duration_ms = coalesce($7, duration_ms), error = CASE WHEN $8 THEN $9 ELSE error END, \
         result_bytes = coalesce($10, result_bytes), lease_owner = $11, lease_epoch = $12 WHERE id = $1 RETURNING ",
        "",
        step.run.as_str(),
        step.to.as_str(),
        epoch,
        step.set.execution_id,
        step.set.accepted_at,
        step.set.finished_at,
        step.set.duration_ms,
        sets_error,
        error,
        result_bytes,
        lease.holder.as_str(),
        lease.epoch
    );
    let after = updated.fetch_one(&mut *db).await?.read()?;
    if let Some(bytes) = step.set.result {
        let store = statement!("INSERT INTO results (run_id, bytes) VALUES ($1, $2)", step.run.as_str(), bytes);
        store.execute(&mut *db).await?;
    }
    match step.attempt {
        Some(Attempt::Open) => open_attempt(db, &step.run, epoch, step.at).await?,
        Some(Attempt::Close { outcome }) => {
            let close = statement!(
                "UPDATE attempts SET finished_at = $3, outcome = $4 WHERE run_id = $1 AND epoch = $2",
                step.run.as_str(),
                epoch,
                step.at,
                outcome
            );
            close.execute(&mut *db).await?;
        }
        None => {}
    }
    record_event(db, &step.run, after.seq, step.at, step.event).await?;
    if let Some(entry) = entry {
        audit::record(db, entry).await?;
    }
    Ok(Applied::Yes(after))
}
