use async_trait::async_trait;
use engine::{
    Scope, StoreError,
    schedule::Took,
    scope::{Place, Runs},
    store::{RunFilter, RunLists, RunRow},
};
use model::{EnvSlug, Page, RecentRun, RunStatus, WorkflowId};
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

/// The number of runs under way, along the index of what the scope has.
pub fn moving(scope: &Scope) -> QueryBuilder<Backend> {
    const COUNT: &str = "(SELECT count(*) FROM runs WHERE status IN ('submitting', 'pending')";
    const WHOLE: &str = "environment IN (SELECT environment FROM seen WHERE workflow IS NULL)";
    const SOME: &str = "(environment, workflow) IN (SELECT environment, workflow FROM seen WHERE workflow IS NOT NULL)";
    let runs = scope.runs(None, None);
    let mut sql = QueryBuilder::new("");
    if let Some(places) = &runs.of_everybody {
        sql.push("WITH ");
        push_seen(&mut sql, places);
        sql.push(" SELECT ").push(COUNT).push(" AND ").push(WHOLE).push(") + ");
        sql.push(COUNT).push(" AND ").push(SOME).push(")");
    } else {
        sql.push("SELECT ").push(COUNT);
        push_limits(&mut sql, &runs);
        sql.push(")");
    }
    if let Some(owner) = runs.own {
        sql.push(" + ").push(COUNT).push(" AND owner = ").push_bind(owner.to_string());
        push_limits(&mut sql, &runs);
        sql.push(" AND NOT ").push(WHOLE).push(" AND NOT ").push(SOME).push(")");
    }
    sql
}

/// As far as the token goes, if there is one.
fn push_limits(sql: &mut QueryBuilder<Backend>, runs: &Runs<'_>) {
    let column = if runs.own.is_some() { dialect::NOT_FOR_THE_INDEX } else { "" };
    let (before, after) = dialect::EACH_IN_JSON;
    for (name, words) in [("environment", json_rows(runs.environments)), ("workflow", json_rows(runs.workflows))] {
        let Some(words) = words else { continue };
        sql.push(" AND ").push(column).push(name).push(" IN (SELECT value ->> 0 FROM ").push(before);
        sql.push_bind(words).push(after).push(")");
    }
}

/// None for no condition.
fn json_rows(words: &[impl ToString]) -> Option<String> {
    let rows: Vec<[String; 1]> = words.iter().map(|word| [word.to_string()]).collect();
    (!rows.is_empty()).then(|| serde_json::json!(rows).to_string())
}

/// Newest first, of the runs that the filter's scope has. One branch per status, so that every filter walks along an
/// index from its newest id: with `status IN (…)` the database would sort all runs of these statuses, and without a
/// status in the index it would pass over all others.
pub fn newest(columns: &'static str, filter: &RunFilter, rows: u32) -> QueryBuilder<Backend> {
    let mut sql = QueryBuilder::new(format!("SELECT {columns} FROM runs WHERE id IN ("));
    let wanted = |status: &RunStatus| filter.status.is_empty() || filter.status.contains(status);
    let wanted: Vec<RunStatus> = RunStatus::ALL.into_iter().filter(wanted).collect();
    let runs = filter.scope.runs(filter.environment.as_ref(), filter.workflow.as_ref());
    let mut union = "";
    if runs.own.is_some() || runs.of_everybody.is_none() {
        for status in &wanted {
            sql.push(union).push("SELECT id FROM (");
            branch(&mut sql, filter, &runs, *status, rows);
            sql.push(") AS branch");
            union = " UNION ALL ";
        }
    }
    if let Some(places) = runs.of_everybody.filter(|places| !places.is_empty() || union.is_empty()) {
        // One's own may be among them.
        sql.push(if union.is_empty() { "" } else { " UNION " }).push("SELECT id FROM (");
        of_everybody(&mut sql, filter, &places, &wanted, rows);
        sql.push(") AS granted");
    }
    sql.push(" ORDER BY id DESC LIMIT ").push_bind(i64::from(rows)).push(") ORDER BY id DESC");
    sql
}

fn branch(sql: &mut QueryBuilder<Backend>, filter: &RunFilter, runs: &Runs<'_>, status: RunStatus, rows: u32) {
    sql.push("SELECT id FROM runs WHERE status = ").push_bind(status.as_str());
    // One person's runs are fewer than an environment's: then the other columns must not choose the index.
    let column = if runs.own.is_some() { dialect::NOT_FOR_THE_INDEX } else { "" };
    if let Some(owner) = runs.own {
        sql.push(" AND owner = ").push_bind(owner.to_string());
    }
    push_limits(sql, runs);
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
fn of_everybody(sql: &mut QueryBuilder<Backend>, filter: &RunFilter, seen: &[Place], wanted: &[RunStatus], rows: u32) {
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
fn push_seen(sql: &mut QueryBuilder<Backend>, seen: &[Place]) {
    let (before, after) = dialect::EACH_IN_JSON;
    sql.push("seen(environment, workflow) AS MATERIALIZED (SELECT value ->> 0, value ->> 1 FROM ").push(before);
    sql.push_bind(serde_json::json!(seen).to_string()).push(after).push(")");
}
