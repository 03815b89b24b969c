use model::{GrantTarget, GrantVerbs};

use super::*;
use crate::ids;

fn slug(text: &str) -> EnvSlug {
    EnvSlug::parse(text).expect("a slug")
}

fn workflow(text: &str) -> WorkflowId {
    WorkflowId::parse(text).expect("an id")
}

const RUN: GrantVerbs = GrantVerbs { run: true, see: false };
const SEE: GrantVerbs = GrantVerbs { run: false, see: true };

fn scope(grants: &[(GrantTarget, GrantVerbs)]) -> Scope {
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
        (GrantTarget::Environment(dev.clone()), SEE),
        (GrantTarget::Workflow(dev.clone(), a.clone()), RUN),
        (GrantTarget::Workflow(slug("prod"), a.clone()), RUN),
    ]);
    assert!(scope.may_run(&dev, &a) && !scope.may_run(&dev, &workflow("b")));
    assert!(scope.sees_workflow(&dev, &workflow("b")) && !scope.sees_workflow(&slug("prod"), &workflow("b")));
    assert!(scope.sees_environment(&slug("prod")) && !scope.sees_environment(&slug("other")));
}

#[test]
fn a_grant_without_a_verb_opens_nothing() {
    let scope = scope(&[(GrantTarget::Environment(slug("dev")), GrantVerbs::default())]);
    assert!(!scope.sees_environment(&slug("dev")));
}

#[test]
fn a_list_is_narrowed_before_the_database_is_asked() {
    let (dev, prod, a, b) = (slug("dev"), slug("prod"), workflow("a"), workflow("b"));
    let scope = scope(&[
        (GrantTarget::Environment(dev.clone()), SEE),
        (GrantTarget::Workflow(dev.clone(), a.clone()), SEE),
        (GrantTarget::Workflow(prod.clone(), a.clone()), SEE),
        (GrantTarget::Workflow(prod.clone(), b.clone()), RUN),
    ]);
    let places = |environment: Option<&str>, workflow: Option<&WorkflowId>| {
        scope.runs(environment.map(slug).as_ref(), workflow).of_everybody
    };
    let whole = (dev.clone(), None);
    let of_prod = (prod.clone(), Some(a.clone()));
    assert_eq!(places(None, None), Some(vec![whole, of_prod.clone()]), "an environment covers its workflows");
    assert_eq!(places(Some("dev"), None), None, "the condition says it all");
    assert_eq!(places(Some("dev"), Some(&b)), None);
    assert_eq!(places(Some("prod"), Some(&a)), None);
    assert_eq!(places(Some("prod"), Some(&b)), Some(Vec::new()), "running shows only one's own");
    assert_eq!(places(Some("other"), None), Some(Vec::new()));
    assert_eq!(places(Some("prod"), None), Some(vec![of_prod]));
    assert_eq!(places(None, Some(&b)), Some(vec![(dev, Some(b.clone()))]));
    assert!(scope.runs(Some(&prod), None).own.is_some());
    let all = Scope::all();
    assert_eq!((all.runs(None, None).own, all.runs(None, None).of_everybody), (None, None));
}

#[test]
fn a_token_narrows_what_its_person_sees() {
    let limited = |scope: &Scope, words: &[&str]| {
        scope.clone().limited(TokenScopes::from_words(words.iter().copied()).expect("known words"))
    };
    let places = |scope: &Scope| scope.runs(None, None).of_everybody;
    let (dev, a) = (slug("dev"), workflow("a"));
    let all = Scope::all();
    assert_eq!(places(&limited(&all, &["env:dev"])), Some(vec![(dev.clone(), None)]));
    let both = limited(&all, &["env:dev", "env:prod", "workflow:a"]);
    assert_eq!(places(&both), Some(vec![(dev.clone(), Some(a.clone())), (slug("prod"), Some(a.clone()))]));
    let one = limited(&all, &["workflow:a"]);
    assert_eq!((places(&one), one.runs(None, None).workflows), (None, &[a.clone()][..]));
    assert_eq!(places(&limited(&all, &["run"])), None, "whoever runs also reads");

    let granted =
        scope(&[(GrantTarget::Environment(dev.clone()), SEE), (GrantTarget::Workflow(slug("prod"), a.clone()), SEE)]);
    assert_eq!(places(&limited(&granted, &["env:prod"])), Some(vec![(slug("prod"), Some(a.clone()))]));
    assert_eq!(places(&limited(&granted, &["env:dev", "workflow:b"])), Some(vec![(dev, Some(workflow("b")))]));
    let other = limited(&granted, &["env:other"]);
    assert_eq!((places(&other), other.runs(None, None).environments), (Some(Vec::new()), &[slug("other")][..]));
}
