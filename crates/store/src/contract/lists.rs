use engine::{
    Scope,
    schedule::Took,
    scope::Grants,
    store::{NewRun, RunFilter, RunRow, Set, Transition},
};
use model::{GrantTarget, GrantVerbs, RunId, RunStatus, TokenScopes};

use super::{
    Shared,
    fixtures::{T0, apply, create, env, new_run, person, step, submitting, workflow},
};

async fn ids(store: &Shared, filter: &RunFilter) -> Vec<RunId> {
    store.runs(filter).await.expect("a list").items.into_iter().map(|row| row.summary.id).collect()
}

pub async fn pages_are_complete_and_without_doubles_under_inserts(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let mut expected = Vec::new();
    for number in 0..23 {
        expected.push(submitting(&store, &ada, &number.to_string()).await.summary.id);
    }
    expected.reverse();
    let statuses = [vec![], vec![RunStatus::Submitting], vec![RunStatus::Submitting, RunStatus::Failed]];
    for (round, status) in statuses.into_iter().enumerate() {
        let mut seen = Vec::new();
        let mut filter = RunFilter { limit: 5, status, ..RunFilter::default() };
        loop {
            let page = store.runs(&filter).await.expect("a page");
            seen.extend(page.items.into_iter().map(|row| row.summary.id));
            // A newer run belongs before the first page and must not disturb the others.
            let newer = NewRun { status: RunStatus::Success, ..new_run(&ada, &format!("new-{round}-{}", seen.len())) };
            create(&store, newer).await;
            filter.after = page.next;
            if filter.after.is_none() {
                break;
            }
        }
        seen.retain(|id| expected.contains(id));
        assert_eq!(seen, expected);
    }
    let exact = RunFilter { limit: 23, status: vec![RunStatus::Submitting], ..RunFilter::default() };
    assert_eq!(store.runs(&exact).await.expect("a page").next, None, "a full last page has no next one");
}

pub async fn filters_narrow(store: Shared) {
    let (ada, bob) = (person(&store, "ada@example.org").await, person(&store, "bob@example.org").await);
    let mut all: Vec<RunRow> = Vec::new();
    for status in RunStatus::ALL {
        for owner in [&ada, &bob] {
            for (environment, of) in [("dev", "a"), ("dev", "b"), ("prod", "a")] {
                let new = NewRun {
                    status,
                    environment: env(environment),
                    workflow: workflow(of),
                    ..new_run(owner, status.as_str())
                };
                all.push(create(&store, new).await);
            }
        }
    }
    all.reverse();
    let statuses = [
        vec![],
        vec![RunStatus::Failed],
        vec![RunStatus::Success, RunStatus::Success, RunStatus::Queued],
        RunStatus::ALL.to_vec(),
    ];
    let mut granted = Grants::default();
    let see = GrantVerbs { run: false, see: true };
    granted.add(GrantTarget::Environment(env("prod")), see);
    granted.add(GrantTarget::Workflow(env("dev"), workflow("b")), see);
    granted.add(GrantTarget::Workflow(env("dev"), workflow("a")), GrantVerbs { run: true, see: false });
    let scopes = [Scope::all(), Scope::own(ada), Scope::own(bob.clone()), Scope::granted(bob, granted)];
    let token = |words: &[&str]| TokenScopes::from_words(words.iter().copied()).expect("known words");
    let tokens = [
        token(&["env:dev"]),
        token(&["env:prod", "env:nowhere"]),
        token(&["workflow:a"]),
        token(&["env:dev", "env:prod", "workflow:b"]),
        token(&["run"]),
    ];
    let limited = scopes.iter().flat_map(|scope| tokens.iter().map(move |token| scope.clone().limited(token.clone())));
    let scopes: Vec<Scope> = limited.chain(scopes.iter().cloned()).collect();
    for scope in &scopes {
        let under_way = |row: &&RunRow| [RunStatus::Submitting, RunStatus::Pending].contains(&row.summary.status);
        let moving = all.iter().filter(under_way).filter(|row| scope.sees_run(&row.summary)).count();
        assert_eq!(store.count_moving(scope).await.expect("a number"), moving as u64, "{scope:?}");
        for environment in [None, Some(env("dev")), Some(env("prod")), Some(env("nowhere"))] {
            for of in [None, Some(workflow("a")), Some(workflow("b"))] {
                for status in &statuses {
                    let filter = RunFilter {
                        scope: scope.clone(),
                        environment: environment.clone(),
                        workflow: of.clone(),
                        status: status.clone(),
                        after: None,
                        limit: 100,
                    };
                    let expected: Vec<RunId> =
                        all.iter().filter(|row| matches(&filter, row)).map(|row| row.summary.id.clone()).collect();
                    assert_eq!(ids(&store, &filter).await, expected, "{filter:?}");
                }
            }
        }
    }
}

fn matches(filter: &RunFilter, row: &RunRow) -> bool {
    let run = &row.summary;
    filter.scope.sees_run(run)
        && filter.environment.as_ref().is_none_or(|environment| *environment == run.environment)
        && filter.workflow.as_ref().is_none_or(|of| *of == run.workflow)
        && (filter.status.is_empty() || filter.status.contains(&run.status))
}

pub async fn the_longest_page_is_bounded(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    for number in 0..3 {
        submitting(&store, &ada, &number.to_string()).await;
    }
    let page = |limit| RunFilter { limit, ..RunFilter::default() };
    assert_eq!(ids(&store, &page(u32::MAX)).await.len(), 3);
    assert_eq!(ids(&store, &page(0)).await.len(), 1, "a page has at least one place");
}

pub async fn recent_runs_are_the_newest_of_one_workflow(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let mut expected = Vec::new();
    for number in 0..6 {
        expected.push(submitting(&store, &ada, &number.to_string()).await.summary.id);
        create(&store, NewRun { workflow: workflow("other"), ..new_run(&ada, &number.to_string()) }).await;
        create(&store, NewRun { environment: env("prod"), ..new_run(&ada, &number.to_string()) }).await;
    }
    expected.reverse();
    expected.truncate(4);
    let recent = store.recent(&env("dev"), &workflow("text-summary"), 4).await.expect("read");
    assert!(recent.iter().all(|run| run.status == RunStatus::Submitting && run.duration_ms.is_none()));
    assert_eq!(recent.into_iter().map(|run| run.id).collect::<Vec<_>>(), expected);
}

pub async fn runs_under_way_are_counted_per_scope(store: Shared) {
    let (ada, bob) = (person(&store, "ada@example.org").await, person(&store, "bob@example.org").await);
    for status in RunStatus::ALL {
        create(&store, NewRun { status, ..new_run(&ada, status.as_str()) }).await;
    }
    submitting(&store, &bob, "k").await;
    create(&store, NewRun { environment: env("prod"), ..new_run(&ada, "p") }).await;
    let granted = |targets: &[GrantTarget]| {
        let mut grants = Grants::default();
        targets.iter().for_each(|target| grants.add(target.clone(), GrantVerbs { run: false, see: true }));
        Scope::granted(bob.clone(), grants)
    };
    let (prod, dev) =
        (GrantTarget::Environment(env("prod")), GrantTarget::Workflow(env("dev"), workflow("text-summary")));
    let none = GrantTarget::Workflow(env("dev"), workflow("other"));
    for (scope, expected) in [
        (Scope::all(), 4),
        (Scope::own(ada), 3),
        (Scope::own(bob.clone()), 1),
        (granted(std::slice::from_ref(&prod)), 2),
        (granted(&[dev.clone(), none.clone()]), 3),
        (granted(&[dev, prod]), 4),
        (granted(&[none]), 1),
        (granted(&[GrantTarget::Everything]), 4),
    ] {
        assert_eq!(store.count_moving(&scope).await.expect("a number"), expected, "{scope:?}");
    }
}

pub async fn durations_are_those_of_runs_that_ended_newest_first(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let ends = [RunStatus::Success, RunStatus::Failed, RunStatus::Stalled, RunStatus::Rejected, RunStatus::Success];
    for (number, end) in (1..).zip(ends) {
        let run = submitting(&store, &ada, &number.to_string()).await;
        let set = Set {
            accepted_at: Some(T0),
            finished_at: Some(T0 + 1_000 * number),
            duration_ms: Some(900 * number),
            ..Set::default()
        };
        apply(&store, Transition { set, ..step(&run, &[RunStatus::Submitting], end) }).await;
    }
    let unmeasured = submitting(&store, &ada, "unmeasured").await;
    apply(&store, step(&unmeasured, &[RunStatus::Submitting], RunStatus::Success)).await;
    let took = async |of: &str, limit| store.took(&env("dev"), &workflow(of), limit).await.expect("read");
    let of = |number: i64| Took { measured_ms: 900 * number, running_ms: 0, seen_ms: 1_000 * number };
    assert_eq!(took("text-summary", 100).await, [of(5), of(2), of(1)]);
    assert_eq!(took("text-summary", 2).await, [of(5)], "the newest two, of which one was measured");
    assert_eq!(took("other", 100).await, []);
}
