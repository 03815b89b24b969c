//! Every list finds its ids along an index and from the index alone, so that a page costs the same after a
//! million runs.

use engine::{Scope, store::RunFilter};
use model::{RunStatus, UserId};
use sqlx::Row;

use super::{SqliteStore, fresh_sqlite};
use crate::{
    contract::{env, workflow},
    sqlite::sql::runs::list::newest,
};

async fn plan(store: &SqliteStore, filter: &RunFilter) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {}", newest("id, input", filter, 51).sql().as_str());
    let rows = sqlx::query(sqlx::AssertSqlSafe(explain)).fetch_all(&store.reads).await.expect("a plan");
    rows.iter().map(|row| row.get("detail")).collect()
}

#[tokio::test]
async fn lists_walk_along_an_index() {
    let (store, _folder) = fresh_sqlite().await;
    let ada = UserId::parse("0".repeat(26)).expect("an id");
    let (scope, environment, of) = (Scope::own(ada), Some(env("dev")), Some(workflow("a")));
    let all = RunFilter::default;
    for (filter, index) in [
        (all(), "runs_by_status"),
        (RunFilter { workflow: of.clone(), ..all() }, "runs_by_status"),
        (RunFilter { environment: environment.clone(), ..all() }, "runs_by_environment"),
        (RunFilter { environment: environment.clone(), workflow: of.clone(), ..all() }, "runs_by_workflow"),
        (RunFilter { scope: scope.clone(), ..all() }, "runs_by_owner"),
        (RunFilter { scope, environment, workflow: of, ..all() }, "runs_by_owner"),
    ] {
        for status in [vec![], vec![RunStatus::Failed], vec![RunStatus::Failed, RunStatus::Success]] {
            for after in [None, Some("x".to_owned())] {
                let filter = RunFilter { status: status.clone(), after, ..filter.clone() };
                let plan = plan(&store, &filter).await;
                let searches: Vec<_> = plan.iter().filter(|line| line.starts_with("SEARCH runs")).collect();
                let branches = if status.is_empty() { 10 } else { status.len() };
                assert_eq!(searches.len(), branches + 1, "{plan:?}");
                let covered = searches.iter().filter(|line| line.contains(&format!("COVERING INDEX {index} ")));
                assert_eq!(covered.count(), branches, "{filter:?}: {plan:?}");
            }
        }
    }
}
