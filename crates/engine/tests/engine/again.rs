//! An input that is sent again although an earlier run may have done the same with it.

use codika::{NotSentReason, TriggerOutcome, UnconfirmedReason};
use engine::{Problem, StartRun};
use model::{Again, Role, RunId, RunStatus};

use crate::support::{World, problem, request, slug};

fn unconfirmed() -> TriggerOutcome {
    TriggerOutcome::Unconfirmed {
        reason: UnconfirmedReason::Timeout,
        status: None,
        detail: String::new(),
        request_id: None,
    }
}

fn again(key: &str, from: &RunId, confirmed: bool) -> StartRun {
    StartRun { again: Some(Again { from: from.clone(), confirmed }), ..request(key) }
}

#[tokio::test(start_paused = true)]
async fn a_run_in_doubt_is_repeated_only_when_that_is_confirmed() {
    let world = World::new().await;
    world.upstream.trigger(unconfirmed());
    let first = world.run_to("first", RunStatus::Unconfirmed).await.summary.id;
    let refused = problem(world.try_start(&world.ann, again("k", &first, false)).await);
    let Problem::InDoubt(doubt) = refused else { panic!("{refused:?}") };
    assert_eq!(doubt.run, first);
    assert_eq!(doubt.title, format!("Run {} may have started", first.short()));
    assert_eq!(doubt.confirm, Some(format!("Run it although {} may have started", first.short())));
    assert_eq!((world.count().await, world.upstream.triggered().len()), (1, 1), "nothing is stored or sent");

    let second = world.try_start(&world.ann, again("k", &first, true)).await.expect("it starts").run.id;
    world.reaches(&second, RunStatus::Pending).await;
    assert_eq!(world.upstream.triggered().len(), 2);
    let same = world.try_start(&world.ann, again("k", &first, false)).await.expect("the key is used");
    assert_eq!((same.run.id, same.new), (second, false));
}

#[tokio::test(start_paused = true)]
async fn whatever_may_still_do_it_has_to_be_confirmed() {
    let world = World::new().await;
    let refuses = async |from: &RunId, words: &str| {
        let refused = problem(world.try_start(&world.ann, again("k", from, false)).await);
        let Problem::InDoubt(doubt) = refused else { panic!("{words}: {refused:?}") };
        assert!(doubt.title.ends_with(words), "{}", doubt.title);
    };
    let run = world.run_to("first", RunStatus::Pending).await.summary.id;
    refuses(&run, "is still under way").await;
    world.engine.stop_watching(&world.ann, &run).await.expect("nobody waits");
    refuses(&run, "has not answered yet").await;
    world.engine.close(&world.ann, &run).await.expect("given up");
    refuses(&run, "has not answered yet").await;
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_where_everybody_knows_what_became_of_it() {
    let world = World::new().await;
    let starts = async |key: &str, from: &RunId| world.try_start(&world.ann, again(key, from, false)).await.is_ok();
    world.upstream.trigger(TriggerOutcome::NotSent { reason: NotSentReason::Connect, detail: String::new() });
    let unsent = world.run_to("unsent", RunStatus::NotSent).await.summary.id;
    assert!(starts("a", &unsent).await);
    // Of a form that was filled from it in the meantime.
    world.upstream.trigger(unconfirmed());
    world.engine.send_again(&world.ann, &unsent).await.expect("it is sent");
    world.reaches(&unsent, RunStatus::Unconfirmed).await;
    assert!(!starts("b", &unsent).await);
    world.engine.mark_not_started(&world.ann, &unsent).await.expect("Ann has looked");
    assert!(starts("b", &unsent).await);

    world.upstream.then_done();
    let done = world.run_to("done", RunStatus::Success).await.summary.id;
    assert!(starts("c", &done).await);
}

#[tokio::test(start_paused = true)]
async fn another_environment_or_a_run_nobody_sees_raises_no_doubt() {
    let world = World::new().await;
    world.upstream.trigger(unconfirmed());
    let first = world.run_to("first", RunStatus::Unconfirmed).await.summary.id;
    let elsewhere = StartRun { environment: slug("prod"), ..again("k", &first, false) };
    world.try_start(&world.ann, elsewhere).await.expect("it does not do the same");
    let stranger = world.person("Bob", Role::Runner).await;
    world.try_start(&stranger, again("k", &first, false)).await.expect("he does not learn of her run");
}
