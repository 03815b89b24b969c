use model::{Door, GrantTarget, GrantVerbs, Principal, RunId, RunStatus, UserId};

use super::*;
use crate::{Scope, ids, scope::Grants};

fn access(role: Role, grants: &[(GrantTarget, GrantVerbs)]) -> Access {
    let person = Principal { id: ids::user(), email: "a@b.example".into(), name: "Ann".into(), role };
    let mut sum = Grants::default();
    grants.iter().for_each(|(target, verbs)| sum.add(target.clone(), *verbs));
    let scope = match role {
        Role::Admin | Role::Operator => Scope::all(),
        Role::Runner | Role::Viewer => Scope::granted(person.id.clone(), sum),
    };
    Access { person, scope, token: None }
}

fn dev() -> EnvSlug {
    EnvSlug::parse("dev").expect("a slug")
}

fn workflow(id: &str) -> WorkflowId {
    WorkflowId::parse(id).expect("an id")
}

fn run(owner: &UserId, of: &str) -> RunSummary {
    RunSummary {
        id: RunId::parse("0".repeat(26)).expect("an id"),
        environment: dev(),
        workflow: workflow(of),
        workflow_name: "W".into(),
        status: RunStatus::Pending,
        owner: owner.clone(),
        owner_name: "Ann".into(),
        door: Door::Dashboard,
        execution_id: None,
        created_at: 0,
        accepted_at: None,
        finished_at: None,
        duration_ms: None,
        error: None,
    }
}

/// Role, grants on workflow `a`; then may they: enter, open, run, see somebody's run, decide on it, see their own,
/// decide on it, manage workflows, manage environments, manage
/// people.
#[test]
fn who_may_what() {
    const RUN: GrantVerbs = GrantVerbs { run: true, see: false };
    const SEE: GrantVerbs = GrantVerbs { run: false, see: true };
    const BOTH: GrantVerbs = GrantVerbs { run: true, see: true };
    let (yes, no) = (true, false);
    for (role, verbs, expected) in [
        (Role::Admin, GrantVerbs::default(), [yes; 10]),
        (Role::Operator, GrantVerbs::default(), [yes, yes, yes, yes, yes, yes, yes, yes, no, no]),
        (Role::Runner, GrantVerbs::default(), [no, no, no, no, no, yes, yes, no, no, no]),
        (Role::Runner, RUN, [yes, yes, yes, no, no, yes, yes, no, no, no]),
        (Role::Runner, SEE, [yes, yes, no, yes, no, yes, yes, no, no, no]),
        (Role::Runner, BOTH, [yes, yes, yes, yes, no, yes, yes, no, no, no]),
        (Role::Viewer, GrantVerbs::default(), [no, no, no, no, no, yes, no, no, no, no]),
        (Role::Viewer, BOTH, [yes, yes, no, yes, no, yes, no, no, no, no]),
    ] {
        let who = access(role, &[(GrantTarget::Workflow(dev(), workflow("a")), verbs)]);
        let (dev, a) = (dev(), workflow("a"));
        let (own, foreign) = (run(&who.person.id, "a"), run(&ids::user(), "a"));
        let acts = [
            Act::Enter(&dev),
            Act::Open { environment: &dev, workflow: &a },
            Act::Run { environment: &dev, workflow: &a },
            Act::See(&foreign),
            Act::Decide(&foreign),
            Act::See(&own),
            Act::Decide(&own),
            Act::ManageWorkflows { environment: &dev },
            Act::ManageEnvironments,
            Act::ManagePeople,
        ];
        assert_eq!(acts.map(|act| allows(&who, act)), expected, "{role:?} with {verbs:?}");
    }
}

#[test]
fn what_may_not_be_seen_is_refused_as_if_it_did_not_exist() {
    let see = GrantVerbs { run: false, see: true };
    let viewer = access(Role::Viewer, &[(GrantTarget::Workflow(dev(), workflow("a")), see)]);
    let other = EnvSlug::parse("other").expect("a slug");
    let refused = |act| check(&viewer, act).expect_err("it is refused");
    let (dev, a, b) = (dev(), workflow("a"), workflow("b"));
    assert_eq!(refused(Act::Run { environment: &dev, workflow: &a }), Problem::Forbidden);
    let unknown = Problem::NoSuchWorkflow { workflow: "b".to_owned(), environment: "dev".to_owned() };
    assert_eq!(refused(Act::Run { environment: &dev, workflow: &b }), unknown);
    let nowhere = Problem::NoSuchEnvironment("other".to_owned());
    assert_eq!(refused(Act::Run { environment: &other, workflow: &a }), nowhere);
    assert_eq!(refused(Act::ManageWorkflows { environment: &other }), nowhere);
    assert_eq!(refused(Act::ManageWorkflows { environment: &dev }), Problem::Forbidden);
    let (seen, hidden) = (run(&ids::user(), "a"), run(&ids::user(), "b"));
    assert_eq!(refused(Act::Decide(&seen)), Problem::Forbidden);
    assert_eq!(refused(Act::Decide(&hidden)), Problem::NoSuchRun);
}
