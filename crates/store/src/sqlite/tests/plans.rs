//! Every list finds its ids along an index and from the index alone, so that a page costs the same after a
//! million runs. What removes old rows reads none again that are gone.

use std::fs;

use engine::{Scope, scope::Grants, store::RunFilter};
use model::{GrantTarget, GrantVerbs, RunStatus, UserId};
use sqlx::{QueryBuilder, Row, Sqlite};

use super::{SqliteStore, fresh_sqlite};
use crate::{
    contract::{env, workflow},
    sqlite::sql::runs::list::{moving, newest},
};

async fn plan(store: &SqliteStore, filter: &RunFilter) -> Vec<String> {
    explained(store, newest("id, input", filter, 51)).await
}

async fn explained(store: &SqliteStore, query: QueryBuilder<Sqlite>) -> Vec<String> {
    explain(store, query.sql().as_str()).await
}

async fn explain(store: &SqliteStore, sql: &str) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {sql}");
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

/// A person with 200 grants over 20 environments.
fn granted() -> Scope {
    let mut grants = Grants::default();
    let see = GrantVerbs { run: false, see: true };
    for number in 0..200 {
        let environment = env(&format!("env-{}", number % 20));
        let target = match number {
            0..5 => GrantTarget::Environment(environment),
            _ => GrantTarget::Workflow(environment, workflow(&format!("w{number}"))),
        };
        grants.add(target, see);
    }
    Scope::granted(UserId::parse("0".repeat(26)).expect("an id"), grants)
}

#[tokio::test]
async fn lists_of_many_grants_walk_along_an_index_and_have_few_terms() {
    let (store, _folder) = fresh_sqlite().await;
    for status in [vec![], vec![RunStatus::Failed]] {
        for after in [None, Some("x".to_owned())] {
            for of in [None, Some(workflow("w7"))] {
                let filter = RunFilter {
                    scope: granted(),
                    workflow: of,
                    status: status.clone(),
                    after: after.clone(),
                    ..RunFilter::default()
                };
                let plan = plan(&store, &filter).await;
                let statuses = if status.is_empty() { 10 } else { status.len() };
                let searches = |index: &str| plan.iter().filter(|line| line.contains(index)).count();
                assert_eq!(searches("COVERING INDEX runs_by_owner "), statuses, "{plan:?}");
                // The first of each place, and the next ones.
                assert_eq!(searches("COVERING INDEX runs_by_environment "), 2, "{plan:?}");
                assert_eq!(searches("COVERING INDEX runs_by_workflow "), 2, "{plan:?}");
                assert!(!plan.iter().any(|line| line.starts_with("SCAN runs")), "{plan:?}");
            }
        }
    }
}

#[tokio::test]
async fn runs_under_way_are_counted_along_an_index() {
    let (store, _folder) = fresh_sqlite().await;
    let plan = explained(&store, moving(&granted())).await;
    for index in ["runs_by_environment", "runs_by_workflow", "runs_by_owner"] {
        assert!(plan.iter().any(|line| line.contains(&format!("COVERING INDEX {index} "))), "{index}: {plan:?}");
    }
    assert!(!plan.iter().any(|line| line.starts_with("SCAN runs")), "{plan:?}");
}

/// The statements are those that the compiler has checked.
#[tokio::test]
async fn what_is_old_is_found_along_what_is_left_of_it() {
    let (store, _folder) = fresh_sqlite().await;
    let mut walked = Vec::new();
    for entry in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.sqlx")).expect("the statements") {
        let text = fs::read(entry.expect("an entry").path()).expect("a file");
        let checked: serde_json::Value = serde_json::from_slice(&text).expect("JSON");
        let sql = checked["query"].as_str().expect("a statement");
        if checked["db_name"] == "SQLite" && sql.contains("runs.finished_at < $1") {
            let plan = explain(&store, sql).await;
            assert_eq!(plan.len(), 3, "no sorting: {plan:?}");
            assert_eq!(plan[2], "SEARCH runs USING INDEX sqlite_autoindex_runs_1 (id=?)");
            walked.extend(plan.into_iter().next());
        }
    }
    walked.sort();
    assert_eq!(walked, ["SCAN events", "SCAN results USING COVERING INDEX sqlite_autoindex_results_1"]);
}
