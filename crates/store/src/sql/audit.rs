//! The audit trail: entries and seals.

#[cfg(test)]
mod tests;

mod read;

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AuditEntry, AuditFilter, AuditRow, AuditStore},
};
use model::{Millis, Page};

use super::{
    Connection, Database, dialect, keys,
    row::{EntryRecord, SealRecord},
    while_doing,
};
use crate::{
    audit::{Head, Report, Seal, Sealable, Verifier},
    master_key::KeyRing,
};

/// Entries under one seal at most.
const ENTRIES: i64 = 500;
/// Seals that are verified with one reading.
const SEALS: i64 = 100;
/// Entries without a seal that are read at once.
const UNSEALED: i64 = 5_000;

/// Part of the transaction whose deed it records.
pub async fn record(db: &mut Connection, entry: Sealable) -> Result<(), sqlx::Error> {
    statement!(
        "INSERT INTO audit (at, actor, action, subject, detail, nonce, mac, key_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.detail,
        entry.nonce,
        entry.mac,
        entry.key_id
    )
    .execute(db)
    .await?;
    Ok(())
}

/// `entries!("SELECT ", " FROM audit …", …)`: rows of entries as [`EntryRecord`].
macro_rules! entries {
    ($before:literal, $after:literal $(, $argument:expr)* $(,)?) => {
        rows!(
            EntryRecord,
            $before
                + r#"id AS "id!", position AS "position?", nonce AS "nonce?", at AS "at!", actor AS "actor?", "#
                + r#"action AS "action!", subject AS "subject!", detail AS "detail!", mac AS "mac?", key_id AS "key_id!""#
                + $after
            $(, $argument)*
        )
    };
}

/// Numbers entries that have no place yet, in the order in which they came; at first only those from before
/// there was a key.
async fn number(db: &mut Connection, after: i64, keyed: bool, limit: i64) -> Result<Vec<Sealable>, sqlx::Error> {
    let numbered = entries!(
        "UPDATE audit SET position = $1 + fresh.number FROM (SELECT id AS entry, row_number() OVER (ORDER BY id) AS number \
         FROM audit WHERE position IS NULL AND ($2 OR mac IS NULL) ORDER BY id LIMIT $3) AS fresh \
         WHERE audit.id = fresh.entry RETURNING ",
        "",
        after,
        keyed,
        limit
    );
    let mut entries: Vec<_> = numbered.fetch_all(db).await?.into_iter().map(EntryRecord::read).collect();
    entries.sort_by_key(|entry| entry.position);
    Ok(entries)
}

/// How many entries the new seal covers.
async fn seal(db: &mut Connection, at: Millis, ring: &KeyRing) -> Result<usize, sqlx::Error> {
    // Replicas take turns: two that number the same entries would stop each other.
    if !dialect::lock_trail(db).await? {
        return Ok(0);
    }
    keys::check_current(db, ring).await?;
    let newest = rows!(
        SealRecord,
        r#"SELECT number AS "number!", first AS "first!", last AS "last!", at AS "at!", unkeyed AS "unkeyed!","#
            + r#" hash AS "hash!", key_id AS "key_id!" FROM audit_seals ORDER BY number DESC LIMIT 1"#
    );
    let before = newest.fetch_optional(&mut *db).await?.map(SealRecord::read);
    let after = before.as_ref().map_or(0, |seal| seal.last);
    let mut entries = Vec::new();
    if before.is_none() {
        entries = number(db, after, false, i64::MAX).await?;
    }
    if entries.is_empty() {
        entries = number(db, after, true, ENTRIES).await?;
    }
    let Some(seal) = Seal::over(before.as_ref(), &entries, at, ring.audit()) else { return Ok(0) };
    statement!(
        "INSERT INTO audit_seals (number, first, last, at, unkeyed, hash, key_id) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        seal.number,
        seal.first,
        seal.last,
        seal.at,
        i64::from(seal.unkeyed),
        seal.hash,
        seal.key_id
    )
    .execute(db)
    .await?;
    Ok(entries.len())
}

#[async_trait]
impl AuditStore for Database {
    async fn audit_entries(&self, filter: &AuditFilter) -> Result<Page<AuditRow>, StoreError> {
        read::entries(&self.reads, filter).await
    }

    async fn record_audit(&self, entry: AuditEntry) -> Result<(), StoreError> {
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| Box::pin(record(db, entry)));
        work.await.map_err(while_doing("the audit entry could not be stored"))
    }

    async fn seal_audit(&self, at: Millis) -> Result<u64, StoreError> {
        let doing = "the audit trail could not be sealed";
        let waiting = value!(r#"SELECT EXISTS (SELECT 1 FROM audit WHERE position IS NULL) AS "any!: bool""#);
        if !waiting.fetch_one(&self.reads).await.map_err(while_doing(doing))? {
            return Ok(0);
        }
        self.refresh_keys().await.map_err(while_doing(doing))?;
        let ring = self.unlocked()?.ring;
        let sealed = self.writer.write(move |db| Box::pin(async move { seal(db, at, &ring).await }));
        Ok(sealed.await.map_err(while_doing(doing))? as u64)
    }
}

impl Database {
    /// Walks the whole trail. `expected` is a head that was written down earlier: it must be part of the trail.
    ///
    /// # Errors
    /// When the database cannot be read. What is wrong with the trail is in the [`Report`].
    pub async fn verify_trail(&self, expected: Option<Head>) -> Result<Report, StoreError> {
        let doing = "the audit trail could not be read";
        self.refresh_keys().await.map_err(while_doing(doing))?;
        let ring = self.unlocked()?.ring;
        self.walk_trail(Verifier::new(ring.audit(), expected)).await.map_err(while_doing(doing))
    }

    /// All in one transaction: what is sealed meanwhile must not look as if it had no seal.
    async fn walk_trail(&self, mut verifier: Verifier<'_>) -> Result<Report, sqlx::Error> {
        let mut db = dialect::snapshot(&self.reads).await?;
        let (mut number, mut end) = (i64::MIN, 0);
        loop {
            let seals = rows!(
                SealRecord,
                r#"SELECT number AS "number!", first AS "first!", last AS "last!", at AS "at!", unkeyed AS "unkeyed!","#
                    + r#" hash AS "hash!", key_id AS "key_id!" FROM audit_seals WHERE number > $1 ORDER BY number LIMIT $2"#,
                number,
                SEALS
            );
            let seals = seals.fetch_all(&mut *db).await?;
            let (Some(first), Some(last)) = (seals.first(), seals.last()) else { break };
            number = last.number;
            let covered = entries!(
                "SELECT ",
                " FROM audit WHERE position BETWEEN $1 AND $2 ORDER BY position, id",
                first.first,
                last.last
            );
            let entries: Vec<_> = covered.fetch_all(&mut *db).await?.into_iter().map(EntryRecord::read).collect();
            end = last.last;
            for seal in seals.into_iter().map(SealRecord::read) {
                let from = entries.partition_point(|entry| entry.position < seal.first);
                let to = entries.partition_point(|entry| entry.position <= seal.last);
                verifier.seal(seal, entries.get(from..to).unwrap_or_default());
            }
        }
        let mut after = i64::MIN;
        loop {
            let rest = entries!(
                "SELECT ",
                " FROM audit WHERE id > $1 AND (position IS NULL OR position > $2 OR position < 1) ORDER BY id LIMIT $3",
                after,
                end,
                UNSEALED
            );
            let rest = rest.fetch_all(&mut *db).await?;
            let Some(last) = rest.last() else { break };
            after = last.id;
            for entry in rest {
                verifier.tail(&entry.read());
            }
        }
        let copies = entries!(
            "SELECT ",
            " FROM audit WHERE mac IN (SELECT mac FROM audit GROUP BY mac HAVING count(*) > 1) ORDER BY id LIMIT 2"
        );
        if let Some(copy) = copies.fetch_all(&mut *db).await?.pop() {
            verifier.copied(copy.read());
        }
        Ok(verifier.finish())
    }
}
