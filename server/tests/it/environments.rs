//! Environments that are added while the server runs, and the master key that seals their keys.

use std::time::{Duration, Instant};

use emulator::Emulator;
use engine::{Access, NewEnvironment, NewKeys, Problem};
use model::{EnvKind, EnvSlug};
use secrecy::SecretString;
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::{
    cli::program,
    support::{Process, Setup, TestApp, Told, between, id, postgres::database, text},
};

/// The emulator's prod instance under another name.
pub fn lab(emulator: &Emulator) -> NewEnvironment {
    let described = emulator.config();
    let prod = described.environments.into_iter().find(|env| env.name == "prod").expect("it has two");
    NewEnvironment {
        slug: "lab".to_owned(),
        name: "The lab".to_owned(),
        kind: EnvKind::Dev,
        colour: None,
        base_url: described.base_url,
        instance_id: prod.process_instance_id,
        keys: NewKeys { instance: Some(SecretString::from(prod.instance_key)), organization: None, pending: None },
    }
}

pub async fn admin(app: &TestApp, token: &str) -> Access {
    let engine = &app.served().engine;
    let program = engine.who_by_api_token(token).await.expect("readable").expect("the administrator");
    // As a person: programs manage nothing.
    engine.access(program.person).await.expect("readable")
}

async fn start_in_lab(app: &TestApp, base: &str, token: &str) -> Value {
    let body = json!({ "environment": "lab", "workflow": "text-summary", "input": text("One. Two.") });
    let answer = app.client.post(format!("{base}/api/v1/runs")).bearer_auth(token).json(&body).told().await;
    assert_eq!(answer.status, 202, "{}", answer.body);
    answer.json()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_added_environment_outlives_restarts_and_rotations_of_the_master_key() {
    let mut app = TestApp::start().await;
    let token = app.token().await;
    let admin = admin(&app, &token).await;
    app.served().engine.add_environment(&admin, lab(&app.emulator)).await.expect("added");
    let listed = app.get("/api/v1/environments").bearer_auth(&token).told().await.json();
    let slugs: Vec<_> = listed["items"].as_array().expect("a list").iter().map(|env| env["id"].clone()).collect();
    assert!(slugs.contains(&json!("lab")) || listed.to_string().contains("\"lab\""), "{listed}");
    let run = start_in_lab(&app, &app.base, &token).await;
    app.until(&token, id(&run), "success").await;

    let own = app.settings().to_vec();
    let settings: Vec<_> = own.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let command = |arguments: &[&str]| {
        let output = program(arguments, &settings).output().expect("an end");
        assert!(output.status.success() && output.stderr.is_empty(), "{output:?}");
        String::from_utf8(output.stdout).expect("text")
    };
    let said = command(&["key", "rotate", "--prepare"]);
    assert!(said.contains("Master key 2 is in the file and not used yet"), "{said}");
    let said = command(&["key", "rotate"]);
    assert!(said.starts_with("Master key 2 is in use; one secret was sealed again."), "{said}");
    let run = start_in_lab(&app, &app.base, &token).await;
    app.until(&token, id(&run), "success").await;
    let engine = &app.served().engine;
    engine.disable_environment(&admin, &EnvSlug::parse("lab").expect("a slug")).await.expect("with the new key");
    engine.enable_environment(&admin, &EnvSlug::parse("lab").expect("a slug")).await.expect("with the new key");
    app.stop_server().await;
    assert!(command(&["audit", "verify"]).contains("The trail is whole"));
    assert_eq!(app.value("SELECT count(DISTINCT key_id) || '' FROM audit").await, "2");

    app.serve().await;
    let run = start_in_lab(&app, &app.base, &token).await;
    app.until(&token, id(&run), "success").await;
    app.stop_server().await;
    assert!(command(&["audit", "verify"]).contains("The trail is whole"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn every_replica_has_an_environment_within_five_seconds() {
    let settings = vec![("DASHBOARD_DATABASE_URL", database().await)];
    let here = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let token = here.token().await;
    let there = Process::serve(here.settings());
    let admin = admin(&here, &token).await;
    let is_there = async |wanted: bool| {
        let began = Instant::now();
        loop {
            let list = here.client.get(format!("{}/api/v1/environments", there.base)).bearer_auth(&token).told().await;
            if list.body.contains("\"lab\"") == wanted {
                return;
            }
            assert!(began.elapsed() < Duration::from_secs(5), "{}", list.body);
            sleep(Duration::from_millis(50)).await;
        }
    };
    here.served().engine.add_environment(&admin, lab(&here.emulator)).await.expect("added");
    is_there(true).await;
    let run = start_in_lab(&here, &there.base, &token).await;
    here.until(&token, id(&run), "success").await;
    let slug = EnvSlug::parse("lab").expect("a slug");
    here.served().engine.remove_environment(&admin, &slug).await.expect("removed");
    is_there(false).await;
}

#[test]
fn no_environment_has_the_name_of_a_page() {
    let routes = server::routes();
    let firsts = routes.iter().filter_map(|(_, path)| path.split('/').nth(1));
    let names: Vec<_> = firsts.filter(|first| first.bytes().all(|letter| letter.is_ascii_lowercase())).collect();
    assert!(names.len() > 10, "{names:?}");
    for name in names.into_iter().filter(|name| !name.is_empty()) {
        assert!(EnvSlug::parse(name).is_err(), "{name} is a page");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_key_in_the_wrong_field_is_named() {
    let app = TestApp::start().await;
    let token = app.token().await;
    let admin = admin(&app, &token).await;
    let new = lab(&app.emulator);
    let keys = NewKeys { instance: None, organization: new.keys.instance.clone(), pending: None };
    let refused = app.served().engine.add_environment(&admin, NewEnvironment { keys, ..new }).await;
    match refused {
        Err(engine::EngineError::Problem(Problem::Invalid(fields))) => assert_eq!(fields[0].path, "org_key"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_organization_key_lists_instances_and_says_what_it_may() {
    let app = TestApp::start().await;
    let (token, described) = (app.token().await, app.emulator.config());
    let (admin, engine) = (admin(&app, &token).await, &app.served().engine);
    let dev = described.environments.iter().find(|env| env.name == "dev").expect("it has two");
    let key = || SecretString::from(dev.org_key.clone());
    let choices = engine.list_instances(&admin, &described.base_url, key()).await.expect("listed").choices;
    let known: Vec<_> = choices.iter().filter_map(|choice| choice.environment.clone()).collect();
    assert!(known.contains(&EnvSlug::parse("dev").expect("a slug")), "{choices:?}");
    assert!(choices.iter().any(|choice| choice.kind == EnvKind::Prod), "{choices:?}");

    let keys = NewKeys { instance: None, organization: Some(key()), pending: None };
    let new = NewEnvironment { instance_id: dev.process_instance_id.clone(), keys, ..lab(&app.emulator) };
    let lab = engine.add_environment(&admin, new).await.expect("added");
    let reports = engine.verify_keys(&admin, &lab.slug).await.expect("asked");
    assert_eq!(reports.len(), 1);
    assert_eq!(reports[0].organization.as_deref(), Some("Acme (demo)"));
    assert!(!reports[0].can.is_empty(), "{reports:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_address_that_somebody_types_leads_nowhere_private_unless_the_operator_allows_it() {
    let settings = vec![("DASHBOARD_ALLOW_PRIVATE_UPSTREAMS", "false".to_owned())];
    let app = TestApp::with(Setup { settings, ..Setup::default() }).await;
    let token = app.token().await;
    let (admin, engine) = (admin(&app, &token).await, &app.served().engine);
    let triggers = app.ledger().await["counts"].clone();
    for base_url in
        [app.emulator.base_url().to_string(), "https://localhost".to_owned(), "https://169.254.169.254".to_owned()]
    {
        let refused = engine.add_environment(&admin, NewEnvironment { base_url, ..lab(&app.emulator) }).await;
        match refused {
            Err(engine::EngineError::Problem(Problem::Invalid(fields))) => {
                assert_eq!(fields[0].path, "base_url");
                assert!(fields[0].message.contains("DASHBOARD_ALLOW_PRIVATE_UPSTREAMS"), "{fields:?}");
            }
            other => panic!("{other:?}"),
        }
    }
    let refused = engine
        .add_environment(&admin, NewEnvironment { base_url: "http://93.184.216.34".to_owned(), ..lab(&app.emulator) });
    match refused.await {
        Err(engine::EngineError::Problem(Problem::Invalid(fields))) => {
            assert!(fields[0].message.contains("DASHBOARD_ALLOW_HTTP_UPSTREAMS"), "{fields:?}");
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(app.ledger().await["counts"], triggers, "nothing was sent");
    // The environments of the settings are the operator's own.
    let run = app.start_run(&token, "text-summary", text("x")).await;
    app.until(&token, id(&run), "success").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn an_environment_is_set_up_on_its_page_and_no_page_has_a_key() {
    let app = TestApp::start().await;
    let (me, described) = (app.log_in().await, app.emulator.config());
    let dev = described.environments.iter().find(|env| env.name == "dev").expect("it has two");
    let new = "/settings/environments/new";
    let shown = app.get(new).cookie(&me).told().await;
    shown.shows(200, &["Add environment", &described.base_url]);
    let list = [("act", "list"), ("base_url", &*described.base_url), ("org_key", &*dev.org_key)];
    let listed = app.form(new, &list).cookie(&me).told().await;
    listed.shows(200, &["is dev already", "Given already"]);
    let pending = between(&listed.body, "name=\"pending\" value=\"", "\"").to_owned();
    let form = |slug: &'static str| {
        [
            ("act", "add"),
            ("base_url", &*described.base_url),
            ("pending", &*pending),
            ("instance_id", &*dev.process_instance_id),
            ("slug", slug),
            ("name", "The lab"),
            ("kind", "prod"),
            ("colour", "amber"),
        ]
    };
    let wrong = app.form(new, &form("dev")).cookie(&me).told().await;
    wrong.shows(422, &["There is an environment “dev” already.", "value=\"The lab\""]);
    let added = app.form(new, &form("lab")).cookie(&me).told().await;
    assert_eq!((added.status, added.location()), (303, "/settings/environments/lab"), "{}", added.body);

    let page = added.location().to_owned();
    let suffix = &dev.org_key[dev.org_key.len() - 4..];
    let lab = app.get(&page).cookie(&me).told().await;
    lab.shows(200, &["The lab", "Organization key", suffix]);
    let verified = app.form(&page, &[("act", "verify")]).cookie(&me).told().await;
    verified.shows(200, &["Codika accepts this key.", "Acme (demo)", "(instances:read)"]);
    let moved = [("act", "change"), ("base_url", "http://127.0.0.1:1"), ("name", "Moved"), ("kind", "dev")];
    let moved = app.form(&page, &moved).cookie(&me).told().await;
    moved.shows(422, &["Give the key again", "value=\"Moved\""]);
    let renamed = [("act", "change"), ("base_url", &*described.base_url), ("name", "Shop"), ("kind", "dev")];
    assert_eq!(app.form(&page, &renamed).cookie(&me).told().await.status, 303);
    assert_eq!(app.form(&page, &[("act", "disable")]).cookie(&me).told().await.status, 303);
    app.get(&page).cookie(&me).told().await.shows(200, &["Shop", "disabled"]);
    app.form(&page, &[("act", "remove")]).cookie(&me).told().await.shows(422, &["ticking the box"]);
    let removed = app.form(&page, &[("act", "remove"), ("sure", "true")]).cookie(&me).told().await;
    assert_eq!((removed.status, removed.location()), (303, "/settings/environments"));
    assert_eq!(app.get(&page).cookie(&me).told().await.status, 404);
    let fixed = app.get("/settings/environments/dev").cookie(&me).told().await;
    fixed.shows(200, &["It comes from the settings of the server"]);
    for answer in [shown, listed, wrong, added, lab, verified, moved, fixed] {
        assert!(!answer.body.contains(&dev.org_key) && !answer.body.contains(&dev.instance_key), "{}", answer.body);
    }
}
