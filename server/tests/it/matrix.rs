//! Every door × every caller: role, grant, whose run it is, cookie or token. A door without a row fails, and so does
//! a row without a door.

use std::collections::BTreeMap;

use engine::By;
use model::{EnvSlug, GrantTarget, GrantVerbs, Grantee, Role, UserId, WorkflowId};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::support::{Setup, TestApp, Told, id, text};

/// What a door needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Nothing: everybody is answered the same.
    Nobody,
    /// A person.
    SomeBody,
    /// Something in the environment `dev`.
    Enter,
    /// The workflow `dev/text-summary`.
    Open,
    /// To run it.
    Run,
    /// A run.
    See,
    /// A run, and a word in what becomes of it.
    Decide,
    /// To manage workflows.
    Manage,
    /// To manage people and environments.
    People,
}

use Needs::{Decide, Enter, Manage, Nobody, Open, People, Run, See, SomeBody};

/// Method, path, what it needs, and what is answered to whoever may.
const DOORS: &[(&str, &str, Needs, u16)] = &[
    // Pages.
    ("GET", "/login", Nobody, 200),
    ("GET", "/setup", Nobody, 200),
    ("GET", "/runs", SomeBody, 200),
    ("GET", "/runs/{id}", See, 200),
    ("GET", "/{env}", Enter, 200),
    ("GET", "/{env}/add-workflow", Manage, 200),
    ("GET", "/{env}/workflows/{id}", Open, 200),
    // Drawn pages.
    ("GET", "/settings", SomeBody, 303),
    ("GET", "/settings/about", SomeBody, 200),
    ("GET", "/settings/profile", SomeBody, 200),
    ("POST", "/settings/profile", SomeBody, 422),
    ("GET", "/settings/tokens", SomeBody, 200),
    ("POST", "/settings/tokens", SomeBody, 404),
    ("GET", "/settings/people", People, 200),
    // An invitation that is not there.
    ("POST", "/settings/people", People, 403),
    // The id is that of a run.
    ("GET", "/settings/people/{id}", People, 404),
    ("POST", "/settings/people/{id}", People, 404),
    ("GET", "/audit", People, 200),
    ("GET", "/audit/entries.csv", People, 200),
    ("GET", "/audit/entries.ndjson", People, 200),
    ("GET", "/settings/environments", People, 200),
    ("GET", "/settings/environments/new", People, 200),
    ("POST", "/settings/environments/new", People, 422),
    ("GET", "/settings/environments/{env}", People, 200),
    ("POST", "/settings/environments/{env}", People, 422),
    // For whoever has a link.
    ("GET", "/invite", Nobody, 403),
    ("POST", "/invite", Nobody, 403),
    // Page forms.
    ("POST", "/login", Nobody, 401),
    ("POST", "/logout", Nobody, 303),
    ("POST", "/setup", Nobody, 403),
    ("POST", "/preferences", Nobody, 303),
    ("POST", "/runs/{id}", Decide, 303),
    ("GET", "/runs/{id}/result.json", See, 200),
    ("POST", "/{env}/add-workflow", Manage, 422),
    ("POST", "/{env}/workflows/{id}", Run, 303),
    // It was not added by hand.
    ("POST", "/{env}/workflows/{id}/remove", Manage, 404),
    // The app's own calls.
    ("POST", "/rpc/act_on_run", Decide, 409),
    ("POST", "/rpc/count_moving", SomeBody, 200),
    ("POST", "/rpc/get_home", Enter, 200),
    ("POST", "/rpc/get_run", See, 200),
    ("POST", "/rpc/list_runs", SomeBody, 200),
    ("POST", "/rpc/remove_workflow", Manage, 404),
    ("POST", "/rpc/start_run", Run, 200),
    ("POST", "/rpc/workflow_page", Open, 200),
    // Events.
    ("GET", "/events", SomeBody, 200),
    // REST.
    ("GET", "/api/v1/environments", SomeBody, 200),
    ("GET", "/api/v1/workflows", Enter, 200),
    ("GET", "/api/v1/runs", SomeBody, 200),
    ("POST", "/api/v1/runs", Run, 202),
    ("GET", "/api/v1/runs/{id}", See, 200),
    ("POST", "/api/v1/runs/{id}/actions", Decide, 409),
    ("GET", "/api/v1/runs/{id}/executions", Decide, 409),
    ("GET", "/api/v1/runs/{id}/events", See, 200),
    ("GET", "/api/v1/events", SomeBody, 200),
    ("GET", "/api/v1/openapi.json", Nobody, 200),
    // For everybody.
    ("GET", "/healthz", Nobody, 200),
    ("GET", "/readyz", Nobody, 200),
    ("GET", "/pkg/{print}/{*file}", Nobody, 404),
];

/// Files of `public/`, which everybody may read. They are there once the bundle was built.
const FILES: &[&str] = &[
    "/favicon-done.svg",
    "/favicon-failed.svg",
    "/favicon-pending.svg",
    "/favicon-unclear.svg",
    "/favicon.svg",
    "/icons.svg",
    "/robots.txt",
];

/// What somebody was granted, of `dev` unless it says otherwise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Granted {
    Nothing,
    Run,
    See,
    Both,
    /// To see the environment, through a group.
    SeeAll,
    /// Everything of another environment.
    Elsewhere,
}

impl Granted {
    const ALL: [Self; 6] = [Self::Nothing, Self::Run, Self::See, Self::Both, Self::SeeAll, Self::Elsewhere];
}

/// A run and where it belongs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Whose {
    Own,
    /// Of the workflow that grants are about.
    Colleague,
    /// Of another workflow of the same environment.
    Beside,
}

struct Caller {
    role: Role,
    granted: Granted,
    session: String,
    token: String,
    run: String,
}

/// What `docs/people.md` says, once more.
fn rights(caller: &Caller, needs: Needs, whose: Whose) -> Answer {
    let manages = matches!(caller.role, Role::Admin | Role::Operator);
    let here = !matches!(caller.granted, Granted::Nothing | Granted::Elsewhere);
    let run = matches!(caller.granted, Granted::Run | Granted::Both) && caller.role == Role::Runner;
    let sees = manages
        || match whose {
            Whose::Own => true,
            Whose::Colleague => matches!(caller.granted, Granted::See | Granted::Both | Granted::SeeAll),
            Whose::Beside => caller.granted == Granted::SeeAll,
        };
    let answer = |seen: bool, allowed: bool| match (seen, allowed) {
        (false, _) => Answer::Missing,
        (true, false) => Answer::Forbidden,
        (true, true) => Answer::Welcome,
    };
    match needs {
        Nobody | SomeBody => Answer::Welcome,
        Enter | Open => answer(manages || here, true),
        Run => answer(manages || here, manages || run),
        See => answer(sees, true),
        Decide => answer(sees, manages || (whose == Whose::Own && caller.role == Role::Runner)),
        Manage => answer(manages || here, manages),
        People => answer(true, caller.role == Role::Admin),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Answer {
    Welcome,
    Forbidden,
    Missing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Via {
    Session,
    Token,
}

/// The status that a door answers to nobody in particular, or to the wrong kind of key.
fn shut(method: &str, path: &str) -> u16 {
    let call = ["/rpc/", "/api/", "/events"].iter().any(|call| path.starts_with(call));
    match (method, call) {
        (_, true) => 401,
        (_, false) => 303,
    }
}

fn request(app: &TestApp, method: &str, path: &str, run: &str, draft: &str) -> RequestBuilder {
    let dev = |more: Value| {
        let mut body = json!({ "environment": "dev" });
        body.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        body
    };
    let run_it = json!({ "workflow": "text-summary", "draft": draft, "input": text("x") });
    let asked =
        json!({ "environment": "dev", "workflow": "text-summary", "draft": draft, "from": null, "as_json": false });
    let address = path.replace("{env}", "dev").replace("{print}", "0").replace("{*file}", "app.css");
    let id = if address.starts_with("/dev/workflows/") { "text-summary" } else { run };
    let address = address.replace("{id}", id);
    match (method, path) {
        ("GET", "/{env}/workflows/{id}") => app.get(&format!("{address}?draft={draft}")),
        ("GET", "/api/v1/workflows") => app.get(&format!("{address}?environment=dev")),
        ("GET", _) => app.get(&address),
        (_, "/rpc/act_on_run") => app.json(path, &json!({ "id": run, "act": "close" })),
        (_, "/rpc/get_run") => app.json(path, &json!({ "id": run })),
        (_, "/rpc/add_workflow") => app.json(path, &dev(json!({ "id": "not an id", "name": "", "schema": "" }))),
        (_, "/rpc/get_home") => app.json(path, &dev(json!({}))),
        (_, "/rpc/remove_workflow") => app.json(path, &dev(json!({ "id": "text-summary" }))),
        (_, "/rpc/start_run") => app.json(path, &dev(run_it)),
        (_, "/rpc/workflow_page") => app.json(path, &json!({ "request": asked })),
        (_, "/api/v1/runs") => app
            .json(path, &dev(json!({ "workflow": "text-summary", "input": text("x") })))
            .header("idempotency-key", draft),
        (_, "/api/v1/runs/{id}/actions") => app.json(&address, &json!({ "action": "close" })),
        (_, path) if path.starts_with("/rpc/") => app.json(path, &json!({})),
        (_, "/runs/{id}") => app.form(&address, &[("act", "close")]),
        (_, "/{env}/workflows/{id}") => app.form(&format!("{address}?draft={draft}"), &[("in.text", "x")]),
        _ => app.form(&address, &[]),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_door_lets_in_whom_it_should() {
    let app = start().await;
    let admin = app.token().await;
    let colleague = finished(&app, &admin, "text-summary").await;
    let beside = finished(&app, &admin, "weekly-digest").await;
    let mut callers = Vec::new();
    for role in Role::ALL {
        for granted in Granted::ALL {
            callers.push(caller(&app, role, granted).await);
        }
    }
    let rows = DOORS.iter().map(|(method, path, needs, good)| (format!("{method} {path}"), (*needs, *good)));
    let mut rows: BTreeMap<_, _> = rows.collect();
    assert_eq!(rows.len(), DOORS.len(), "a door is listed twice");
    let mut wrong = Vec::new();
    for (method, path) in server::routes() {
        if method == "GET" && (path == "/" || FILES.contains(&path.as_str())) {
            continue;
        }
        let Some((needs, good)) = rows.remove(&format!("{method} {path}")) else {
            panic!("{method} {path} is in no table: who may pass?");
        };
        let about_a_run = matches!(needs, See | Decide);
        let ours = if path.starts_with("/api/") { Via::Token } else { Via::Session };
        let guest = request(&app, method.as_str(), &path, &colleague, "g").send().await.expect("an answer");
        let shut = if needs == Nobody { good } else { shut(method.as_str(), &path) };
        if guest.status() != shut {
            wrong.push(format!("{method} {path} as a guest: {}, not {shut}", guest.status()));
        }
        // Who asks makes no difference there, and failed log-ins slow each other down.
        let asking = if needs == Nobody { 1 } else { callers.len() };
        for (number, caller) in callers.iter().enumerate().take(asking) {
            for whose in [Whose::Own, Whose::Colleague, Whose::Beside] {
                if !about_a_run && whose != Whose::Own {
                    continue;
                }
                let run = match whose {
                    Whose::Own => &caller.run,
                    Whose::Colleague => &colleague,
                    Whose::Beside => &beside,
                };
                for via in [Via::Session, Via::Token] {
                    let draft = format!("{}-{number}-{via:?}", path.len());
                    let request = request(&app, method.as_str(), &path, run, &draft);
                    let request = match via {
                        // Logging out ends a session, so that door gets none.
                        Via::Session if path != "/logout" => request.cookie(&caller.session),
                        Via::Token => request.bearer_auth(&caller.token),
                        _ => request,
                    };
                    let wanted = match rights(caller, needs, whose) {
                        _ if needs != Nobody && via != ours => shut,
                        Answer::Welcome => good,
                        Answer::Forbidden => 403,
                        Answer::Missing => 404,
                    };
                    let answer = request.send().await.expect("an answer").status();
                    if answer != wanted {
                        let Caller { role, granted, .. } = caller;
                        wrong.push(format!(
                            "{method} {path} as {role:?} with {granted:?}, {whose:?}, {via:?}: {answer}, not {wanted}"
                        ));
                    }
                }
            }
        }
    }
    assert!(rows.is_empty(), "these routes are not there: {rows:?}");
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

/// A server that lets everybody open as many streams as they like.
async fn start() -> TestApp {
    let limits = ["DASHBOARD_LIMIT_STREAMS", "DASHBOARD_LIMIT_STREAMS_PER_ADDRESS"];
    let settings = limits.map(|name| (name, "100000".to_owned()));
    TestApp::with(Setup { settings: settings.to_vec(), ..Setup::default() }).await
}

async fn finished(app: &TestApp, token: &str, workflow: &str) -> String {
    let input = if workflow == "text-summary" { text("One.") } else { json!({}) };
    let run = app.start_run(token, workflow, input).await;
    app.until(token, id(&run), "success").await;
    id(&run).to_owned()
}

/// Somebody who ran the workflow once, and has these rights since.
async fn caller(app: &TestApp, role: Role, granted: Granted) -> Caller {
    let email = format!("{}-{granted:?}@example.com", role.as_str()).to_lowercase();
    let person = app.add_person(&email, Role::Admin).await;
    let (session, token) = (app.log_in_as(&email).await, app.token_of(&email).await);
    let run = finished(app, &token, "text-summary").await;
    grant(app, &person, granted).await;
    app.set_role(&person, role).await;
    Caller { role, granted, session, token, run }
}

async fn grant(app: &TestApp, person: &UserId, granted: Granted) {
    let (dev, prod) = (EnvSlug::parse("dev").expect("a slug"), EnvSlug::parse("prod").expect("a slug"));
    let workflow = WorkflowId::parse("text-summary").expect("an id");
    let of_workflow = GrantTarget::Workflow(dev.clone(), workflow);
    let verbs = |run, see| GrantVerbs { run, see };
    let (target, verbs) = match granted {
        Granted::Nothing => return,
        Granted::Run => (of_workflow, verbs(true, false)),
        Granted::See => (of_workflow, verbs(false, true)),
        Granted::Both => (of_workflow, verbs(true, true)),
        Granted::SeeAll => (GrantTarget::Environment(dev), verbs(false, true)),
        Granted::Elsewhere => (GrantTarget::Environment(prod), verbs(true, true)),
    };
    if granted != Granted::SeeAll {
        return app.grant(Grantee::Principal(person.clone()), target, verbs).await;
    }
    let engine = &app.served().engine;
    let group = engine.create_group(By::Operator, &format!("Group of {person}")).await.expect("a group");
    engine.add_to_group(By::Operator, &group, person).await.expect("a member");
    app.grant(Grantee::Group(group), target, verbs).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn lists_have_what_may_be_seen_and_nothing_else() {
    let app = start().await;
    let admin = app.token().await;
    let colleague = finished(&app, &admin, "text-summary").await;
    let beside = finished(&app, &admin, "weekly-digest").await;
    for role in Role::ALL {
        for granted in Granted::ALL {
            let caller = caller(&app, role, granted).await;
            let runs = [(Whose::Own, &caller.run), (Whose::Colleague, &colleague), (Whose::Beside, &beside)];
            let rest = app.get("/api/v1/runs?limit=100").bearer_auth(&caller.token).told().await.json();
            let page = app.json("/rpc/list_runs", &json!({})).cookie(&caller.session).told().await.json();
            let ids = |items: &Value| -> Vec<String> {
                items.as_array().expect("a list").iter().map(|run| id(run).to_owned()).collect()
            };
            for listed in [ids(&rest["items"]), ids(&page["page"]["items"])] {
                for (whose, run) in runs {
                    let expected = rights(&caller, See, whose) == Answer::Welcome;
                    assert_eq!(listed.contains(run), expected, "{whose:?} in the list of {role:?} with {granted:?}");
                }
            }
            let rest = app.get("/api/v1/environments").bearer_auth(&caller.token).told().await.json();
            let names = |items: &Value, name: &str| -> Vec<String> {
                let all = items.as_array().expect("a list").iter();
                all.map(|item| item[name].as_str().expect("a name").to_owned()).collect()
            };
            let manages = matches!(role, Role::Admin | Role::Operator);
            let expected: &[&str] = match granted {
                _ if manages => &["dev", "prod"],
                Granted::Nothing => &[],
                Granted::Elsewhere => &["prod"],
                _ => &["dev"],
            };
            assert_eq!(names(&rest["items"], "name"), expected, "{role:?} with {granted:?}");
            assert_eq!(names(&page["environments"], "slug"), expected, "{role:?} with {granted:?}");
            if expected.contains(&"dev") {
                let listed =
                    app.get("/api/v1/workflows?environment=dev").bearer_auth(&caller.token).told().await.json();
                let home = app.json("/rpc/get_home", &json!({ "environment": "dev" })).cookie(&caller.session);
                let home = home.told().await.json();
                for workflows in [&listed["items"], &home["catalog"]["workflows"]] {
                    let ids = names(workflows, "id");
                    let all = manages || granted == Granted::SeeAll;
                    assert_eq!(ids.contains(&"weekly-digest".to_owned()), all, "{role:?} with {granted:?}");
                    assert!(ids.contains(&"text-summary".to_owned()), "{role:?} with {granted:?}");
                }
            }
            let root = app.get("/").cookie(&caller.session).told().await;
            match expected.first() {
                Some(_) => assert_eq!(root.status, 302, "{role:?} with {granted:?}"),
                None => root.shows(200, &["Nothing has been granted to you yet"]),
            }
        }
    }
}

/// The people who work here are not all administrators.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn members_may_run_and_no_more() {
    let app = TestApp::start().await;
    app.add_member("max@example.com").await;
    let member = app.log_in_as("max@example.com").await;
    let call = async |path: &str, body: Value| app.json(path, &body).cookie(&member).told().await;
    let add = app.form("/dev/add-workflow", &[("id", "x")]).cookie(&member).told().await;
    assert_eq!(add.status, 403);
    assert_eq!(app.get("/dev/add-workflow").cookie(&member).told().await.status, 403);
    let home = call("/rpc/get_home", json!({ "environment": "dev" })).await.json();
    assert_eq!(home["may_add"], false);
    let start = json!({ "environment": "dev", "workflow": "never-answers", "draft": "d", "input": {} });
    let run = call("/rpc/start_run", start).await.json();
    let admin = app.log_in().await;
    let foreign = json!({ "environment": "dev", "workflow": "never-answers", "draft": "d", "input": {} });
    let foreign = app.json("/rpc/start_run", &foreign).cookie(&admin).told().await.json();
    assert_ne!(run["id"], foreign["id"], "a draft's key belongs to its person");
    for (path, body) in [
        ("/rpc/get_run", json!({ "id": foreign["id"] })),
        ("/rpc/act_on_run", json!({ "id": foreign["id"], "act": "stop_waiting" })),
    ] {
        assert_eq!(call(path, body).await.status, 404, "{path}");
    }
    let listed = call("/rpc/list_runs", json!({})).await.json();
    assert_eq!(listed["page"]["items"].as_array().map(Vec::len), Some(1));
}
