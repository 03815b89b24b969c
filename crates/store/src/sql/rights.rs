//! The number that rises with every change of what somebody may do.

use async_trait::async_trait;
use engine::{StoreError, store::RightsStore};

use super::{Connection, Database, while_doing};

/// Part of the transaction of each change of rights: of accounts, sessions that somebody ends, tokens, grants.
/// Asked first, it also makes such changes wait for each other, so that each sees what the one before has done.
pub async fn bump_rights(db: &mut Connection) -> Result<(), sqlx::Error> {
    statement!("UPDATE rights SET version = version + 1 WHERE id = 1").execute(db).await.map(drop)
}

#[async_trait]
impl RightsStore for Database {
    async fn rights_version(&self) -> Result<i64, StoreError> {
        let version = value!(r#"SELECT version AS "version!" FROM rights WHERE id = 1"#).fetch_one(&self.reads);
        version.await.map_err(while_doing("the version of the rights could not be read"))
    }
}
