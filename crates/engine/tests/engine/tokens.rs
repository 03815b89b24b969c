//! How far a token reaches.

use engine::{Access, By, NewToken, Problem, RunQuery, StartRun};
use model::{Role, RunId, RunStatus, TokenScopes};

use crate::support::{World, problem, request, sleep, slug};

/// What a program with a new token of this person may.
async fn program(world: &World, owner: &Access, scopes: &str, runs_per_minute: Option<u32>) -> Access {
    let scopes = TokenScopes::from_words(scopes.split(' ')).expect("scopes");
    let new = NewToken { scopes, runs_per_minute, ..NewToken::named("test") };
    let token = world.engine.create_token(By::Operator, &owner.person.id, new).await.expect("made").value;
    world.engine.who_by_api_token(&token).await.expect("readable").expect("it works")
}

fn in_prod(key: &str) -> StartRun {
    StartRun { environment: slug("prod"), ..request(key) }
}

async fn listed(world: &World, who: &Access, query: RunQuery) -> Vec<RunId> {
    world.engine.runs(who, query).await.expect("a list").items.into_iter().map(|run| run.id).collect()
}

#[tokio::test(start_paused = true)]
async fn what_lies_outside_a_tokens_environments_and_workflows_does_not_exist() {
    let world = World::new().await;
    let root = world.person("Root", Role::Admin).await;
    let dev = world.start("dev").await;
    let prod = world.try_start(&world.ann, in_prod("prod")).await.expect("it starts").run.id;
    for owner in [&world.ann, &root] {
        let who = program(&world, owner, "read run env:dev", None).await;
        assert_eq!(listed(&world, &who, RunQuery::default()).await, std::slice::from_ref(&dev));
        let wanted = RunQuery { environment: Some(slug("prod")), ..RunQuery::default() };
        assert_eq!(listed(&world, &who, wanted).await, []);
        assert_eq!(world.engine.run_summary(&who, &dev).await.expect("seen").id, dev);
        assert_eq!(problem(world.engine.run_summary(&who, &prod).await), Problem::NoSuchRun);
        let refused = problem(world.try_start(&who, in_prod("k")).await);
        assert_eq!(refused, Problem::NoSuchEnvironment("prod".to_owned()));

        let both = program(&world, owner, "env:dev env:prod", None).await;
        assert_eq!(listed(&world, &both, RunQuery::default()).await, [prod.clone(), dev.clone()]);
        let other = program(&world, owner, "workflow:invoice-total", None).await;
        assert_eq!(listed(&world, &other, RunQuery::default()).await, []);
        assert!(matches!(problem(world.try_start(&other, request("k")).await), Problem::NoSuchWorkflow { .. }));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_does_only_what_it_is_good_for() {
    let world = World::new().await;
    let run = world.run_to("k", RunStatus::Pending).await.summary.id;
    let engine = &world.engine;
    let reads = program(&world, &world.ann, "read", None).await;
    let runs = program(&world, &world.ann, "run", None).await;
    let decides = program(&world, &world.ann, "decide", None).await;
    for who in [&reads, &runs, &decides] {
        assert_eq!(engine.run_summary(who, &run).await.expect("seen").id, run);
    }
    assert_eq!(problem(world.try_start(&reads, request("a")).await), Problem::Forbidden);
    assert_eq!(problem(world.try_start(&decides, request("a")).await), Problem::Forbidden);
    world.try_start(&runs, request("a")).await.expect("it starts");
    assert_eq!(problem(engine.stop_watching(&reads, &run).await), Problem::Forbidden);
    assert_eq!(problem(engine.stop_watching(&runs, &run).await), Problem::Forbidden);
    engine.stop_watching(&decides, &run).await.expect("stopped");
}

#[tokio::test(start_paused = true)]
async fn a_token_never_does_more_than_its_person_may_at_that_moment() {
    let world = World::new().await;
    let bob = world.person("Bob", Role::Operator).await;
    let anns = world.start("k").await;
    let all = TokenScopes::all();
    let new = NewToken { scopes: all, ..NewToken::named("test") };
    let token = world.engine.create_token(By::Operator, &bob.person.id, new).await.expect("made").value;
    let sees = async || {
        let who = world.engine.who_by_api_token(&token).await.expect("readable").expect("it works");
        world.engine.run_summary(&who, &anns).await.is_ok()
    };
    assert!(sees().await);
    world.engine.set_role(By::Operator, &bob.person.id, Role::Runner).await.expect("changed");
    assert!(!sees().await);
}

#[tokio::test(start_paused = true)]
async fn a_token_starts_as_many_runs_a_minute_as_it_says() {
    let world = World::new().await;
    let who = program(&world, &world.ann, "run", Some(2)).await;
    let other = program(&world, &world.ann, "run", None).await;
    for key in ["a", "b", "b"] {
        world.try_start(&who, request(key)).await.expect("it starts");
    }
    assert_eq!(problem(world.try_start(&who, request("c")).await), Problem::TooManyRuns { retry_after_s: 60 });
    world.try_start(&other, request("c")).await.expect("other tokens are not affected");
    sleep(60).await;
    world.try_start(&who, request("d")).await.expect("a minute later");
}
