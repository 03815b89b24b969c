use engine::store::{Prunable, Set, Transition};
use model::RunStatus;

use super::{
    Shared,
    fixtures::{T0, apply, person, read, step, submitting},
};

const SUBMITTING: &[RunStatus] = &[RunStatus::Submitting];

pub async fn what_is_old_is_removed_and_the_run_stays(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let mut runs = Vec::new();
    for (key, finished_at) in [("old", T0 + 10), ("older", T0 + 5), ("young", T0 + 20)] {
        let run = submitting(&store, &ada, key).await;
        let set = Set { result: Some(b"1".to_vec()), finished_at: Some(finished_at), ..Set::default() };
        runs.push(apply(&store, Transition { set, ..step(&run, SUBMITTING, RunStatus::Success) }).await);
    }
    let prune = async |what, limit| store.prune(what, T0 + 20, limit, T0 + 99).await.expect("pruned");
    assert_eq!(prune(Prunable::Results, 1).await, 1, "no more than asked for");
    assert_eq!(prune(Prunable::Results, 9).await, 1);
    assert_eq!(prune(Prunable::Results, 9).await, 0);
    assert_eq!(prune(Prunable::Events, 9).await, 2);
    assert_eq!(prune(Prunable::Events, 9).await, 0);
    for (run, kept) in runs.iter().zip([false, false, true]) {
        let id = &run.summary.id;
        assert_eq!(read(&store, id).await, *run);
        assert_eq!(store.result(id).await.expect("readable").is_some(), kept);
        assert_eq!(store.events(id).await.expect("readable").len(), if kept { 2 } else { 0 });
    }
}

pub async fn events_of_a_run_that_may_go_on_are_kept(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    for status in RunStatus::ALL.into_iter().filter(|status| !status.is_final()) {
        let run = submitting(&store, &ada, status.as_str()).await;
        let set = Set { finished_at: Some(T0), ..Set::default() };
        let run = apply(&store, Transition { set, ..step(&run, SUBMITTING, status) }).await;
        assert_eq!(store.prune(Prunable::Events, T0 + 1000, 9, T0).await.expect("an answer"), 0, "{status:?}");
        assert_eq!(store.events(&run.summary.id).await.expect("readable").len(), 2);
    }
}
