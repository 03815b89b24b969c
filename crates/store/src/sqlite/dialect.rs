//! The statements that SQLite says differently.

use model::RunId;

use super::{
    Connection,
    sql::row::{RunRecord, runs},
};

/// Before a column: it does not choose the index.
pub const NOT_FOR_THE_INDEX: &str = "+";

/// A run that nobody else changes before the end of the transaction: there is one writer.
pub async fn locked_run(db: &mut Connection, id: &RunId) -> Result<Option<RunRecord>, sqlx::Error> {
    runs!("SELECT ", " FROM runs WHERE id = $1", id.as_str()).fetch_optional(db).await
}
