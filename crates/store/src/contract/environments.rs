use engine::{
    EnvironmentSettings, KeySlot,
    store::{EnvironmentChange, EnvironmentRow, KeyChange, NewEnvironmentRow, NewKey},
};
use model::{AuditAction, EnvColour, EnvKind};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Shared,
    fixtures::{T0, audit, env, next_id},
};

fn key(slot: KeySlot, text: &str) -> NewKey {
    let suffix = text[text.len() - 4..].to_owned();
    NewKey { slot, secret: SecretString::from(text), suffix, expires_at: Some(T0 + 5) }
}

/// With two keys.
pub fn new_environment(slug: &str) -> NewEnvironmentRow {
    NewEnvironmentRow {
        id: next_id(),
        settings: EnvironmentSettings {
            slug: env(slug),
            name: "The lab\0".to_owned(),
            kind: EnvKind::Dev,
            colour: Some(EnvColour::Amber),
            base_url: "https://api.codika.io".to_owned(),
            instance_id: "instance-1".to_owned(),
            enabled: true,
        },
        keys: vec![
            key(KeySlot::Instance, &format!("ck_{slug}_instance")),
            key(KeySlot::Organization, &format!("cko_{slug}_organization")),
        ],
        at: T0,
    }
}

async fn only(store: &Shared) -> EnvironmentRow {
    let mut rows = store.environments().await.expect("read").rows;
    assert_eq!(rows.len(), 1);
    rows.remove(0)
}

fn opened(row: &EnvironmentRow) -> Vec<(&'static str, &str, &str)> {
    let keys = row.keys.iter();
    keys.map(|key| {
        let secret = key.secret.as_ref().expect("it opens").expose_secret();
        (key.slot.as_str(), secret, key.suffix.as_str())
    })
    .collect()
}

pub async fn an_environment_is_read_back_as_it_was_added(store: Shared) {
    let before = store.environments().await.expect("read");
    assert!(before.rows.is_empty());
    let new = new_environment("lab");
    assert!(store.add_environment(new.clone(), audit(AuditAction::EnvironmentAdded)).await.expect("stored"));
    let after = store.environments().await.expect("read");
    assert!(after.version > before.version);
    assert_eq!(store.environments_version().await.expect("read"), after.version);
    let row = only(&store).await;
    let settings = EnvironmentSettings { name: "The lab\u{fffd}".to_owned(), ..new.settings };
    assert_eq!((&row.id, &row.settings), (&new.id, &settings));
    assert_eq!((row.created_at, row.updated_at), (T0, T0));
    let expected = [("instance", "ck_lab_instance", "ance"), ("organization", "cko_lab_organization", "tion")];
    assert_eq!(opened(&row), expected);
    assert_eq!((row.keys[0].set_at, row.keys[0].expires_at), (T0, Some(T0 + 5)));
    let taken = NewEnvironmentRow { id: next_id(), ..new_environment("lab") };
    assert!(
        !store.add_environment(taken, audit(AuditAction::EnvironmentAdded)).await.expect("an answer"),
        "the slug is taken"
    );
    assert_eq!(only(&store).await.id, new.id);
}

pub async fn an_environment_is_changed_from_what_was_seen(store: Shared) {
    assert!(store.add_environment(new_environment("lab"), audit(AuditAction::EnvironmentAdded)).await.expect("stored"));
    let seen = only(&store).await;
    let settings = EnvironmentSettings {
        name: "Shop".to_owned(),
        kind: EnvKind::Prod,
        colour: None,
        base_url: "https://other.example".to_owned(),
        enabled: false,
        ..seen.settings.clone()
    };
    let keys = KeyChange::All(vec![key(KeySlot::Organization, "cko_new_one")]);
    let change = EnvironmentChange {
        id: seen.id.clone(),
        revision: seen.revision,
        settings: settings.clone(),
        keys,
        at: T0 + 1,
    };
    assert!(store.change_environment(change.clone(), audit(AuditAction::EnvironmentChanged)).await.expect("stored"));
    let row = only(&store).await;
    assert_eq!((&row.settings, row.updated_at), (&settings, T0 + 1));
    assert_eq!(opened(&row), [("organization", "cko_new_one", "_one")]);
    assert!(row.revision > seen.revision);
    let again = store.change_environment(change, audit(AuditAction::EnvironmentChanged)).await.expect("an answer");
    assert!(!again, "it has changed since it was seen");

    let keys = KeyChange::Replace(vec![key(KeySlot::Instance, "ck_another")]);
    let change = EnvironmentChange { revision: row.revision, id: seen.id, settings, keys, at: T0 + 2 };
    assert!(
        store.change_environment(change.clone(), audit(AuditAction::EnvironmentKeyReplaced)).await.expect("stored")
    );
    let row = only(&store).await;
    assert_eq!(opened(&row).len(), 2, "the other key stays");
    let change = EnvironmentChange { revision: row.revision, keys: KeyChange::Keep, ..change };
    assert!(store.change_environment(change, audit(AuditAction::EnvironmentEnabled)).await.expect("stored"));
    assert_eq!(opened(&only(&store).await).len(), 2);
}

pub async fn a_removed_environment_leaves_nothing_for_the_next_of_its_name(store: Shared) {
    let lab = new_environment("lab");
    assert!(store.add_environment(lab.clone(), audit(AuditAction::EnvironmentAdded)).await.expect("stored"));
    store.keep_offers(&env("lab"), "instance-1", "{}".to_owned()).await.expect("stored");
    let workflow = engine::store::AddedWorkflow {
        environment: env("lab"),
        id: super::fixtures::workflow("a"),
        name: "A".to_owned(),
        description: String::new(),
        schema: None,
    };
    store.put_workflow(workflow, audit(AuditAction::WorkflowAdded)).await.expect("stored");
    let removed = async || store.remove_environment(&lab.id, &env("lab"), audit(AuditAction::EnvironmentRemoved)).await;
    assert!(removed().await.expect("removed"));
    assert!(!removed().await.expect("an answer"));
    assert!(store.environments().await.expect("read").rows.is_empty());
    assert!(store.added_workflows(&env("lab")).await.expect("read").is_empty());
    assert_eq!(store.offers(&env("lab"), "instance-1").await.expect("read"), None);
    assert!(store.add_environment(new_environment("lab"), audit(AuditAction::EnvironmentAdded)).await.expect("stored"));
    assert_ne!(only(&store).await.id, lab.id);
}
