//! Which workflows there are, as far as Codika tells.

use std::{sync::Arc, time::Duration};

use codika::{
    CallErrorKind,
    wire::{Instance, Skill},
};
use engine::{AddWorkflow, Limits, Problem, StartRun};
use model::{Role, RunStatus};
use serde_json::json;
use tokio::time::Instant;

use crate::support::{Script, World, call_error, instance, problem, request, slug, with_input, workflow};

fn unknown(key: &str) -> StartRun {
    StartRun { workflow: workflow("never-heard-of"), ..with_input(key, json!({"any": "thing"})) }
}

async fn world_of(script: Script) -> World {
    World::of(Limits::default(), vec![(slug("dev"), Arc::new(script))]).await
}

fn text_skill() -> Skill {
    Skill {
        name: "Text".to_owned(),
        description: "About texts.".to_owned(),
        workflow_template_id: "text-summary".to_owned(),
        content_markdown: "# Text\n\nSummarises.".to_owned(),
        relative_path: None,
    }
}

#[tokio::test(start_paused = true)]
async fn a_workflow_that_is_not_in_the_list_is_unknown() {
    let world = World::new().await;
    let refused = problem(world.try_start(&world.ann, unknown("k")).await);
    let expected = Problem::NoSuchWorkflow { workflow: "never-heard-of".to_owned(), environment: "dev".to_owned() };
    assert_eq!(refused, expected);
    assert_eq!(world.count().await, 0);
    let found = world.engine.workflow(&world.ann, &slug("dev"), &workflow("never-heard-of")).await;
    assert_eq!(problem(found), expected);
}

#[tokio::test(start_paused = true)]
async fn any_id_runs_with_an_object_while_no_list_can_be_read() {
    let no_deployment: Instance =
        serde_json::from_value(json!({"processInstanceId": "instance-1"})).expect("an instance");
    for answer in [Err(call_error(CallErrorKind::Forbidden)), Ok(no_deployment)] {
        let script = Script::default();
        script.lists(answer, Err(call_error(CallErrorKind::Forbidden)));
        let world = world_of(script).await;
        let catalog = world.engine.catalog(&world.ann, &slug("dev")).await.expect("readable");
        assert!(!catalog.complete);
        assert_eq!(catalog.notices.len(), 2, "it says why it is empty");
        let id = world.try_start(&world.ann, unknown("k")).await.expect("it starts").run.id;
        world.reaches(&id, RunStatus::Pending).await;
        assert_eq!(world.upstream.triggered(), [json!({"any": "thing"})]);
        let list = StartRun { input: json!([1]), ..unknown("l") };
        assert!(matches!(problem(world.try_start(&world.ann, list).await), Problem::Invalid(_)));
    }
}

#[tokio::test(start_paused = true)]
async fn a_list_that_was_read_once_counts_while_codika_is_away() {
    let world = World::new().await;
    world.upstream.lists(Err(call_error(CallErrorKind::Server)), Err(call_error(CallErrorKind::Server)));
    crate::support::sleep(61).await;
    let catalog = world.engine.catalog(&world.ann, &slug("dev")).await.expect("readable");
    assert!(catalog.complete);
    assert_eq!((catalog.workflows.len(), catalog.notices.len()), (1, 2));
    let without_text = world.try_start(&world.ann, with_input("k", json!({}))).await;
    assert!(matches!(problem(without_text), Problem::Invalid(_)), "its form still counts");
    problem(world.try_start(&world.ann, unknown("k")).await);
}

#[tokio::test(start_paused = true)]
async fn a_list_that_was_read_before_a_restart_counts_while_codika_hangs() {
    let mut world = World::new().await;
    world.upstream.slow(Duration::from_secs(60));
    world.crash().await;
    let before = Instant::now();
    let without_text = world.try_start(&world.ann, with_input("k", json!({}))).await;
    assert!(matches!(problem(without_text), Problem::Invalid(_)), "its form still counts");
    let page = world.engine.workflow(&world.ann, &slug("dev"), &workflow("text-summary")).await.expect("known");
    assert!(page.form.is_some());
    problem(world.try_start(&world.ann, unknown("k")).await);
    world.start("k").await;
    assert_eq!(before.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn a_run_hardly_waits_for_the_first_answer_of_all() {
    let script = Script::default();
    script.slow(Duration::from_secs(60));
    let world = world_of(script).await;
    let before = Instant::now();
    world.try_start(&world.ann, unknown("k")).await.expect("any id runs while nothing is known");
    assert_eq!(before.elapsed(), Duration::from_millis(200));
}

#[tokio::test(start_paused = true)]
async fn unverified_paths_are_told_as_long_as_they_are() {
    let world = World::new().await;
    let told = async || {
        let catalog = world.engine.catalog(&world.ann, &slug("dev")).await.expect("readable");
        catalog.notices.iter().any(|notice| notice.title.contains("unverified"))
    };
    assert!(!told().await);
    world.upstream.verifies_paths(false);
    assert!(told().await);
    world.upstream.verifies_paths(true);
    assert!(!told().await, "at once, although the lists are not asked for again");
}

#[tokio::test(start_paused = true)]
async fn skills_that_were_read_once_count_while_only_they_are_away() {
    let script = Script::default();
    let listed = || Ok(instance(json!([{"workflowId": "text-summary", "workflowName": ""}])));
    script.lists(listed(), Ok(vec![text_skill()]));
    let world = world_of(script).await;
    world.upstream.lists(listed(), Err(call_error(CallErrorKind::Server)));
    crate::support::sleep(61).await;
    let catalog = world.engine.catalog(&world.ann, &slug("dev")).await.expect("readable");
    assert_eq!(catalog.notices.len(), 1);
    assert_eq!(
        (catalog.workflows[0].name.as_str(), catalog.workflows[0].description.as_str()),
        ("Text", "About texts.")
    );
}

#[tokio::test(start_paused = true)]
async fn a_page_waits_a_little_and_then_shows_what_is_known() {
    let world = World::new().await;
    world.upstream.slow(Duration::from_secs(60));
    crate::support::sleep(61).await;
    let before = Instant::now();
    let catalog = world.engine.catalog(&world.ann, &slug("dev")).await.expect("readable");
    assert_eq!(before.elapsed(), Duration::from_secs(1));
    assert_eq!(catalog.workflows.len(), 1);
    // Meanwhile the question has run into its time limit.
    crate::support::sleep(4).await;
    let catalog = world.engine.catalog(&world.ann, &slug("dev")).await.expect("readable");
    assert_eq!((catalog.workflows.len(), catalog.notices.len()), (1, 2));
    assert!(catalog.notices.iter().all(|notice| notice.why.contains("in time")), "{:?}", catalog.notices);
}

#[tokio::test(start_paused = true)]
async fn many_pages_ask_once() {
    let world = World::new().await;
    crate::support::sleep(61).await;
    world.upstream.slow(Duration::from_secs(1));
    let before = world.upstream.lists_read();
    let mut pages = tokio::task::JoinSet::new();
    for _ in 0..20 {
        let (engine, ann) = (world.engine.clone(), world.ann.clone());
        pages.spawn(async move { engine.catalog(&ann, &slug("dev")).await.is_ok() });
    }
    assert!(pages.join_all().await.into_iter().all(|ok| ok));
    assert_eq!(world.upstream.lists_read(), before + 1);
}

#[tokio::test(start_paused = true)]
async fn a_workflow_added_by_hand_can_be_run_and_its_form_counts() {
    let world = World::new().await;
    let admin = world.person("Root", Role::Admin).await;
    let add = AddWorkflow {
        environment: slug("dev"),
        id: " by-hand ",
        name: "By hand",
        schema: r#"[{"key": "who", "type": "string", "label": "Who", "required": true}]"#,
    };
    assert_eq!(problem(world.engine.add_workflow(&world.ann, add.clone()).await), Problem::Forbidden);
    let id = world.engine.add_workflow(&admin, add).await.expect("added");
    let start = |key, input| StartRun { workflow: id.clone(), input, ..request(key) };
    assert!(matches!(problem(world.try_start(&world.ann, start("k", json!({}))).await), Problem::Invalid(_)));
    let run = world.try_start(&world.ann, start("k", json!({"who": "Ann"}))).await.expect("it starts").run;
    assert_eq!(run.workflow_name, "By hand");
    assert_eq!(problem(world.engine.remove_workflow(&world.ann, &slug("dev"), &id).await), Problem::Forbidden);
    world.engine.remove_workflow(&admin, &slug("dev"), &id).await.expect("removed");
    problem(world.try_start(&world.ann, start("l", json!({"who": "Ann"}))).await);
    world.engine.run(&world.ann, &run.id).await.expect("its runs can still be read");
}
