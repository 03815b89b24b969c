use engine::store::{Granted, NewGroup};
use model::{AuditAction, Grant, GrantTarget, GrantVerbs, Grantee, Group, GroupId};

use super::{
    Shared,
    fixtures::{T0, audit, env, person, workflow},
};

const RUN: GrantVerbs = GrantVerbs { run: true, see: false };
const SEE: GrantVerbs = GrantVerbs { run: false, see: true };

fn group_id(number: u8) -> GroupId {
    GroupId::parse(format!("{number:026}")).expect("26 digits are an id")
}

async fn group(store: &Shared, number: u8, name: &str) -> GroupId {
    let new = NewGroup { id: group_id(number), name: name.to_owned(), at: T0 };
    assert!(store.create_group(new, audit(AuditAction::GroupCreated)).await.expect("an answer"), "{name} is new");
    group_id(number)
}

async fn grant(store: &Shared, to: Grantee, target: GrantTarget, verbs: GrantVerbs) -> bool {
    let grant = Grant { to, target, verbs };
    store.put_grant(grant, audit(AuditAction::GrantGiven)).await.expect("an answer")
}

pub async fn grants_reach_a_person_directly_and_through_groups(store: Shared) {
    let (ada, bob) = (person(&store, "ada@example.org").await, person(&store, "bob@example.org").await);
    let team = group(&store, 1, "Team").await;
    let granted = async |who| store.granted(who).await.expect("read");
    assert_eq!(granted(&ada).await, Granted::default());

    let to_ada = Grantee::Principal(ada.clone());
    let (dev, text) = (GrantTarget::Environment(env("dev")), GrantTarget::Workflow(env("prod"), workflow("text")));
    assert!(grant(&store, to_ada.clone(), text.clone(), RUN).await);
    assert!(grant(&store, Grantee::Group(team.clone()), dev.clone(), SEE).await);
    assert_eq!(granted(&ada).await.grants, [(text.clone(), RUN)], "not yet in the group");
    assert!(store.add_member(&team, &ada, audit(AuditAction::GroupJoined)).await.expect("an answer"));
    assert!(store.add_member(&team, &ada, audit(AuditAction::GroupJoined)).await.expect("twice is no error"));
    let mut both = granted(&ada).await.grants;
    both.sort_by(|one, other| one.0.cmp(&other.0));
    assert_eq!(both, [(dev.clone(), SEE), (text.clone(), RUN)]);
    assert_eq!(granted(&bob).await, Granted::default(), "somebody else");

    assert!(grant(&store, to_ada.clone(), text.clone(), GrantVerbs { run: true, see: true }).await);
    assert!(granted(&ada).await.grants.contains(&(text.clone(), GrantVerbs { run: true, see: true })), "replaced");
    let remove = async |to: &Grantee, target: &GrantTarget| {
        store.remove_grant(to, target, audit(AuditAction::GrantRevoked)).await.expect("an answer")
    };
    assert!(remove(&to_ada, &text).await);
    assert!(!remove(&to_ada, &text).await, "it is gone");
    assert!(!remove(&to_ada, &dev).await, "that is the group's");
    assert!(store.remove_member(&team, &ada, audit(AuditAction::GroupLeft)).await.expect("an answer"));
    assert!(!store.remove_member(&team, &ada, audit(AuditAction::GroupLeft)).await.expect("an answer"));
    assert_eq!(granted(&ada).await, Granted::default());
    let all = store.grants().await.expect("read");
    assert_eq!(all, [Grant { to: Grantee::Group(team), target: dev, verbs: SEE }]);
}

pub async fn everything_can_be_granted_and_nothing_to_nobody(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    assert!(grant(&store, Grantee::Principal(ada.clone()), GrantTarget::Everything, RUN).await);
    assert_eq!(store.granted(&ada).await.expect("read").grants, [(GrantTarget::Everything, RUN)]);
    let nobody = model::UserId::parse("z".repeat(26)).expect("an id");
    assert!(!grant(&store, Grantee::Principal(nobody.clone()), GrantTarget::Everything, RUN).await);
    assert!(!grant(&store, Grantee::Group(group_id(9)), GrantTarget::Everything, RUN).await);
    // An id of the other kind is nobody's either.
    let as_group = GroupId::parse(ada.as_str()).expect("an id");
    assert!(!grant(&store, Grantee::Group(as_group), GrantTarget::Everything, RUN).await);
    let team = group(&store, 1, "Team").await;
    assert!(!store.add_member(&team, &nobody, audit(AuditAction::GroupJoined)).await.expect("an answer"));
    assert!(!store.add_member(&group_id(9), &ada, audit(AuditAction::GroupJoined)).await.expect("an answer"));
}

pub async fn a_group_goes_with_its_grants(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let (ops, team) = (group(&store, 2, "Ops").await, group(&store, 1, "team É").await);
    let taken = NewGroup { id: group_id(3), name: "TEAM é".to_owned(), at: T0 };
    assert!(!store.create_group(taken, audit(AuditAction::GroupCreated)).await.expect("an answer"), "but for case");
    store.add_member(&team, &ada, audit(AuditAction::GroupJoined)).await.expect("an answer");
    assert!(grant(&store, Grantee::Group(team.clone()), GrantTarget::Everything, SEE).await);
    let groups = store.groups().await.expect("read");
    let expected = [
        Group { id: ops.clone(), name: "Ops".to_owned(), members: Vec::new() },
        Group { id: team.clone(), name: "team É".to_owned(), members: vec![ada.clone()] },
    ];
    assert_eq!(groups, expected);
    assert!(store.remove_group(&team, audit(AuditAction::GroupRemoved)).await.expect("an answer"));
    assert!(!store.remove_group(&team, audit(AuditAction::GroupRemoved)).await.expect("an answer"));
    assert_eq!(store.granted(&ada).await.expect("read"), Granted::default());
    assert_eq!(store.grants().await.expect("read"), []);
    assert_eq!(store.groups().await.expect("read").len(), 1);
}

pub async fn whether_runs_are_shared_is_kept_for_each_workflow(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let (dev, text) = (env("dev"), workflow("text"));
    let shared = async |environment: &str| store.runs_shared(&env(environment), &text).await.expect("read");
    assert!(!shared("dev").await);
    let share =
        async |on| store.share_runs(&dev, &text, on, audit(AuditAction::WorkflowRunsShared)).await.expect("stored");
    share(true).await;
    share(true).await;
    assert!(shared("dev").await && !shared("prod").await);
    assert_eq!(store.granted(&ada).await.expect("read").shared, [(dev.clone(), text.clone())]);
    share(false).await;
    assert!(!shared("dev").await);
}

pub async fn every_change_of_grants_raises_the_version_of_rights(store: Shared) {
    let ada = person(&store, "ada@example.org").await;
    let team = group(&store, 1, "Team").await;
    let mut known = store.rights_version().await.expect("read");
    let mut rose = async |what: &str| {
        let version = store.rights_version().await.expect("read");
        assert!(version > known, "{what}");
        known = version;
    };
    let (to, target) = (Grantee::Principal(ada.clone()), GrantTarget::Everything);
    grant(&store, to.clone(), target.clone(), RUN).await;
    rose("a grant").await;
    store.remove_grant(&to, &target, audit(AuditAction::GrantRevoked)).await.expect("removed");
    rose("a grant that ends").await;
    store.add_member(&team, &ada, audit(AuditAction::GroupJoined)).await.expect("added");
    rose("a new member").await;
    store.remove_member(&team, &ada, audit(AuditAction::GroupLeft)).await.expect("removed");
    rose("a member less").await;
    store.remove_group(&team, audit(AuditAction::GroupRemoved)).await.expect("removed");
    rose("a group less").await;
    store.share_runs(&env("dev"), &workflow("a"), true, audit(AuditAction::WorkflowRunsShared)).await.expect("stored");
    rose("shared runs").await;
}
