//! Every list finds its ids along an index and from the index alone, so that a page costs the same after a
//! million runs. What removes old rows reads none again that are gone.

use std::fs;

use engine::store::RunFilter;
use model::{RunStatus, UserId};
use sqlx::Row;

use super::{SqliteStore, fresh_sqlite};
use crate::{
    contract::{env, workflow},
    sqlite::sql::runs::list::newest,
};

async fn plan(store: &SqliteStore, filter: &RunFilter) -> Vec<String> {
    explain(store, newest("id, input", filter, 51).sql().as_str()).await
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
    let (owner, environment, of) = (Some(ada), Some(env("dev")), Some(workflow("a")));
    let all = RunFilter::default;
    for (filter, index) in [
        (all(), "runs_by_status"),
        (RunFilter { workflow: of.clone(), ..all() }, "runs_by_status"),
        (RunFilter { environment: environment.clone(), ..all() }, "runs_by_environment"),
        (RunFilter { environment: environment.clone(), workflow: of.clone(), ..all() }, "runs_by_workflow"),
        (RunFilter { owner: owner.clone(), ..all() }, "runs_by_owner"),
        (RunFilter { owner, environment, workflow: of, ..all() }, "runs_by_owner"),
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
            assert_eq!(plan.len(), 2, "no sorting: {plan:?}");
            assert_eq!(plan[1], "SEARCH runs USING INDEX sqlite_autoindex_runs_1 (id=?)");
            walked.extend(plan.into_iter().next());
        }
    }
    walked.sort();
    assert_eq!(walked, ["SCAN events", "SCAN results USING COVERING INDEX sqlite_autoindex_results_1"]);
}
