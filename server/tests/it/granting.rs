//! Groups and grants, through their pages.

use model::Role;

use crate::support::{Answer, TestApp, Told, between};

async fn post(app: &TestApp, me: &str, path: &str, form: &[(&str, &str)]) -> Answer {
    app.form(path, form).cookie(me).told().await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_is_granted_on_a_persons_page_counts_at_once_and_ends_at_once() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let max = app.add_person("max@example.com", Role::Runner).await;
    let his = app.log_in_as("max@example.com").await;
    let page = format!("/settings/people/{max}");
    let status = async |path: &str| app.get(path).cookie(&his).told().await.status;
    assert_eq!(status("/dev").await, 404, "nothing was granted yet");

    let form = [("act", "grant"), ("environment", "dev"), ("workflow", "text-summary")];
    post(&app, &me, &page, &form).await.shows(422, &["Choose what is granted", "value=\"text-summary\""]);
    let form = [("act", "grant"), ("workflow", "text-summary"), ("verbs", "run")];
    post(&app, &me, &page, &form).await.shows(422, &["Choose the environment of this workflow"]);
    assert_eq!(status("/dev").await, 404, "a form that was refused grants nothing");

    let form = [("act", "grant"), ("environment", "dev"), ("workflow", "text-summary"), ("verbs", "run")];
    let granted = post(&app, &me, &page, &form).await;
    assert_eq!(granted.location(), format!("{page}?saved=grant"));
    app.get(granted.location()).cookie(&me).told().await.shows(200, &["Granted.", "text-summary in dev", "May run"]);
    assert_eq!(status("/dev").await, 200);
    assert_eq!(status("/dev/workflows/text-summary?draft=a").await, 200);
    assert_eq!(status("/prod").await, 404);

    let form = [("act", "revoke_grant"), ("environment", "dev"), ("workflow", "text-summary")];
    assert_eq!(post(&app, &me, &page, &form).await.location(), format!("{page}?saved=grant-revoked"));
    assert_eq!(status("/dev").await, 404);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn whoever_is_put_into_a_group_may_what_the_group_may() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let max = app.add_person("max@example.com", Role::Viewer).await.to_string();
    let his = app.log_in_as("max@example.com").await;
    let status = async |path: &str| app.get(path).cookie(&his).told().await.status;

    post(&app, &me, "/settings/groups", &[("name", " ")]).await.shows(422, &["Enter a name"]);
    let made = post(&app, &me, "/settings/groups", &[("name", "Sales")]).await;
    let group = made.location().to_owned();
    assert!(group.starts_with("/settings/groups/"), "{group}");
    post(&app, &me, "/settings/groups", &[("name", "Sales")]).await.shows(422, &["already a group", "value=\"Sales\""]);

    let form = [("act", "grant"), ("environment", "prod"), ("verbs", "see")];
    assert_eq!(post(&app, &me, &group, &form).await.status, 303);
    assert_eq!(status("/prod").await, 404, "he is not in it");
    assert_eq!(post(&app, &me, &group, &[("act", "add"), ("person", &max)]).await.status, 303);
    assert_eq!(status("/prod").await, 200);
    app.get(&group).cookie(&me).told().await.shows(200, &["All of prod", "max@example.com"]);
    app.get(&format!("/settings/people/{max}")).cookie(&me).told().await.shows(200, &["Sales"]);

    assert_eq!(post(&app, &me, &group, &[("act", "take_out"), ("person", &max)]).await.status, 303);
    assert_eq!(status("/prod").await, 404);
    assert_eq!(post(&app, &me, &group, &[("act", "add"), ("person", &max)]).await.status, 303);
    let removed = post(&app, &me, &group, &[("act", "remove_group")]).await;
    assert_eq!(removed.location(), "/settings/groups?saved=removed");
    assert_eq!(status("/prod").await, 404);
    app.get(&group).cookie(&me).told().await.shows(404, &["There is no such group"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn the_audit_trail_is_read_filtered_and_taken_along() {
    let app = TestApp::start().await;
    let me = app.log_in().await;
    let max = app.add_person("=max@example.com", Role::Runner).await;
    let form = [("act", "grant"), ("environment", "dev"), ("verbs", "run")];
    assert_eq!(post(&app, &me, &format!("/settings/people/{max}"), &form).await.status, 303);

    let page = async |query: &str| app.get(&format!("/audit{query}")).cookie(&me).told().await;
    let all = page("").await;
    all.shows(200, &["granted rights", "logged in", "created an account"]);
    let rights = page("?kind=rights").await;
    rights.shows(200, &["granted rights", "before: nothing"]);
    assert!(!rights.body.contains("logged in"), "{}", rights.body);
    page(&format!("?about=user:{max}")).await.shows(200, &["granted rights"]);
    page("?kind=workflows").await.shows(200, &["No entry fits this filter"]);
    page("?from=yesterday").await.shows(422, &["Write a day like 2026-11-29", "value=\"yesterday\""]);
    page("?about=01m8").await.shows(422, &["Write the kind before the id"]);

    let csv = page("/entries.csv?kind=rights").await;
    assert_eq!((csv.status, csv.header("content-type")), (200, "text/csv; charset=utf-8"));
    let lines: Vec<&str> = csv.body.lines().collect();
    assert_eq!(lines[0], r#""time","actor_id","actor","action","subject","detail","position""#);
    assert_eq!(lines.len(), 2, "{}", csv.body);
    assert!(lines[1].contains(&format!("\"grant.given\",\"user:{max}\"")), "{}", lines[1]);
    let json = page("/entries.ndjson?kind=rights").await;
    let entry: serde_json::Value = serde_json::from_str(json.body.trim_end()).expect("one line of JSON");
    assert_eq!((&entry["action"], &entry["subject"]), (&"grant.given".into(), &format!("user:{max}").into()));
    let taken = page("?kind=settings").await;
    taken.shows(200, &["downloaded entries of the audit trail"]);
    assert!(between(&taken.body, "audit-entry", "</details>").contains("ndjson"), "which ones is said");
}
