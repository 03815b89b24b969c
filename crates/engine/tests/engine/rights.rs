use engine::{Problem, RunQuery};
use model::{Role, RunId, RunStatus};

use crate::support::{World, problem, request, sleep};

#[tokio::test(start_paused = true)]
async fn others_runs_look_like_runs_that_do_not_exist() {
    let world = World::new().await;
    let id = world.run_to("k", RunStatus::Pending).await.summary.id;
    let before = world.row(&id).await;
    let bob = world.person("Bob", Role::Runner).await;
    let nowhere = RunId::parse("0".repeat(26)).expect("an id");
    let engine = &world.engine;
    for id in [&id, &nowhere] {
        let refusals = [
            problem(engine.run(&bob, id).await),
            problem(engine.run_summary(&bob, id).await),
            problem(engine.run_input(&bob, id).await),
            problem(engine.run_result(&bob, id).await),
            problem(engine.stop_watching(&bob, id).await),
            problem(engine.resume_watching(&bob, id).await),
            problem(engine.send_again(&bob, id).await),
            problem(engine.mark_not_started(&bob, id).await),
        ];
        assert!(refusals.iter().all(|refusal| *refusal == Problem::NoSuchRun), "{refusals:?}");
    }
    assert_eq!(world.row(&id).await, before);
    assert_eq!(engine.moving(&bob).await.expect("a number"), 0);
    assert_eq!(engine.moving(&world.ann).await.expect("a number"), 1);
}

#[tokio::test(start_paused = true)]
async fn members_list_their_own_runs_and_admins_all() {
    let world = World::new().await;
    let (bob, root) = (world.person("Bob", Role::Runner).await, world.person("Root", Role::Admin).await);
    let anns = world.start("a").await;
    let bobs = world.try_start(&bob, request("b")).await.expect("it starts").run.id;
    for (who, expected) in [(&world.ann, vec![&anns]), (&bob, vec![&bobs]), (&root, vec![&bobs, &anns])] {
        let page = world.engine.runs(who, RunQuery::default()).await.expect("a list");
        let ids: Vec<&RunId> = page.items.iter().map(|run| &run.id).collect();
        assert_eq!(ids, expected, "{}", who.person.name);
    }
    world.engine.run(&root, &anns).await.expect("an administrator sees it");
    world.reaches(&anns, RunStatus::Pending).await;
    world.engine.stop_watching(&root, &anns).await.expect("and may stop it");
}

#[tokio::test(start_paused = true)]
async fn a_page_mark_of_somebody_else_opens_nothing() {
    let world = World::new().await;
    let bob = world.person("Bob", Role::Runner).await;
    world.start("a").await;
    let bobs = world.try_start(&bob, request("b")).await.expect("it starts").run.id;
    sleep(1).await;
    let after = |mark: &str| RunQuery { after: Some(mark.to_owned()), ..RunQuery::default() };
    let page = world.engine.runs(&bob, after(bobs.as_str())).await.expect("a list");
    assert!(page.items.is_empty());
    let refused = problem(world.engine.runs(&bob, after("' OR 1=1 --")).await);
    assert!(matches!(refused, Problem::BadValue(_)));
}
