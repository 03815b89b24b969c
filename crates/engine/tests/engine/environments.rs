//! Environments that come, change and go while the engine runs.

use std::time::Duration;

use engine::{Access, ChangeEnvironment, NewEnvironment, NewKeys, Problem, StartRun};
use model::{EnvColour, EnvKind, EnvSource, Environment, ErrorKind, Role, RunId, RunStatus};
use secrecy::SecretString;

use crate::support::{Script, Trigger, UNUSABLE, World, accepted, problem, request, sleep, slug};

pub fn keys(instance: &str) -> NewKeys {
    NewKeys { instance: Some(SecretString::from(instance)), organization: None, pending: None }
}

pub fn new(slug: &str, key: &str) -> NewEnvironment {
    NewEnvironment {
        slug: slug.to_owned(),
        name: String::new(),
        kind: EnvKind::Dev,
        colour: Some(EnvColour::Blue),
        base_url: "https://codika.example/".to_owned(),
        instance_id: "instance-9".to_owned(),
        keys: keys(key),
    }
}

fn unchanged(environment: &Environment) -> ChangeEnvironment {
    ChangeEnvironment {
        name: environment.name.clone(),
        kind: environment.kind,
        colour: environment.colour,
        base_url: environment.upstream.clone(),
        keys: NewKeys::default(),
    }
}

/// A world with the environment `lab`, whose key is `key-1`.
pub async fn with_lab() -> (World, Access, Environment) {
    let world = World::new().await;
    let admin = world.person("Ada", Role::Admin).await;
    let lab = world.engine.add_environment(&admin, new("lab", "key-1")).await.expect("added");
    (world, admin, lab)
}

pub async fn start(world: &World, key: &str) -> RunId {
    let request = StartRun { environment: slug("lab"), ..request(key) };
    world.try_start(&world.ann, request).await.expect("it starts").run.id
}

fn slugs(world: &World) -> Vec<String> {
    world.engine.environments(&world.ann).iter().map(|environment| environment.slug.to_string()).collect()
}

#[tokio::test(start_paused = true)]
async fn an_environment_is_used_at_once_and_after_a_restart() {
    let (mut world, admin, lab) = with_lab().await;
    assert_eq!((lab.name.as_str(), lab.source, lab.enabled), ("lab", EnvSource::Ui, true));
    assert_eq!((lab.upstream.as_str(), lab.colour), ("https://codika.example", Some(EnvColour::Blue)));
    assert_eq!(slugs(&world), ["dev", "lab", "prod"]);
    world.upstreams.script("key-1").then_done();
    let id = start(&world, "a").await;
    world.reaches(&id, RunStatus::Success).await;
    let catalog = world.engine.catalog(&world.ann, &slug("lab")).await.expect("readable");
    assert!(catalog.complete && !catalog.workflows.is_empty());
    world.crash().await;
    assert_eq!(slugs(&world), ["dev", "lab", "prod"]);
    let id = start(&world, "b").await;
    world.reaches(&id, RunStatus::Success).await;
    let managed = world.engine.managed_environments(&admin).await.expect("readable");
    let suffixes: Vec<_> =
        managed.iter().map(|one| one.keys.iter().map(|key| &*key.suffix).collect::<Vec<_>>()).collect();
    assert_eq!(suffixes, [vec![], vec!["ey-1"], vec![]]);
}

#[tokio::test(start_paused = true)]
async fn only_administrators_manage_environments() {
    let (world, _, lab) = with_lab().await;
    let (engine, ann, lab_slug) = (&world.engine, &world.ann, slug("lab"));
    let refusals = [
        problem(engine.add_environment(ann, new("shop", "key-2")).await),
        problem(engine.change_environment(ann, &lab_slug, unchanged(&lab)).await),
        problem(engine.replace_keys(ann, &lab_slug, keys("key-2")).await),
        problem(engine.disable_environment(ann, &lab_slug).await),
        problem(engine.enable_environment(ann, &lab_slug).await),
        problem(engine.remove_environment(ann, &lab_slug).await),
        problem(engine.managed_environments(ann).await),
    ];
    assert!(refusals.iter().all(|problem| *problem == Problem::Forbidden), "{refusals:?}");
    assert_eq!(slugs(&world), ["dev", "lab", "prod"]);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_an_environment_is_refused_by_its_field() {
    let (world, admin, _) = with_lab().await;
    let many = "x".repeat(61);
    for (refused, field) in [
        (new("lab", "key-2"), "slug"),
        (new("dev", "key-2"), "slug"),
        (new("runs", "key-2"), "slug"),
        (new("Lab", "key-2"), "slug"),
        (NewEnvironment { name: many, ..new("shop", "key-2") }, "name"),
        (new("shop", UNUSABLE), "instance_key"),
        (NewEnvironment { keys: NewKeys::default(), ..new("shop", "key-2") }, "instance_key"),
    ] {
        match problem(world.engine.add_environment(&admin, refused).await) {
            Problem::Invalid(fields) => assert_eq!(fields[0].path, field),
            other => panic!("{field}: {other:?}"),
        }
    }
    assert_eq!(slugs(&world), ["dev", "lab", "prod"]);
}

#[tokio::test(start_paused = true)]
async fn those_of_the_settings_stay_as_they_are() {
    let (world, admin, lab) = with_lab().await;
    let (engine, dev) = (&world.engine, slug("dev"));
    let refusals = [
        problem(engine.change_environment(&admin, &dev, unchanged(&lab)).await),
        problem(engine.replace_keys(&admin, &dev, keys("key-2")).await),
        problem(engine.disable_environment(&admin, &dev).await),
        problem(engine.remove_environment(&admin, &dev).await),
    ];
    assert!(refusals.iter().all(|problem| *problem == Problem::EnvironmentReadOnly("dev".to_owned())), "{refusals:?}");
}

#[tokio::test(start_paused = true)]
async fn a_removed_environment_lets_its_runs_rest_and_those_of_others_go_on() {
    let (world, admin, _) = with_lab().await;
    let lab = world.upstreams.script("key-1");
    let other = world.run_to("other", RunStatus::Pending).await.summary.id;
    let pending = start(&world, "pending").await;
    world.reaches(&pending, RunStatus::Pending).await;
    lab.triggers([Trigger::After(Duration::from_secs(10), accepted("late"))]);
    let sending = start(&world, "sending").await;
    sleep(1).await;
    world.engine.remove_environment(&admin, &slug("lab")).await.expect("removed");

    for id in [&pending, &sending] {
        let row = world.reaches(id, RunStatus::Stalled).await;
        let error = row.summary.error.expect("a reason");
        assert_eq!(error.kind, ErrorKind::StoppedWatching);
        assert!(error.message.contains("lab"), "{}", error.message);
        assert_eq!(world.engine.run(&world.ann, id).await.expect("visible").summary.id, *id);
        let refused = problem(world.engine.resume_watching(&world.ann, id).await);
        assert_eq!(refused, Problem::NoSuchEnvironment("lab".to_owned()));
    }
    assert_eq!(
        world.row(&sending).await.summary.execution_id.as_deref(),
        Some("late"),
        "it was sent, and that is kept"
    );
    let again = StartRun { environment: slug("lab"), ..request("again") };
    let refused = problem(world.try_start(&world.ann, again).await);
    assert_eq!(refused, Problem::NoSuchEnvironment("lab".to_owned()));
    assert_eq!(slugs(&world), ["dev", "prod"]);
    undisturbed(&world, &other).await;
}

/// The run of `dev` was asked about all the time, never out of turn, and comes to its end.
async fn undisturbed(world: &World, id: &RunId) {
    sleep(60).await;
    let pauses = world.upstream.pauses();
    assert!(pauses.len() > 5 && pauses.iter().all(|pause| (900..15_000).contains(pause)), "{pauses:?}");
    world.upstream.then_done();
    let row = world.reaches(id, RunStatus::Success).await;
    assert_eq!((row.epoch, row.lease.epoch), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_disabled_environment_starts_nothing_and_watches_on() {
    let (world, admin, lab) = with_lab().await;
    let open = start(&world, "open").await;
    world.reaches(&open, RunStatus::Pending).await;
    let other = world.run_to("other", RunStatus::Pending).await.summary.id;
    world.engine.disable_environment(&admin, &lab.slug).await.expect("disabled");
    let refused =
        problem(world.try_start(&world.ann, StartRun { environment: lab.slug.clone(), ..request("b") }).await);
    assert_eq!(refused, Problem::EnvironmentDisabled("lab".to_owned()));
    let again = world.try_start(&world.ann, StartRun { environment: lab.slug.clone(), ..request("open") }).await;
    assert_eq!(again.expect("its key is known").run.id, open);
    let catalog = world.engine.catalog(&world.ann, &lab.slug).await.expect("readable");
    assert!(catalog.notices.iter().any(|notice| notice.title.contains("disabled")));
    world.upstreams.script("key-1").then_done();
    world.reaches(&open, RunStatus::Success).await;
    undisturbed(&world, &other).await;
    world.engine.enable_environment(&admin, &lab.slug).await.expect("enabled");
    let id = start(&world, "c").await;
    world.reaches(&id, RunStatus::Success).await;
}

#[tokio::test(start_paused = true)]
async fn who_waits_for_a_place_is_not_sent_when_the_environment_is_disabled_or_gone() {
    let limits = engine::Limits { sends: 1, ..engine::Limits::default() };
    let world = World::with(limits).await;
    let admin = world.person("Ada", Role::Admin).await;
    let lab = slug("lab");
    for removed in [false, true] {
        world.engine.add_environment(&admin, new("lab", "key-1")).await.expect("added");
        world
            .upstreams
            .script("key-1")
            .triggers([Trigger::After(Duration::from_secs(5), accepted(&format!("{removed}")))]);
        let first = start(&world, &format!("first {removed}")).await;
        let second = start(&world, &format!("second {removed}")).await;
        sleep(1).await;
        if removed {
            world.engine.remove_environment(&admin, &lab).await.expect("removed");
        } else {
            world.engine.disable_environment(&admin, &lab).await.expect("disabled");
        }
        let row = world.reaches(&second, RunStatus::NotSent).await;
        let error = row.summary.error.expect("a reason");
        assert!(error.message.contains("lab"), "{}", error.message);
        assert_eq!(world.row(&first).await.summary.execution_id, Some(removed.to_string()));
        if !removed {
            let refused = problem(world.engine.send_again(&world.ann, &second).await);
            assert_eq!(refused, Problem::EnvironmentDisabled("lab".to_owned()));
            world.engine.remove_environment(&admin, &lab).await.expect("removed");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn other_replicas_follow_within_five_seconds() {
    let world = World::shared(engine::Limits::default()).await;
    let admin = world.person("Ada", Role::Admin).await;
    let other = world.another().await;
    let known = |engine: &engine::Engine| {
        engine.environments(&world.ann).iter().any(|env| env.slug == slug("lab") && env.enabled)
    };
    world.engine.add_environment(&admin, new("lab", "key-1")).await.expect("added");
    assert!(known(&world.engine) && !known(&other));
    sleep(5).await;
    assert!(known(&other));
    world.engine.disable_environment(&admin, &slug("lab")).await.expect("disabled");
    sleep(5).await;
    assert!(!known(&other));
    world.engine.enable_environment(&admin, &slug("lab")).await.expect("enabled");
    world.engine.replace_keys(&admin, &slug("lab"), keys("key-2")).await.expect("replaced");
    sleep(5).await;
    let started = other.start_run(&world.ann, StartRun { environment: slug("lab"), ..request("k") }).await;
    started.expect("it starts");
    sleep(1).await;
    assert_eq!(world.upstreams.script("key-1").triggered().len(), 0);
    assert_eq!(world.upstreams.script("key-2").triggered().len(), 1, "with the new key");
    world.engine.remove_environment(&admin, &slug("lab")).await.expect("removed");
    sleep(5).await;
    assert!(!known(&other));
}

#[tokio::test(start_paused = true)]
async fn one_that_the_settings_name_as_well_is_theirs() {
    let (mut world, admin, _) = with_lab().await;
    let script: std::sync::Arc<Script> = std::sync::Arc::default();
    world.crash_into(vec![(slug("lab"), script.clone())]).await;
    let environments = world.engine.environments(&world.ann);
    assert_eq!(environments.iter().map(|env| env.source).collect::<Vec<_>>(), [EnvSource::Env]);
    let refused = problem(world.engine.remove_environment(&admin, &slug("lab")).await);
    assert_eq!(refused, Problem::EnvironmentReadOnly("lab".to_owned()));
    start(&world, "k").await;
    sleep(1).await;
    assert_eq!(script.triggered().len(), 1);
}
