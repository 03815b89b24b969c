use engine::store::AuditEntry;

use super::{Connection, row::text};

/// Part of the transaction whose deed it records.
pub async fn record(db: &mut Connection, entry: AuditEntry) -> Result<(), sqlx::Error> {
    statement!(
        "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)",
        entry.at,
        entry.actor.map(String::from),
        entry.action,
        text(entry.subject),
        text(entry.detail)
    )
    .execute(db)
    .await?;
    Ok(())
}
