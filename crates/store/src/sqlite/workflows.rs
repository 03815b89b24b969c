use engine::{
    StoreError,
    store::{AddedWorkflow, AuditEntry},
};
use model::{EnvSlug, WorkflowId};
use sqlx::query;

use super::{SqliteStore, audit, error::while_doing, row};

const LIST: &str =
    "SELECT environment, id, name, description, schema FROM workflows WHERE environment = $1 ORDER BY id";
const PUT: &str = "INSERT INTO workflows (environment, id, name, description, schema) VALUES ($1, $2, $3, $4, $5) \
    ON CONFLICT (environment, id) DO UPDATE \
    SET name = excluded.name, description = excluded.description, schema = excluded.schema";
const REMOVE: &str = "DELETE FROM workflows WHERE environment = $1 AND id = $2";

impl SqliteStore {
    pub(super) async fn list_workflows(&self, environment: &EnvSlug) -> Result<Vec<AddedWorkflow>, StoreError> {
        let doing = "the added workflows could not be read";
        let rows = query(LIST).bind(environment.as_str()).fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.iter().map(row::workflow).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    pub(super) async fn add_workflow(&self, workflow: AddedWorkflow, entry: AuditEntry) -> Result<(), StoreError> {
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                query(PUT)
                    .bind(String::from(workflow.environment))
                    .bind(String::from(workflow.id))
                    .bind(workflow.name)
                    .bind(workflow.description)
                    .bind(workflow.schema)
                    .execute(&mut *db)
                    .await?;
                audit::record(db, entry).await
            })
        });
        work.await.map_err(while_doing("the workflow could not be stored"))
    }

    pub(super) async fn drop_workflow(
        &self,
        environment: &EnvSlug,
        id: &WorkflowId,
        entry: AuditEntry,
    ) -> Result<bool, StoreError> {
        let (environment, id) = (environment.to_string(), id.to_string());
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let removed = query(REMOVE).bind(environment).bind(id).execute(&mut *db).await?.rows_affected() > 0;
                if removed {
                    audit::record(db, entry).await?;
                }
                Ok(removed)
            })
        });
        work.await.map_err(while_doing("the workflow could not be removed"))
    }
}
