use engine::store::AddedWorkflow;
use model::AuditAction;

use super::{
    Shared,
    fixtures::{audit, env, workflow},
};

pub async fn workflows_are_added_replaced_and_removed(store: Shared) {
    let added = |environment: &str, id: &str, name: &str, schema: Option<&str>| AddedWorkflow {
        environment: env(environment),
        id: workflow(id),
        name: name.to_owned(),
        description: "By hand.".to_owned(),
        schema: schema.map(str::to_owned),
    };
    for one in [
        added("dev", "b", "B", None),
        added("dev", "a", "First", Some("{}")),
        added("prod", "a", "Elsewhere", None),
        added("dev", "a", "A", Some("[]")),
    ] {
        store.put_workflow(one, audit(AuditAction::WorkflowAdded)).await.expect("stored");
    }
    let list = async |environment: &str| store.added_workflows(&env(environment)).await.expect("read");
    assert_eq!(list("dev").await, [added("dev", "a", "A", Some("[]")), added("dev", "b", "B", None)]);
    assert!(
        store
            .remove_workflow(&env("dev"), &workflow("a"), audit(AuditAction::WorkflowRemoved))
            .await
            .expect("an answer")
    );
    assert!(
        !store
            .remove_workflow(&env("dev"), &workflow("a"), audit(AuditAction::WorkflowRemoved))
            .await
            .expect("an answer")
    );
    assert_eq!(list("dev").await, [added("dev", "b", "B", None)]);
    assert_eq!(list("prod").await, [added("prod", "a", "Elsewhere", None)]);
}

pub async fn what_codika_offers_is_kept_for_its_instance(store: Shared) {
    let dev = env("dev");
    let kept = async |instance: &str| store.offers(&dev, instance).await.expect("read");
    assert_eq!(kept("one").await, None);
    store.keep_offers(&dev, "one", "{\"a\":\"\\u0000\"}".to_owned()).await.expect("stored");
    assert_eq!(kept("one").await.as_deref(), Some("{\"a\":\"\\u0000\"}"));
    assert_eq!(store.offers(&env("prod"), "one").await.expect("read"), None);
    store.keep_offers(&dev, "two", "{}".to_owned()).await.expect("stored");
    assert_eq!(kept("two").await.as_deref(), Some("{}"));
    assert_eq!(kept("one").await, None, "another instance offers something else");
}
