use std::{fs, path::PathBuf};

use engine::store::{AuditStore, EnvironmentStore};
use secrecy::ExposeSecret;
use tempfile::TempDir;

use super::*;
use crate::contract::{T0, audit, new_environment};

use super::super::super::tests::{fresh_database, reopened};

/// A key file of this test's own, with the key that the database was written with.
async fn own_file(store: &Database) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("master.key");
    fs::copy(store.unlocked().expect("unlocked").file, &file).expect("copied");
    store.unlock(&file).await.expect("the same key");
    (folder, file)
}

/// Adds an environment, which leaves an entry and two secrets.
async fn deed(store: &Database, slug: &str) {
    assert!(
        store.add_environment(new_environment(slug), audit(AuditAction::EnvironmentAdded)).await.expect("stored"),
        "{slug}"
    );
}

/// The keys of all environments, which all can be opened.
async fn secrets(store: &Database) -> Vec<String> {
    let rows = store.environments().await.expect("readable").rows;
    let keys = rows.iter().flat_map(|row| &row.keys);
    keys.map(|key| key.secret.as_ref().expect("it opens").expose_secret().to_owned()).collect()
}

async fn verified(store: &Database) -> (u64, u64) {
    let report = store.verify_trail(None).await.expect("readable");
    assert_eq!(report.fault, None);
    (report.sealed, report.waiting)
}

#[tokio::test]
async fn only_the_key_it_was_written_with_opens_a_database() {
    let (store, _guard) = fresh_database().await;
    let folder = tempfile::tempdir().expect("a folder");
    let missing = folder.path().join("master.key");
    let said = store.unlock(&missing).await.expect_err("the key is elsewhere").to_string();
    assert!(said.contains("is missing"), "{said}");
    KeyRing::open(&missing, false).expect("another key");
    let said = store.unlock(&missing).await.expect_err("another key").to_string();
    assert!(said.contains("not the one this database was written with"), "{said}");
}

#[tokio::test]
async fn a_rotation_seals_every_secret_anew_and_leaves_the_trail_whole() {
    let (store, _guard) = fresh_database().await;
    let (_folder, file) = own_file(&store).await;
    deed(&store, "lab").await;
    deed(&store, "shop").await;
    assert_eq!(store.seal_audit(T0).await.expect("sealed"), 2);
    let before = secrets(&store).await;
    assert_eq!(before.len(), 4);
    let version = store.environments_version().await.expect("readable");
    for key in 2..=3 {
        assert_eq!(store.rotate_key(T0).await.expect("rotated"), Rotated { key, secrets: 4 });
        assert_eq!(secrets(&store).await, before);
        deed(&store, &format!("after-{key}")).await;
        store
            .remove_environment(
                &store.environments().await.expect("readable").rows[0].id,
                &model::EnvSlug::parse(format!("after-{key}")).expect("a slug"),
                audit(AuditAction::EnvironmentRemoved),
            )
            .await
            .expect("removed");
    }
    assert!(store.environments_version().await.expect("readable") > version, "others learn of it");
    while store.seal_audit(T0).await.expect("sealed") > 0 {}
    assert_eq!(verified(&store).await, (8, 0));
    let oldest = store.unlocked().expect("unlocked").ring;
    assert_eq!(oldest.current(), 3);
    let (again, _) = (reopened(&_guard).await, ());
    again.unlock(&file).await.expect("the file holds all keys");
    assert_eq!(secrets(&again).await, before);
    assert_eq!(verified(&again).await, (8, 0));
}

#[tokio::test]
async fn a_rotation_that_was_killed_goes_on_where_it_was() {
    let (store, guard) = fresh_database().await;
    let (_folder, file) = own_file(&store).await;
    deed(&store, "lab").await;
    let before = secrets(&store).await;
    // Killed behind the file and before the database.
    KeyRing::add(&file).expect("added");
    let again = reopened(&guard).await;
    again.unlock(&file).await.expect("a key that is not used yet is no other key");
    assert_eq!(again.unlocked().expect("unlocked").ring.current(), 1);
    deed(&again, "shop").await;
    assert_eq!(again.prepare_key().await.expect("prepared already"), 2);
    assert_eq!(again.rotate_key(T0).await.expect("rotated"), Rotated { key: 2, secrets: 4 });
    assert_eq!(secrets(&again).await[..2], before);
    assert_eq!(KeyRing::open(&file, true).expect("readable").newest(), 2, "no key was made in vain");
}

#[tokio::test]
async fn a_running_program_follows_a_rotation_and_one_without_the_new_key_does_not_start() {
    let (store, guard) = fresh_database().await;
    let (folder, file) = own_file(&store).await;
    deed(&store, "lab").await;
    let old = folder.path().join("old.key");
    fs::copy(&file, &old).expect("copied");
    let other = reopened(&guard).await;
    other.unlock(&file).await.expect("the same key");
    other.rotate_key(T0).await.expect("rotated");

    assert_eq!(store.unlocked().expect("unlocked").ring.current(), 1, "it has not heard of it");
    deed(&store, "shop").await;
    assert_eq!(store.unlocked().expect("unlocked").ring.current(), 2);
    assert_eq!(secrets(&other).await.len(), 4);
    while store.seal_audit(T0).await.expect("sealed") > 0 {}
    assert_eq!(verified(&other).await, (3, 0));

    let said = reopened(&guard).await.unlock(&old).await.expect_err("without key 2").to_string();
    assert!(said.contains("does not hold key 2"), "{said}");
    KeyRing::add(&old).expect("another key 2");
    let said = reopened(&guard).await.unlock(&old).await.expect_err("another key 2").to_string();
    assert!(said.contains("not the one this database was written with"), "{said}");
}

#[tokio::test]
async fn a_key_is_not_opened_for_another_address_or_environment() {
    let (store, _guard) = fresh_database().await;
    let (_folder, _) = own_file(&store).await;
    for change in [
        "UPDATE environments SET base_url = 'https://evil.example' WHERE slug = 'lab'",
        "UPDATE environment_keys SET sealed = (SELECT sealed FROM environment_keys AS other JOIN environments \
         ON environments.id = other.environment WHERE slug = 'shop' AND other.kind = environment_keys.kind)",
    ] {
        deed(&store, "lab").await;
        deed(&store, "shop").await;
        store
            .writer
            .write(move |db| Box::pin(async move { sqlx::raw_sql(change).execute(db).await.map(drop) }))
            .await
            .expect("the SQL is right");
        let rows = store.environments().await.expect("readable").rows;
        let lab = rows.iter().find(|row| row.settings.slug.as_str() == "lab").expect("it is there");
        assert!(lab.keys.iter().all(|key| key.secret.is_none()), "{change}");
        assert!(store.rotate_key(T0).await.is_err(), "what cannot be opened is not sealed");
        for row in rows {
            let audit = audit(AuditAction::EnvironmentRemoved);
            assert!(store.remove_environment(&row.id, &row.settings.slug, audit).await.expect("removed"));
        }
    }
}
