//! The statements that PostgreSQL says differently.

use model::RunId;

use super::{
    Connection,
    sql::row::{RunRecord, runs},
};

/// PostgreSQL chooses by its statistics.
pub const NOT_FOR_THE_INDEX: &str = "";

/// A run that nobody else changes before the end of the transaction.
pub async fn locked_run(db: &mut Connection, id: &RunId) -> Result<Option<RunRecord>, sqlx::Error> {
    runs!("SELECT ", " FROM runs WHERE id = $1 FOR UPDATE", id.as_str()).fetch_optional(db).await
}
