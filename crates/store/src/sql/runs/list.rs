use async_trait::async_trait;
use engine::{
    StoreError,
    schedule::Took,
    store::{RunFilter, RunLists, RunRow},
};
use model::{EnvSlug, Page, RecentRun, RunStatus, UserId, WorkflowId};
use sqlx::QueryBuilder;

use super::{
    Backend, Database, dialect,
    row::{RECENT_COLUMNS, RUN_COLUMNS, RecentRecord, RunRecord, TOOK_COLUMNS, TookRecord},
    while_doing,
};

/// No list is longer, whatever was asked for.
const LONGEST: u32 = 500;

#[async_trait]
impl RunLists for Database {
    /// At least one and at most [`LONGEST`] runs.
    async fn runs(&self, filter: &RunFilter) -> Result<Page<RunRow>, StoreError> {
        let doing = "the runs could not be listed";
        let limit = filter.limit.clamp(1, LONGEST);
        // One more than asked for shows whether there is a next page.
        let mut sql = newest(RUN_COLUMNS, filter, limit + 1);
        let rows = sql.build_query_as().fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        let items: Result<Vec<RunRow>, _> = rows.into_iter().map(RunRecord::read).collect();
        let mut items = items.map_err(while_doing(doing))?;
        let more = items.len() > limit as usize;
        items.truncate(limit as usize);
        let next = items.last().filter(|_| more).map(|last| last.summary.id.to_string());
        Ok(Page { items, next })
    }

    async fn recent(
        &self,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        limit: u32,
    ) -> Result<Vec<RecentRun>, StoreError> {
        let doing = "the recent runs could not be read";
        let (environment, workflow) = (Some(environment.clone()), Some(workflow.clone()));
        let filter = RunFilter { environment, workflow, ..RunFilter::default() };
        let mut sql = newest(RECENT_COLUMNS, &filter, limit.min(LONGEST));
        let rows = sql.build_query_as().fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.into_iter().map(RecentRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    async fn took(&self, environment: &EnvSlug, workflow: &WorkflowId, limit: u32) -> Result<Vec<Took>, StoreError> {
        let filter = RunFilter {
            environment: Some(environment.clone()),
            workflow: Some(workflow.clone()),
            status: vec![RunStatus::Success, RunStatus::Failed],
            ..RunFilter::default()
        };
        let mut sql = newest(TOOK_COLUMNS, &filter, limit.min(LONGEST));
        let rows = sql.build_query_as().fetch_all(&self.reads).await;
        let rows = rows.map_err(while_doing("the durations could not be read"))?;
        Ok(rows.into_iter().filter_map(TookRecord::read).collect())
    }

    async fn count_moving(&self, owner: Option<&UserId>) -> Result<u64, StoreError> {
        let count = value!(
            r#"SELECT count(*) AS "count!: i64" FROM runs WHERE status IN ('submitting', 'pending')"#
                + " AND (CAST($1 AS TEXT) IS NULL OR owner = $1)",
            owner.map(UserId::as_str)
        );
        let count = count.fetch_one(&self.reads).await;
        count.map(i64::unsigned_abs).map_err(while_doing("the runs under way could not be counted"))
    }
}

/// Newest first. One branch per status, so that every filter walks along an index from its newest id:
/// with `status IN (…)` the database would sort all runs of these statuses, and without a status in the
/// index it would pass over all others.
pub fn newest(columns: &'static str, filter: &RunFilter, rows: u32) -> QueryBuilder<Backend> {
    let mut sql = QueryBuilder::new(format!("SELECT {columns} FROM runs WHERE id IN ("));
    let wanted = |status: &RunStatus| filter.status.is_empty() || filter.status.contains(status);
    let mut union = "";
    for status in RunStatus::ALL.into_iter().filter(wanted) {
        sql.push(union).push("SELECT id FROM (");
        branch(&mut sql, filter, status, rows);
        sql.push(") AS branch");
        union = " UNION ALL ";
    }
    sql.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(rows)).push(") ORDER BY id DESC");
    sql
}

fn branch(sql: &mut QueryBuilder<Backend>, filter: &RunFilter, status: RunStatus, rows: u32) {
    sql.push("SELECT id FROM runs WHERE status = ").push_bind(status.as_str());
    // One person's runs are fewer than an environment's: then the other columns must not choose the index.
    let column = if filter.owner.is_some() { dialect::NOT_FOR_THE_INDEX } else { "" };
    if let Some(owner) = &filter.owner {
        sql.push(" AND owner = ").push_bind(owner.to_string());
    }
    if let Some(environment) = &filter.environment {
        sql.push(" AND ").push(column).push("environment = ").push_bind(environment.to_string());
    }
    if let Some(workflow) = &filter.workflow {
        sql.push(" AND ").push(column).push("workflow = ").push_bind(workflow.to_string());
    }
    if let Some(after) = &filter.after {
        sql.push(" AND id < ").push_bind(after.clone());
    }
    sql.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(rows));
}
