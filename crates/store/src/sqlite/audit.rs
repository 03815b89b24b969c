use engine::store::AuditEntry;
use sqlx::{SqliteConnection, query};

const INSERT: &str = "INSERT INTO audit (at, actor, action, subject, detail) VALUES ($1, $2, $3, $4, $5)";

/// Part of the transaction whose deed it records.
pub async fn record(db: &mut SqliteConnection, entry: AuditEntry) -> Result<(), sqlx::Error> {
    query(INSERT)
        .bind(entry.at)
        .bind(entry.actor.map(String::from))
        .bind(entry.action)
        .bind(entry.subject)
        .bind(entry.detail)
        .execute(db)
        .await?;
    Ok(())
}
