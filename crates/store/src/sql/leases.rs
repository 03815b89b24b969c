//! Who looks after open runs.

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{ClaimScope, Held, LeaseStore, ReplicaId, RunRow},
};

use super::{
    Database, dialect,
    row::{HeldRecord, RunRecord},
    while_doing,
};

#[async_trait]
impl LeaseStore for Database {
    async fn claim(&self, replica: &ReplicaId, scope: ClaimScope, limit: u32) -> Result<Vec<RunRow>, StoreError> {
        let doing = "open runs could not be claimed";
        let replica = replica.clone();
        let claim = self.writer.write(move |db| {
            Box::pin(async move {
                let claimed = dialect::claim(db, &replica, scope, i64::from(limit)).await?;
                claimed.into_iter().map(RunRecord::read).collect::<Result<Vec<_>, _>>()
            })
        });
        let mut claimed = claim.await.map_err(while_doing(doing))?;
        claimed.sort_by(|a, b| a.summary.id.cmp(&b.summary.id));
        Ok(claimed)
    }

    /// One replica has at most a few hundred thousand; that is a walk along an index of open runs.
    async fn held(&self, replica: &ReplicaId) -> Result<Vec<Held>, StoreError> {
        let doing = "our open runs could not be read";
        let rows = rows!(
            HeldRecord,
            r#"SELECT id AS "id!", status AS "status!", lease_epoch AS "lease_epoch!" FROM runs "#
                + "WHERE lease_owner = $1 AND status IN ('submitting', 'pending')",
            replica.as_str()
        );
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.into_iter().map(HeldRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }
}
