//! Keys that are replaced, refused, or given for another address.

use codika::CallErrorKind;
use engine::{ChangeEnvironment, NewKeys, Problem, store::RunFilter};
use model::{EnvKind, Role, RunStatus, WatchNote};

use crate::{
    environments::{keys, new, start, with_lab},
    support::{Status, UNUSABLE, World, call_error, problem, sleep, slug},
};

#[tokio::test(start_paused = true)]
async fn open_runs_wait_for_a_valid_key_and_go_on_with_it() {
    let (world, admin, lab) = with_lab().await;
    let other = world.run_to("other", RunStatus::Pending).await.summary.id;
    let (first, second) = (start(&world, "a").await, start(&world, "b").await);
    world.reaches(&second, RunStatus::Pending).await;
    let refusal = Status::Answer(Err(call_error(CallErrorKind::KeyRejected)));
    world.upstreams.script("key-1").then(refusal);
    sleep(20 * 60).await;
    for id in [&first, &second] {
        let run = world.engine.run(&world.ann, id).await.expect("readable");
        assert_eq!((run.summary.status, run.watch), (RunStatus::Pending, Some(WatchNote::KeyRefused)));
    }
    let notices = world.engine.catalog(&admin, &lab.slug).await.expect("readable").notices;
    assert!(notices.iter().any(|notice| notice.title.contains("rejects the key") && notice.hint.contains("Replace")));
    let managed = world.engine.managed_environments(&admin).await.expect("readable");
    assert!(managed.iter().all(|one| one.key_refused == (one.environment.slug == lab.slug)));

    let asked = world.upstreams.script("key-1").polls();
    world.upstreams.script("key-2").then_done();
    world.engine.replace_keys(&admin, &lab.slug, keys("key-2")).await.expect("replaced");
    sleep(1).await;
    for id in [&first, &second] {
        let row = world.row(id).await;
        assert_eq!((row.summary.status, row.epoch), (RunStatus::Success, 1), "at once");
    }
    assert_eq!(world.upstreams.script("key-1").polls(), asked, "the old key is not used any more");
    let managed = world.engine.managed_environments(&admin).await.expect("readable");
    assert!(managed.iter().all(|one| !one.key_refused));
    assert_eq!(world.row(&other).await.summary.status, RunStatus::Pending);
    world.upstream.then_done();
    world.reaches(&other, RunStatus::Success).await;
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_used_replaces_nothing() {
    let (world, admin, lab) = with_lab().await;
    for given in [keys(UNUSABLE), NewKeys::default()] {
        let refused = problem(world.engine.replace_keys(&admin, &lab.slug, given).await);
        assert!(matches!(refused, Problem::Invalid(_)), "{refused:?}");
    }
    let managed = world.engine.managed_environments(&admin).await.expect("readable");
    assert!(managed.iter().any(|one| one.keys.iter().any(|key| key.suffix == "ey-1")));
}

#[tokio::test(start_paused = true)]
async fn another_address_asks_for_the_key_again() {
    let (world, admin, lab) = with_lab().await;
    let change = |base_url: &str, keys: NewKeys| ChangeEnvironment {
        name: "The lab".to_owned(),
        kind: EnvKind::Prod,
        colour: None,
        base_url: base_url.to_owned(),
        keys,
    };
    let refused = change("https://evil.example", NewKeys::default());
    match problem(world.engine.change_environment(&admin, &lab.slug, refused).await) {
        Problem::Invalid(fields) => assert!(fields[0].message.contains("again"), "{fields:?}"),
        other => panic!("{other:?}"),
    }
    let of_lab =
        || world.engine.environments(&world.ann).into_iter().find(|env| env.slug == slug("lab")).expect("there");
    assert_eq!(of_lab(), lab);
    let same = change("https://codika.example/", NewKeys::default());
    world.engine.change_environment(&admin, &lab.slug, same).await.expect("the same address needs no key");
    assert_eq!((of_lab().name.as_str(), of_lab().kind), ("The lab", EnvKind::Prod));
    let moved = change("https://other.example", keys("key-2"));
    world.engine.change_environment(&admin, &lab.slug, moved).await.expect("changed");
    assert_eq!(of_lab().upstream, "https://other.example");
    start(&world, "k").await;
    sleep(1).await;
    assert_eq!(world.upstreams.script("key-1").triggered().len(), 0);
    assert_eq!(world.upstreams.script("key-2").triggered().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn no_key_is_in_anything_that_can_be_printed() {
    let (world, admin, lab) = with_lab().await;
    let secret = "ck_canary_0123456789";
    world.engine.replace_keys(&admin, &lab.slug, keys(secret)).await.expect("replaced");
    let new = new("shop", secret);
    let mut printed = format!("{new:?} {:?}", new.keys);
    world.engine.add_environment(&admin, new).await.expect("added");
    use engine::store::{EnvironmentStore, RunLists};
    let stored = world.store.environments().await.expect("readable");
    let managed = world.engine.managed_environments(&admin).await.expect("readable");
    let runs = world.store.runs(&RunFilter { limit: 10, ..RunFilter::default() }).await.expect("readable");
    printed += &format!("{stored:?} {managed:?} {:?} {:?}", world.engine.environments(&world.ann), runs.items);
    assert!(printed.contains("6789") && printed.len() > 1_000, "the suffix is told: {printed}");
    assert!(!printed.contains("canary"), "{printed}");
}

#[tokio::test(start_paused = true)]
async fn two_who_change_it_at_once_do_not_undo_each_other() {
    let world = World::shared(engine::Limits::default()).await;
    let admin = world.person("Ada", Role::Admin).await;
    world.engine.add_environment(&admin, new("lab", "key-1")).await.expect("added");
    let lab = slug("lab");
    let all = tokio::join!(
        world.engine.replace_keys(&admin, &lab, keys("key-2")),
        world.engine.disable_environment(&admin, &lab),
        world.engine.replace_keys(&admin, &lab, keys("key-3")),
    );
    let done = [all.0.is_ok(), all.1.is_ok(), all.2.is_ok()].into_iter().filter(|done| *done).count();
    assert!(done >= 1);
    for refused in [all.0, all.1, all.2].into_iter().filter(Result::is_err) {
        assert_eq!(problem(refused), Problem::WrongState("changed by somebody else"));
    }
}
