use async_trait::async_trait;
use engine::{
    Scope, StoreError,
    schedule::Took,
    scope::Runs,
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

    async fn count_moving(&self, scope: &Scope) -> Result<u64, StoreError> {
        let count = moving(scope).build_query_scalar::<i64>().fetch_one(&self.reads).await;
        count.map(i64::unsigned_abs).map_err(while_doing("the runs under way could not be counted"))
    }
}

/// The number of runs under way, each scope's along the index of what it has.
pub fn moving(scope: &Scope) -> QueryBuilder<Backend> {
    const MOVING: &str = "status IN ('submitting', 'pending')";
    let mut sql = QueryBuilder::new("");
    match scope.runs(None, None) {
        Runs::All => {
            sql.push("SELECT count(*) FROM runs WHERE ").push(MOVING);
        }
        Runs::Own(owner) => {
            sql.push("SELECT count(*) FROM runs WHERE ")
                .push(MOVING)
                .push(" AND owner = ")
                .push_bind(owner.to_string());
        }
        Runs::OwnAnd(owner, seen) => {
            sql.push("WITH ");
            push_seen(&mut sql, &seen);
            let whole = "environment IN (SELECT environment FROM seen WHERE workflow IS NULL)";
            let some = "(environment, workflow) IN (SELECT environment, workflow FROM seen WHERE workflow IS NOT NULL)";
            for (before, which) in [(" SELECT (", whole), (" + (", some)] {
                sql.push(before)
                    .push("SELECT count(*) FROM runs WHERE ")
                    .push(MOVING)
                    .push(" AND ")
                    .push(which)
                    .push(")");
            }
            sql.push(" + (SELECT count(*) FROM runs WHERE ").push(MOVING).push(" AND owner = ");
            sql.push_bind(owner.to_string());
            sql.push(" AND NOT ").push(whole).push(" AND NOT ").push(some).push(")");
        }
    }
    sql
}

/// Newest first, of the runs that the filter's scope has. One branch per status, so that every filter walks along an index from its newest id:
/// with `status IN (…)` the database would sort all runs of these statuses, and without a status in the
/// index it would pass over all others.
pub fn newest(columns: &'static str, filter: &RunFilter, rows: u32) -> QueryBuilder<Backend> {
    let mut sql = QueryBuilder::new(format!("SELECT {columns} FROM runs WHERE id IN ("));
    let wanted = |status: &RunStatus| filter.status.is_empty() || filter.status.contains(status);
    let wanted: Vec<RunStatus> = RunStatus::ALL.into_iter().filter(wanted).collect();
    let (owner, seen) = match filter.scope.runs(filter.environment.as_ref(), filter.workflow.as_ref()) {
        Runs::All => (None, Vec::new()),
        Runs::Own(owner) => (Some(owner), Vec::new()),
        Runs::OwnAnd(owner, seen) => (Some(owner), seen),
    };
    let mut union = "";
    for status in &wanted {
        sql.push(union).push("SELECT id FROM (");
        branch(&mut sql, filter, owner, *status, rows);
        sql.push(") AS branch");
        union = " UNION ALL ";
    }
    if !seen.is_empty() {
        // One's own may be among them.
        sql.push(" UNION SELECT id FROM (");
        of_everybody(&mut sql, filter, &seen, &wanted, rows);
        sql.push(") AS granted");
    }
    sql.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(rows)).push(") ORDER BY id DESC");
    sql
}

fn branch(sql: &mut QueryBuilder<Backend>, filter: &RunFilter, owner: Option<&UserId>, status: RunStatus, rows: u32) {
    sql.push("SELECT id FROM runs WHERE status = ").push_bind(status.as_str());
    // One person's runs are fewer than an environment's: then the other columns must not choose the index.
    let column = if owner.is_some() { dialect::NOT_FOR_THE_INDEX } else { "" };
    if let Some(owner) = owner {
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

/// The newest runs of many places, however many there are: the newest of each place and status say which of them can
/// have any on this page, and only those are read on.
fn of_everybody(
    sql: &mut QueryBuilder<Backend>,
    filter: &RunFilter,
    seen: &[(EnvSlug, Option<WorkflowId>)],
    wanted: &[RunStatus],
    rows: u32,
) {
    sql.push("WITH RECURSIVE ");
    push_seen(sql, seen);
    sql.push(", wanted(status) AS (");
    for (number, status) in wanted.iter().enumerate() {
        sql.push(if number == 0 { "VALUES (" } else { ", (" }).push_bind(status.as_str()).push(")");
    }
    sql.push("), heads AS MATERIALIZED (SELECT seen.environment, seen.workflow, wanted.status, CASE");
    for (case, place) in [(" WHEN seen.workflow IS NULL THEN (", ""), (" ELSE (", " AND runs.workflow = seen.workflow")]
    {
        sql.push(case).push("SELECT runs.id FROM runs WHERE runs.environment = seen.environment").push(place);
        sql.push(" AND runs.status = wanted.status");
        if let Some(after) = &filter.after {
            sql.push(" AND runs.id < ").push_bind(after.clone());
        }
        sql.push(" ORDER BY runs.id DESC LIMIT 1)");
    }
    sql.push(
        " END AS head FROM seen CROSS JOIN wanted), best AS MATERIALIZED (SELECT environment, workflow, status, head",
    );
    sql.push(" FROM heads WHERE head IS NOT NULL ORDER BY head DESC LIMIT ").push(rows).push(")");
    sql.push(dialect::newest_from_best(rows));
}

/// `seen(environment, workflow)`: a table of one bound value.
fn push_seen(sql: &mut QueryBuilder<Backend>, seen: &[(EnvSlug, Option<WorkflowId>)]) {
    let (before, after) = dialect::EACH_IN_JSON;
    sql.push("seen(environment, workflow) AS MATERIALIZED (SELECT value ->> 0, value ->> 1 FROM ").push(before);
    sql.push_bind(serde_json::json!(seen).to_string()).push(after).push(")");
}
