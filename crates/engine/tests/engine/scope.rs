//! A made-up grant and a made-up projection, held against every verb that gives something of a run.

use std::sync::Arc;

use codika::{TriggerOutcome, UnconfirmedReason};
use engine::{
    Access, By, Fields, Limits, Problem, Projection, RunQuery, Scope,
    policy::{self, Act},
    scope::Grants,
};
use model::{Door, EventKind, Grant, GrantTarget, GrantVerbs, Grantee, LiveEvent, Role, RunId, RunStatus, RunSummary};
use serde_json::json;

use crate::support::{Script, Status, World, done, instance, problem, request, slug, with_input, workflow};

const RUN: GrantVerbs = GrantVerbs { run: true, see: false };
const SEE: GrantVerbs = GrantVerbs { run: false, see: true };

fn granted(who: &Access, grants: &[(GrantTarget, GrantVerbs)]) -> Access {
    let mut sum = Grants::default();
    grants.iter().for_each(|(target, verbs)| sum.add(target.clone(), *verbs));
    Access { scope: Scope::granted(who.person.id.clone(), sum), ..who.clone() }
}

/// Two environments with two workflows each, none of which has a form.
async fn world() -> World {
    let upstream = Arc::new(Script::default());
    let workflows = json!([
        {"workflowId": "text-summary", "workflowName": "A"},
        {"workflowId": "other", "workflowName": "B"}
    ]);
    upstream.lists(Ok(instance(workflows)), Ok(Vec::new()));
    World::of(Limits::default(), vec![(slug("dev"), upstream.clone()), (slug("prod"), upstream)]).await
}

fn text_summary() -> GrantTarget {
    GrantTarget::Workflow(slug("dev"), workflow("text-summary"))
}

async fn listed(world: &World, who: &Access, query: RunQuery) -> Vec<RunId> {
    world.engine.runs(who, query).await.expect("a list").items.into_iter().map(|run| run.id).collect()
}

#[tokio::test(start_paused = true)]
async fn a_grant_shows_its_workflow_and_nothing_beside_it() {
    let world = world().await;
    let bob = world.person("Bob", Role::Viewer).await;
    let shown = world.start("a").await;
    let elsewhere = world.try_start(&world.ann, engine::StartRun { environment: slug("prod"), ..request("b") }).await;
    let beside = world.try_start(&world.ann, engine::StartRun { workflow: workflow("other"), ..request("c") }).await;
    let (elsewhere, beside) = (elsewhere.expect("it starts").run, beside.expect("it starts").run);

    let viewer = granted(&bob, &[(text_summary(), SEE)]);
    let all = RunQuery::default;
    assert_eq!(listed(&world, &viewer, all()).await, std::slice::from_ref(&shown));
    assert_eq!(
        listed(&world, &viewer, RunQuery { environment: Some(slug("dev")), ..all() }).await,
        std::slice::from_ref(&shown)
    );
    for query in
        [RunQuery { environment: Some(slug("prod")), ..all() }, RunQuery { workflow: Some(workflow("other")), ..all() }]
    {
        assert!(listed(&world, &viewer, query).await.is_empty());
    }
    assert_eq!(world.engine.moving(&viewer).await.expect("a number"), 1);
    world.engine.run(&viewer, &shown).await.expect("it is seen");
    for hidden in [&elsewhere, &beside] {
        assert_eq!(problem(world.engine.run(&viewer, &hidden.id).await), Problem::NoSuchRun);
        assert!(!policy::allows(&viewer, Act::See(hidden)), "so no stream tells of it");
    }
    let engine = &world.engine;
    let slugs: Vec<_> = engine.environments(&viewer).into_iter().map(|env| env.slug).collect();
    assert_eq!(slugs, [slug("dev")]);
    let ids = |cards: Vec<model::WorkflowCard>| cards.into_iter().map(|card| card.id).collect::<Vec<_>>();
    assert_eq!(ids(engine.catalog(&viewer, &slug("dev")).await.expect("seen").workflows), [workflow("text-summary")]);
    assert_eq!(engine.workflow_forms(&viewer, &slug("dev")).await.expect("seen").len(), 1);
    engine.workflow(&viewer, &slug("dev"), &workflow("text-summary")).await.expect("seen");
    let no_workflow = Problem::NoSuchWorkflow { workflow: "other".into(), environment: "dev".into() };
    assert_eq!(problem(engine.workflow(&viewer, &slug("dev"), &workflow("other")).await), no_workflow);
    let no_environment = Problem::NoSuchEnvironment("prod".into());
    for refused in [
        problem(engine.catalog(&viewer, &slug("prod")).await),
        problem(engine.workflow_forms(&viewer, &slug("prod")).await),
        problem(engine.workflow(&viewer, &slug("prod"), &workflow("text-summary")).await),
    ] {
        assert_eq!(refused, no_environment);
    }
}

#[tokio::test(start_paused = true)]
async fn whoever_sees_a_run_of_somebody_else_does_not_decide_on_it() {
    let world = world().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    let before = world.row(&id).await;
    let bob = world.person("Bob", Role::Runner).await;
    let bob = granted(&bob, &[(text_summary(), GrantVerbs { run: true, see: true })]);
    let engine = &world.engine;
    engine.run(&bob, &id).await.expect("it is seen");
    for refused in [
        problem(engine.stop_watching(&bob, &id).await),
        problem(engine.resume_watching(&bob, &id).await),
        problem(engine.close(&bob, &id).await),
        problem(engine.send_again(&bob, &id).await),
        problem(engine.mark_not_started(&bob, &id).await),
        problem(engine.adopt(&bob, &id, "x").await),
        problem(engine.run_again_anyway(&bob, &id, Door::Dashboard).await),
    ] {
        assert_eq!(refused, Problem::Forbidden);
    }
    assert_eq!(world.row(&id).await, before);
}

#[tokio::test(start_paused = true)]
async fn only_what_may_be_run_is_sent() {
    let world = world().await;
    let bob = world.person("Bob", Role::Runner).await;
    let start = async |who: &Access| problem(world.try_start(who, request("k")).await);
    assert_eq!(start(&granted(&bob, &[])).await, Problem::NoSuchEnvironment("dev".into()));
    let elsewhere = granted(&bob, &[(GrantTarget::Workflow(slug("dev"), workflow("other")), RUN)]);
    let unknown = Problem::NoSuchWorkflow { workflow: "text-summary".into(), environment: "dev".into() };
    assert_eq!(start(&elsewhere).await, unknown);
    assert_eq!(start(&granted(&bob, &[(text_summary(), SEE)])).await, Problem::Forbidden);
    assert!(world.upstream.triggered().is_empty());
    let may = granted(&bob, &[(text_summary(), RUN)]);
    let id = world.try_start(&may, request("k")).await.expect("it starts").run.id;
    // The grant has ended since.
    let ended = granted(&bob, &[]);
    world.engine.run(&ended, &id).await.expect("one's own runs stay visible");
    assert_eq!(listed(&world, &ended, RunQuery::default()).await, std::slice::from_ref(&id));
    assert_eq!(start(&ended).await, Problem::NoSuchEnvironment("dev".into()), "the same form opens nothing either");
}

/// Of inputs and results only `shown`; nothing that needs access to Codika; no sentences.
fn made_up() -> Projection {
    Projection {
        input: Fields::Only(["shown".to_owned()].into()),
        result: Fields::Except(["hidden".to_owned()].into()),
        no_upstream_details: true,
        no_event_texts: true,
    }
}

#[tokio::test(start_paused = true)]
async fn a_projection_is_applied_by_every_verb_that_gives_something_of_a_run() {
    const SECRET: &str = "s3cret";
    let world = world().await;
    world.upstream.then(Status::Answer(Ok(done(&format!(r#"{{"shown":1,"hidden":"{SECRET}"}}"#)))));
    let input = json!({"shown": 1, "hidden": SECRET});
    let started = world.try_start(&world.ann, with_input("k", input.clone())).await.expect("it starts").run.id;
    world.reaches(&started, RunStatus::Success).await;
    let guest = Access { scope: world.ann.scope.clone().showing(made_up()), ..world.ann.clone() };
    let engine = &world.engine;

    let run = engine.run(&guest, &started).await.expect("seen");
    let execution = world.row(&started).await.summary.execution_id.expect("accepted");
    let bytes = engine.run_result(&guest, &started).await.expect("seen").expect("a result");
    assert_eq!(&*bytes, br#"{"shown":1}"#);
    assert_eq!(run.result_bytes, Some(bytes.len() as u64), "not even its size tells of what is hidden");
    let (_, history) = engine.run_history(&guest, &started).await.expect("seen");
    assert!(history.iter().all(|event| event.text.is_empty()) && history.len() > 1);
    let again = world.try_start(&guest, with_input("k", input)).await.expect("the same one").run;
    let live = LiveEvent { run: world.row(&started).await.summary, seq: 1, kind: EventKind::Status };
    let workflow = engine.workflow(&guest, &slug("dev"), &workflow("text-summary")).await.expect("seen");
    let told = [
        serde_json::to_string(&run),
        serde_json::to_string(&engine.run_input(&guest, &started).await.expect("seen")),
        serde_json::to_string(&history),
        serde_json::to_string(&engine.run_summary(&guest, &started).await.expect("seen")),
        serde_json::to_string(&engine.runs(&guest, RunQuery::default()).await.expect("seen")),
        serde_json::to_string(&again),
        serde_json::to_string(&workflow),
        serde_json::to_string(&guest.scope.projection.live(&live)),
    ];
    for told in told {
        let told = told.expect("JSON");
        assert!(!told.contains(SECRET) && !told.contains(&execution), "{told}");
    }
    let everything = serde_json::to_string(&engine.run(&world.ann, &started).await.expect("seen")).expect("JSON");
    assert!(everything.contains(SECRET) && everything.contains(&execution), "others are shown all of it");
}

#[tokio::test(start_paused = true)]
async fn a_projection_is_applied_to_what_an_action_answers() {
    let world = world().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    let guest = Access { scope: world.ann.scope.clone().showing(made_up()), ..world.ann.clone() };
    let hides = |run: RunSummary| {
        assert!(run.execution_id.is_none() && run.error.is_none_or(|error| error.detail.is_none()), "{:?}", run.id);
    };
    hides(world.engine.stop_watching(&guest, &id).await.expect("stopped"));
    hides(world.engine.close(&guest, &id).await.expect("closed"));
    hides(world.engine.resume_watching(&guest, &id).await.expect("resumed"));

    let doubtful = || TriggerOutcome::Unconfirmed {
        reason: UnconfirmedReason::Timeout,
        status: None,
        detail: "Codika's own words".to_owned(),
        request_id: Some("req-1".to_owned()),
    };
    world.upstream.trigger(doubtful());
    let marked = world.run_to("marked", RunStatus::Unconfirmed).await.summary.id;
    hides(world.engine.mark_not_started(&guest, &marked).await.expect("marked"));
    hides(world.engine.send_again(&guest, &marked).await.expect("sent again"));
    world.upstream.trigger(doubtful());
    let again = world.run_to("again", RunStatus::Unconfirmed).await.summary.id;
    hides(world.engine.run_summary(&guest, &again).await.expect("seen"));
    hides(world.engine.run_again_anyway(&guest, &again, Door::Dashboard).await.expect("run again"));
    world.upstream.executions(json!([{"executionId": "late", "status": "pending", "createdAt": ""}]));
    hides(world.engine.adopt(&guest, &again, "late").await.expect("recognised"));
}

#[tokio::test(start_paused = true)]
async fn what_is_granted_counts_from_the_next_request_on() {
    let world = world().await;
    let root = world.person("Root", Role::Admin).await;
    let vera = world.person("Vera", Role::Viewer).await.person;
    let (engine, by) = (&world.engine, By::Person(&root));
    let now = async || engine.access(vera.clone()).await.expect("readable");
    let slugs = async || engine.environments(&now().await).into_iter().map(|env| env.slug).collect::<Vec<_>>();
    assert!(slugs().await.is_empty());
    let group = engine.create_group(by, " Team ").await.expect("a group");
    let grant = |target| Grant { to: Grantee::Group(group.clone()), target, verbs: SEE };
    engine.grant(by, grant(GrantTarget::Environment(slug("dev")))).await.expect("granted");
    assert!(slugs().await.is_empty(), "not in the group yet");
    engine.add_to_group(by, &group, &vera.id).await.expect("a member");
    assert_eq!(slugs().await, [slug("dev")]);
    engine.grant(by, grant(GrantTarget::Everything)).await.expect("granted");
    assert_eq!(slugs().await, [slug("dev"), slug("prod")]);
    engine.revoke(by, &Grantee::Group(group.clone()), &GrantTarget::Everything).await.expect("revoked");
    assert_eq!(slugs().await, [slug("dev")]);
    engine.remove_from_group(by, &group, &vera.id).await.expect("removed");
    assert!(slugs().await.is_empty());
    engine.remove_group(by, &group).await.expect("removed");
    assert!(engine.groups(by).await.expect("a list").is_empty());
    let left = engine.grants(by, Some(&Grantee::Group(group))).await.expect("a list");
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test(start_paused = true)]
async fn only_administrators_grant_and_never_something_that_is_not_there() {
    let world = world().await;
    let (root, oscar) = (world.person("Root", Role::Admin).await, world.person("Oscar", Role::Operator).await);
    let to = Grantee::Principal(world.ann.person.id.clone());
    let grant = |target, verbs| Grant { to: to.clone(), target, verbs };
    let engine = &world.engine;
    for who in [&oscar, &world.ann] {
        let by = By::Person(who);
        assert_eq!(problem(engine.grant(by, grant(GrantTarget::Everything, SEE)).await), Problem::Forbidden);
        assert_eq!(problem(engine.grants(by, None).await), Problem::Forbidden);
        assert_eq!(problem(engine.create_group(by, "x").await), Problem::Forbidden);
        assert_eq!(problem(engine.groups(by).await), Problem::Forbidden);
    }
    let by = By::Person(&root);
    let nowhere = GrantTarget::Environment(slug("nowhere"));
    assert_eq!(problem(engine.grant(by, grant(nowhere, SEE)).await), Problem::NoSuchEnvironment("nowhere".into()));
    let nobody = Grantee::Principal(model::UserId::parse("z".repeat(26)).expect("an id"));
    for refused in [
        problem(engine.grant(by, grant(GrantTarget::Everything, GrantVerbs::default())).await),
        problem(engine.grant(by, Grant { to: nobody, target: GrantTarget::Everything, verbs: SEE }).await),
        problem(engine.create_group(by, " ").await),
    ] {
        assert!(matches!(refused, Problem::BadValue(_)), "{refused:?}");
    }
    engine.create_group(by, "Team").await.expect("a group");
    assert!(matches!(problem(engine.create_group(by, "TEAM").await), Problem::BadValue(_)));
}

#[tokio::test(start_paused = true)]
async fn a_workflow_can_show_its_runners_each_others_runs() {
    let world = world().await;
    let oscar = world.person("Oscar", Role::Operator).await;
    let anns = world.start("a").await;
    let bob = world.person("Bob", Role::Runner).await.person;
    let (engine, dev, text) = (&world.engine, slug("dev"), workflow("text-summary"));
    let now = async || engine.access(bob.clone()).await.expect("readable");
    assert_eq!(problem(engine.run(&now().await, &anns).await), Problem::NoSuchRun);
    assert_eq!(problem(engine.share_runs(&now().await, &dev, &text, true).await), Problem::Forbidden);
    engine.share_runs(&oscar, &dev, &text, true).await.expect("set");
    assert!(engine.runs_shared(&now().await, &dev, &text).await.expect("readable"));
    engine.run(&now().await, &anns).await.expect("it is seen");
    assert_eq!(listed(&world, &now().await, RunQuery::default()).await, std::slice::from_ref(&anns));
    assert_eq!(problem(engine.close(&now().await, &anns).await), Problem::Forbidden);
    let viewer = engine.access(model::Principal { role: Role::Viewer, ..bob.clone() }).await.expect("readable");
    assert_eq!(problem(engine.run(&viewer, &anns).await), Problem::NoSuchRun, "it is for whoever runs it");
    engine.share_runs(&oscar, &dev, &text, false).await.expect("set");
    assert_eq!(problem(engine.run(&now().await, &anns).await), Problem::NoSuchRun);
}
