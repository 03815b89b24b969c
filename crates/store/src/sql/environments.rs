//! Environments that were added in the dashboard, and their sealed keys.

use std::sync::Arc;

use async_trait::async_trait;
use engine::{
    EnvironmentSettings, KeySlot, StoreError,
    store::{
        AuditEntry, EnvironmentChange, EnvironmentStore, KeyChange, NewEnvironmentRow, NewKey, StoredEnvironments,
        StoredKey,
    },
};
use model::{EnvSlug, Millis};
use secrecy::ExposeSecret;

use super::{
    Connection, Database, audit, dialect, keys,
    rights::bump_rights,
    row::{EnvironmentRecord, KeyRecord, parsed, state_word, text},
    while_doing,
};
use crate::master_key::{KeyRing, Place, Sealed};

/// Part of the transaction of each change of environments or of the master key. Asked first, it also makes such
/// changes wait for each other.
pub async fn bump_environments(db: &mut Connection) -> Result<(), sqlx::Error> {
    statement!("UPDATE environments_version SET version = version + 1 WHERE id = 1").execute(db).await.map(drop)
}

/// A key is opened only for its environment, as what it is, and for the base URL it was given for.
fn place<'a>(environment: &'a str, slot: &'a str, base_url: &'a str) -> Place<'a> {
    Place { table: "environments", row: environment, column: slot, bound_to: base_url }
}

impl KeyRecord {
    fn sealed(&self) -> Sealed {
        Sealed { key_id: self.key_id, bytes: self.sealed.clone() }
    }

    fn place(&self) -> Place<'_> {
        place(&self.environment, &self.kind, &self.base_url)
    }
}

/// Seals every key again with the ring's current one; how many.
pub async fn reseal(db: &mut Connection, ring: &KeyRing) -> Result<usize, sqlx::Error> {
    let failed = |error| sqlx::Error::Encode(Box::new(error));
    let found = stored_keys(db).await?;
    for key in &found {
        let secret = ring.unseal(&key.place(), &key.sealed()).map_err(failed)?;
        let sealed = ring.seal(&key.place(), secret.expose_secret().as_bytes()).map_err(failed)?;
        statement!(
            "UPDATE environment_keys SET key_id = $1, sealed = $2 WHERE environment = $3 AND kind = $4",
            sealed.key_id,
            sealed.bytes,
            key.environment,
            key.kind
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(found.len())
}

async fn stored_keys(db: &mut Connection) -> Result<Vec<KeyRecord>, sqlx::Error> {
    rows!(
        KeyRecord,
        r#"SELECT environment AS "environment!", environment_keys.kind AS "kind!", key_id AS "key_id!", "#
            + r#"sealed AS "sealed!", suffix AS "suffix!", set_at AS "set_at!", expires_at AS "expires_at?", "#
            + r#"base_url AS "base_url!" FROM environment_keys JOIN environments ON environments.id = environment "#
            + "ORDER BY environment, environment_keys.kind"
    )
    .fetch_all(db)
    .await
}

async fn put_keys(
    db: &mut Connection,
    ring: &KeyRing,
    (environment, base_url): (&str, &str),
    new: &[NewKey],
    at: Millis,
) -> Result<(), sqlx::Error> {
    for key in new {
        let slot = key.slot.as_str();
        let sealed = ring.seal(&place(environment, slot, base_url), key.secret.expose_secret().as_bytes());
        let sealed = sealed.map_err(|error| sqlx::Error::Encode(Box::new(error)))?;
        statement!(
            "INSERT INTO environment_keys (environment, kind, key_id, sealed, suffix, set_at, expires_at)"
                + " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (environment, kind) DO UPDATE SET key_id = excluded.key_id,"
                + " sealed = excluded.sealed, suffix = excluded.suffix, set_at = excluded.set_at,"
                + " expires_at = excluded.expires_at",
            environment,
            slot,
            sealed.key_id,
            sealed.bytes,
            key.suffix,
            at,
            key.expires_at
        )
        .execute(&mut *db)
        .await?;
    }
    Ok(())
}

async fn insert(db: &mut Connection, ring: &KeyRing, new: &NewEnvironmentRow) -> Result<bool, sqlx::Error> {
    let EnvironmentSettings { slug, name, kind, colour, base_url, instance_id, enabled } = &new.settings;
    let inserted = statement!(
        "INSERT INTO environments (id, slug, name, kind, colour, base_url, instance_id, state, revision, created_at,"
            + " updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 1, $9, $9) ON CONFLICT (slug) DO NOTHING",
        new.id,
        slug.as_str(),
        text(name),
        kind.as_str(),
        colour.map_or("", |colour| colour.as_str()),
        base_url,
        instance_id,
        state_word(*enabled),
        new.at
    );
    if inserted.execute(&mut *db).await?.rows_affected() == 0 {
        return Ok(false);
    }
    put_keys(db, ring, (&new.id, base_url), &new.keys, new.at).await?;
    Ok(true)
}

async fn update(db: &mut Connection, ring: &KeyRing, change: &EnvironmentChange) -> Result<bool, sqlx::Error> {
    let EnvironmentSettings { slug: _, name, kind, colour, base_url, instance_id, enabled } = &change.settings;
    let updated = statement!(
        "UPDATE environments SET name = $1, kind = $2, colour = $3, base_url = $4, instance_id = $5, state = $6,"
            + " updated_at = $7, revision = revision + 1 WHERE id = $8 AND revision = $9",
        text(name),
        kind.as_str(),
        colour.map_or("", |colour| colour.as_str()),
        base_url,
        instance_id,
        state_word(*enabled),
        change.at,
        change.id,
        change.revision
    );
    if updated.execute(&mut *db).await?.rows_affected() == 0 {
        return Ok(false);
    }
    let new = match &change.keys {
        KeyChange::Keep => return Ok(true),
        KeyChange::Replace(new) => new,
        KeyChange::All(new) => {
            remove_keys(db, &change.id).await?;
            new
        }
    };
    put_keys(db, ring, (&change.id, base_url), new, change.at).await?;
    Ok(true)
}

async fn remove_keys(db: &mut Connection, environment: &str) -> Result<(), sqlx::Error> {
    statement!("DELETE FROM environment_keys WHERE environment = $1", environment).execute(db).await.map(drop)
}

async fn remove(db: &mut Connection, id: &str, slug: &EnvSlug) -> Result<bool, sqlx::Error> {
    remove_keys(db, id).await?;
    let removed = statement!("DELETE FROM environments WHERE id = $1", id).execute(&mut *db).await?.rows_affected() > 0;
    if removed {
        // A new one of this name starts with nothing.
        statement!("DELETE FROM workflows WHERE environment = $1", slug.as_str()).execute(&mut *db).await?;
        statement!("DELETE FROM offers WHERE environment = $1", slug.as_str()).execute(&mut *db).await?;
        statement!("DELETE FROM grants WHERE environment = $1", slug.as_str()).execute(&mut *db).await?;
        statement!("DELETE FROM shared_runs WHERE environment = $1", slug.as_str()).execute(&mut *db).await?;
        bump_rights(db).await?;
    }
    Ok(removed)
}

impl Database {
    /// The ring in use, after whatever rotation there was.
    async fn current_ring(&self, doing: &'static str) -> Result<Arc<KeyRing>, StoreError> {
        self.refresh_keys().await.map_err(while_doing(doing))?;
        Ok(self.unlocked()?.ring)
    }

    async fn read_environments(&self) -> Result<(i64, Vec<EnvironmentRecord>, Vec<KeyRecord>), sqlx::Error> {
        let mut db = dialect::snapshot(&self.reads).await?;
        let version = value!(r#"SELECT version AS "version!" FROM environments_version WHERE id = 1"#)
            .fetch_one(&mut *db)
            .await?;
        let environments = rows!(
            EnvironmentRecord,
            r#"SELECT id AS "id!", slug AS "slug!", name AS "name!", kind AS "kind!", colour AS "colour!", "#
                + r#"base_url AS "base_url!", instance_id AS "instance_id!", state AS "state!", revision AS "revision!", "#
                + r#"created_at AS "created_at!", updated_at AS "updated_at!" FROM environments ORDER BY slug"#
        );
        let environments = environments.fetch_all(&mut *db).await?;
        Ok((version, environments, stored_keys(&mut db).await?))
    }
}

#[async_trait]
impl EnvironmentStore for Database {
    async fn environments_version(&self) -> Result<i64, StoreError> {
        let version = value!(r#"SELECT version AS "version!" FROM environments_version WHERE id = 1"#);
        let version = version.fetch_one(&self.reads).await;
        version.map_err(while_doing("the version of the environments could not be read"))
    }

    async fn environments(&self) -> Result<StoredEnvironments, StoreError> {
        let doing = "the environments could not be read";
        if let Err(error) = self.refresh_keys().await {
            tracing::error!(error = &error as &dyn std::error::Error, "the current master key is not at hand");
        }
        let ring = self.unlocked()?.ring;
        let (version, environments, keys) = self.read_environments().await.map_err(while_doing(doing))?;
        let mut rows = Vec::with_capacity(environments.len());
        for environment in environments {
            let mut its = Vec::new();
            for key in keys.iter().filter(|key| key.environment == environment.id) {
                let secret = ring.unseal(&key.place(), &key.sealed()).inspect_err(|error| {
                    tracing::error!(environment = environment.slug, key = key.kind, %error, "a key cannot be opened");
                });
                let slot = parsed("kind", &key.kind, KeySlot::parse).map_err(while_doing(doing))?;
                let (suffix, set_at, expires_at) = (key.suffix.clone(), key.set_at, key.expires_at);
                its.push(StoredKey { slot, secret: secret.ok(), suffix, set_at, expires_at });
            }
            rows.push(environment.read(its).map_err(while_doing(doing))?);
        }
        Ok(StoredEnvironments { version, rows })
    }

    async fn add_environment(&self, new: NewEnvironmentRow, entry: AuditEntry) -> Result<bool, StoreError> {
        let doing = "the environment could not be stored";
        let ring = self.current_ring(doing).await?;
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_environments(db).await?;
                keys::check_current(db, &ring).await?;
                let added = insert(db, &ring, &new).await?;
                if added {
                    audit::record(db, entry).await?;
                }
                Ok(added)
            })
        });
        work.await.map_err(while_doing(doing))
    }

    async fn change_environment(&self, change: EnvironmentChange, entry: AuditEntry) -> Result<bool, StoreError> {
        let doing = "the environment could not be changed";
        let ring = self.current_ring(doing).await?;
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_environments(db).await?;
                keys::check_current(db, &ring).await?;
                let changed = update(db, &ring, &change).await?;
                if changed {
                    audit::record(db, entry).await?;
                }
                Ok(changed)
            })
        });
        work.await.map_err(while_doing(doing))
    }

    async fn remove_environment(&self, id: &str, slug: &EnvSlug, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let (id, slug) = (id.to_owned(), slug.clone());
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_environments(db).await?;
                let removed = remove(db, &id, &slug).await?;
                if removed {
                    audit::record(db, entry).await?;
                }
                Ok(removed)
            })
        });
        work.await.map_err(while_doing("the environment could not be removed"))
    }
}
