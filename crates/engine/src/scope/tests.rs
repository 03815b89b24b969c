use super::*;
use crate::ids;

fn slug(text: &str) -> EnvSlug {
    EnvSlug::parse(text).expect("a slug")
}

fn workflow(text: &str) -> WorkflowId {
    WorkflowId::parse(text).expect("an id")
}

const RUN: Verbs = Verbs { run: true, see: false };
const SEE: Verbs = Verbs { run: false, see: true };

fn scope(grants: &[(Target, Verbs)]) -> Scope {
    let mut sum = Grants::default();
    for (target, verbs) in grants {
        sum.add(target.clone(), *verbs);
    }
    Scope::granted(ids::user(), sum)
}

#[test]
fn grants_add_up() {
    let (dev, a) = (slug("dev"), workflow("a"));
    let scope = scope(&[
        (Target::Environment(dev.clone()), SEE),
        (Target::Workflow(dev.clone(), a.clone()), RUN),
        (Target::Workflow(slug("prod"), a.clone()), RUN),
    ]);
    assert!(scope.may_run(&dev, &a) && !scope.may_run(&dev, &workflow("b")));
    assert!(scope.sees_workflow(&dev, &workflow("b")) && !scope.sees_workflow(&slug("prod"), &workflow("b")));
    assert!(scope.sees_environment(&slug("prod")) && !scope.sees_environment(&slug("other")));
}

#[test]
fn a_grant_without_a_verb_opens_nothing() {
    let scope = scope(&[(Target::Environment(slug("dev")), Verbs::default())]);
    assert!(!scope.sees_environment(&slug("dev")));
}

#[test]
fn a_list_is_narrowed_before_the_database_is_asked() {
    let (dev, prod, a, b) = (slug("dev"), slug("prod"), workflow("a"), workflow("b"));
    let scope = scope(&[
        (Target::Environment(dev.clone()), SEE),
        (Target::Workflow(dev.clone(), a.clone()), SEE),
        (Target::Workflow(prod.clone(), a.clone()), SEE),
        (Target::Workflow(prod.clone(), b.clone()), RUN),
    ]);
    let Runs::OwnAnd(me, seen) = scope.runs(None, None) else { panic!("own runs and granted ones") };
    assert_eq!(seen, [(dev.clone(), None), (prod.clone(), Some(a.clone()))], "an environment covers its workflows");
    assert_eq!(scope.runs(Some(&dev), None), Runs::All);
    assert_eq!(scope.runs(Some(&dev), Some(&b)), Runs::All);
    assert_eq!(scope.runs(Some(&prod), Some(&a)), Runs::All);
    assert_eq!(scope.runs(Some(&prod), Some(&b)), Runs::Own(me), "running shows only one's own");
    assert_eq!(scope.runs(Some(&slug("other")), None), Runs::Own(me));
    assert_eq!(scope.runs(Some(&prod), None), Runs::OwnAnd(me, vec![(prod.clone(), Some(a.clone()))]));
    assert_eq!(scope.runs(None, Some(&b)), Runs::OwnAnd(me, vec![(dev, Some(b))]));
    assert_eq!(Scope::all().runs(None, None), Runs::All);
}
