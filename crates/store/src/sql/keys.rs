//! Which master keys this database is written with.

#[cfg(test)]
mod tests;

use std::path::Path;

use engine::{StoreError, store::AuditEntry};
use model::{AuditAction, Millis};

use super::{
    Connection, Database, audit,
    environments::{bump_environments, reseal},
    row::{MasterKeyRecord, text},
    while_doing,
};
use crate::{
    audit::Sealable,
    master_key::{KeyRing, Rotated, UnlockError, Unlocked},
};

/// Somebody has rotated the key at the same moment.
#[derive(Debug, thiserror::Error)]
#[error("the master key was rotated meanwhile; try again")]
struct Overtaken;

/// Part of each transaction that seals something: with no older key than the current one.
pub async fn check_current(db: &mut Connection, ring: &KeyRing) -> Result<(), sqlx::Error> {
    let current: i64 = value!(r#"SELECT max(id) AS "id!" FROM master_keys"#).fetch_one(db).await?;
    if current == ring.current() { Ok(()) } else { Err(sqlx::Error::Encode(Box::new(Overtaken))) }
}

/// Whether every key that the database knows is in this ring; the newest of them becomes its current one.
fn checked(ring: KeyRing, file: &Path, known: &[MasterKeyRecord]) -> Result<KeyRing, UnlockError> {
    for key in known {
        match ring.fingerprint(key.id) {
            Some(mine) if mine == key.fingerprint => {}
            Some(_) => return Err(UnlockError::OtherKey(file.to_owned())),
            None => return Err(UnlockError::Rotated { file: file.to_owned(), id: key.id }),
        }
    }
    let current = known.last().map_or(ring.newest(), |key| key.id);
    ring.with_current(current).ok_or_else(|| UnlockError::Rotated { file: file.to_owned(), id: current })
}

impl Database {
    /// Reads the master key, without which nothing can be written; makes it where database and key are new.
    ///
    /// # Errors
    /// [`UnlockError`], one sentence for the operator.
    pub async fn unlock(&self, file: &Path) -> Result<(), UnlockError> {
        let known = self.master_keys().await?;
        let ring = KeyRing::open(file, !known.is_empty())?;
        let (id, mark) = (ring.newest(), ring.fingerprint(ring.newest()).unwrap_or_default());
        let marked = self.writer.write(move |db| {
            Box::pin(async move {
                statement!(
                    "INSERT INTO master_keys (id, fingerprint) SELECT CAST($1 AS BIGINT), CAST($2 AS TEXT) WHERE NOT EXISTS (SELECT 1 FROM master_keys)"
                        + " ON CONFLICT (id) DO NOTHING",
                    id,
                    mark
                )
                .execute(db)
                .await
                .map(drop)
            })
        });
        marked.await.map_err(while_doing("the mark of the master key could not be stored"))?;
        let known = self.master_keys().await?;
        self.keys.set(checked(ring, file, &known)?, file);
        Ok(())
    }

    /// Follows a rotation by another program: from the next write on the key that is current now is used.
    ///
    /// # Errors
    /// [`UnlockError`] when this machine's file does not hold that key. The one in use until now stays.
    pub(super) async fn refresh_keys(&self) -> Result<(), UnlockError> {
        let Unlocked { ring, file } = self.unlocked()?;
        let known = self.master_keys().await?;
        if known.last().is_none_or(|newest| newest.id == ring.current()) {
            return Ok(());
        }
        self.keys.set(checked(KeyRing::open(&file, true)?, &file, &known)?, &file);
        tracing::info!("the master key was rotated; the new one is in use");
        Ok(())
    }

    /// Adds a key to the file and does not use it yet, so that the file can be taken to every replica first.
    /// Its number.
    ///
    /// # Errors
    /// [`UnlockError`].
    pub async fn prepare_key(&self) -> Result<i64, UnlockError> {
        Ok(self.newer_ring().await?.newest())
    }

    /// Makes a new master key the current one, and seals every secret with it. What was authenticated by older ones
    /// stays as it is. Goes on where an earlier attempt was killed.
    ///
    /// # Errors
    /// [`UnlockError`]: the key in use until now still is.
    pub async fn rotate_key(&self, at: Millis) -> Result<Rotated, UnlockError> {
        let before = self.unlocked()?;
        let ring = std::sync::Arc::new(self.newer_ring().await?);
        let (id, mark) = (ring.current(), ring.fingerprint(ring.current()).unwrap_or_default());
        let entry = AuditEntry {
            at,
            actor: None,
            action: AuditAction::MasterKeyRotated,
            subject: format!("master_key:{id}"),
            detail: String::new(),
        };
        let entry = Sealable::new(entry, ring.audit());
        let new = ring.clone();
        let rotated = self.writer.write(move |db| {
            Box::pin(async move {
                bump_environments(db).await?;
                check_current(db, &before.ring).await?;
                statement!("INSERT INTO master_keys (id, fingerprint) VALUES ($1, $2)", id, mark)
                    .execute(&mut *db)
                    .await?;
                let secrets = reseal(db, &new).await?;
                audit::record(db, entry).await?;
                Ok(Rotated { key: id, secrets })
            })
        });
        let rotated = rotated.await.map_err(while_doing("the master key could not be rotated"))?;
        self.refresh_keys().await?;
        Ok(rotated)
    }

    /// The ring with a key that the database does not know yet as its current one.
    async fn newer_ring(&self) -> Result<KeyRing, UnlockError> {
        let Unlocked { file, .. } = self.unlocked()?;
        let known = self.master_keys().await?;
        let newest = known.last().map_or(0, |key| key.id);
        let ring = checked(KeyRing::open(&file, true)?, &file, &known)?;
        let ring = if ring.newest() > newest { ring } else { checked(KeyRing::add(&file)?, &file, &known)? };
        let newest = ring.newest();
        ring.with_current(newest).ok_or(UnlockError::Rotated { file, id: newest })
    }

    async fn master_keys(&self) -> Result<Vec<MasterKeyRecord>, StoreError> {
        let known =
            rows!(MasterKeyRecord, r#"SELECT id AS "id!", fingerprint AS "fingerprint!" FROM master_keys ORDER BY id"#);
        known.fetch_all(&self.reads).await.map_err(while_doing("the marks of the master keys could not be read"))
    }

    pub(super) fn unlocked(&self) -> Result<Unlocked, StoreError> {
        let locked = || while_doing("nothing can be written")(std::io::Error::other("the master key was not read"));
        self.keys.get().ok_or_else(locked)
    }

    /// The entry with its authentication code, as [`audit::record`] takes it.
    pub(super) fn sign(&self, entry: AuditEntry) -> Result<Sealable, StoreError> {
        let entry = AuditEntry { subject: text(entry.subject), detail: text(entry.detail), ..entry };
        Ok(Sealable::new(entry, self.unlocked()?.ring.audit()))
    }
}
