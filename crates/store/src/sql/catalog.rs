//! Workflows: what Codika offers, as it was kept, and those that were added by hand.

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AddedWorkflow, AuditEntry, CatalogStore},
};
use model::{EnvSlug, WorkflowId};

use super::{
    Database, audit,
    row::{WorkflowRecord, text},
    while_doing,
};

#[async_trait]
impl CatalogStore for Database {
    async fn offers(&self, environment: &EnvSlug, instance: &str) -> Result<Option<String>, StoreError> {
        let answers = value!(
            r#"SELECT answers AS "answers!" FROM offers WHERE environment = $1 AND instance = $2"#,
            environment.as_str(),
            instance
        );
        answers.fetch_optional(&self.reads).await.map_err(while_doing("what Codika offers could not be read"))
    }

    async fn keep_offers(&self, environment: &EnvSlug, instance: &str, answers: String) -> Result<(), StoreError> {
        let (environment, instance) = (environment.to_string(), instance.to_owned());
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let keep = statement!(
                    "INSERT INTO offers (environment, instance, answers) VALUES ($1, $2, $3) ON CONFLICT (environment)"
                        + " DO UPDATE SET instance = excluded.instance, answers = excluded.answers",
                    environment,
                    instance,
                    text(answers)
                );
                keep.execute(db).await.map(drop)
            })
        });
        work.await.map_err(while_doing("what Codika offers could not be stored"))
    }

    async fn added_workflows(&self, environment: &EnvSlug) -> Result<Vec<AddedWorkflow>, StoreError> {
        let doing = "the added workflows could not be read";
        let rows = rows!(
            WorkflowRecord,
            r#"SELECT environment AS "environment!", id AS "id!", name AS "name!", description AS "description!","#
                + r#" schema AS "schema?" FROM workflows WHERE environment = $1 ORDER BY id"#,
            environment.as_str()
        );
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.into_iter().map(WorkflowRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    async fn put_workflow(&self, workflow: AddedWorkflow, entry: AuditEntry) -> Result<(), StoreError> {
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                statement!(
                    "INSERT INTO workflows (environment, id, name, description, schema) VALUES ($1, $2, $3, $4, $5)"
                        + " ON CONFLICT (environment, id) DO UPDATE"
                        + " SET name = excluded.name, description = excluded.description, schema = excluded.schema",
                    String::from(workflow.environment),
                    String::from(workflow.id),
                    text(workflow.name),
                    text(workflow.description),
                    workflow.schema.map(text)
                )
                .execute(&mut *db)
                .await?;
                audit::record(db, entry).await
            })
        });
        work.await.map_err(while_doing("the workflow could not be stored"))
    }

    async fn remove_workflow(
        &self,
        environment: &EnvSlug,
        id: &WorkflowId,
        entry: AuditEntry,
    ) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let (environment, id) = (environment.to_string(), id.to_string());
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let remove = statement!("DELETE FROM workflows WHERE environment = $1 AND id = $2", environment, id);
                let removed = remove.execute(&mut *db).await?.rows_affected() > 0;
                if removed {
                    audit::record(db, entry).await?;
                }
                Ok(removed)
            })
        });
        work.await.map_err(while_doing("the workflow could not be removed"))
    }
}
