use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AuditEntry, LastUse, NewSession, SessionRow, SessionStore, UserRow},
};
use model::{Millis, UserId};

use super::{
    Connection, Database, audit,
    rights::bump_rights,
    row::{SessionOfUserRecord, SessionRecord, text},
    while_doing,
};

/// Browsers that were not seen for so long are strangers again.
const BROWSERS_KEPT_MS: Millis = 400 * 24 * 60 * 60 * 1000;

/// Ends the sessions of a person; how many.
pub async fn end_all(db: &mut Connection, user: &str, keep: Option<&str>, at: Millis) -> Result<u64, sqlx::Error> {
    let end = statement!(
        "UPDATE sessions SET expires_at = $2 WHERE user_id = $1 AND expires_at > $2 AND fingerprint <> $3",
        user,
        at,
        keep.unwrap_or_default()
    );
    Ok(end.execute(db).await?.rows_affected())
}

#[async_trait]
impl SessionStore for Database {
    /// Holds the account's row: whatever ends its sessions comes before, and is seen, or after, and ends this one too.
    async fn create_session(&self, new: NewSession, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let NewSession { session, password_hash, browser } = new;
                let (user, at) = (session.user.to_string(), session.created_at);
                let seen = statement!(
                    "UPDATE users SET last_seen_at = $2 WHERE id = $1 AND password_hash = $3 AND disabled_at IS NULL",
                    user.as_str(),
                    at,
                    password_hash
                );
                if seen.execute(&mut *db).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                statement!(
                    "INSERT INTO sessions (fingerprint, user_id, created_at, expires_at, device, address, last_used_at)"
                        + " VALUES ($1, $2, $3, $4, $5, $6, $7)",
                    session.fingerprint,
                    user.as_str(),
                    at,
                    session.expires_at,
                    text(session.device),
                    text(session.address),
                    session.last_used_at
                )
                .execute(&mut *db)
                .await?;
                know(db, &browser, &user, at).await?;
                audit::record(db, entry).await?;
                Ok(true)
            })
        });
        work.await.map_err(while_doing("the session could not be stored"))
    }

    async fn session(&self, fingerprint: &str) -> Result<Option<(SessionRow, UserRow)>, StoreError> {
        let doing = "the session could not be read";
        let row = rows!(
            SessionOfUserRecord,
            r#"SELECT sessions.fingerprint AS "fingerprint!", sessions.created_at AS "opened_at!","#
                + r#" sessions.expires_at AS "expires_at!", sessions.device AS "device!","#
                + r#" sessions.address AS "address!", sessions.last_used_at AS "last_used_at?","#
                + r#" users.id AS "id!", users.email AS "email!", users.name AS "name!", users.role AS "role!","#
                + r#" users.password_hash AS "password_hash!", users.created_at AS "created_at!","#
                + r#" users.disabled_at AS "disabled_at?", users.last_seen_at AS "last_seen_at?","#
                + r#" users.password_changed_at AS "password_changed_at?","#
                + r#" (SELECT kind FROM principals WHERE principals.id = users.id) AS "kind!""#
                + " FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.fingerprint = $1",
            fingerprint
        );
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(SessionOfUserRecord::read).transpose().map_err(while_doing(doing))
    }

    async fn sessions_of(&self, user: &UserId, now: Millis) -> Result<Vec<SessionRow>, StoreError> {
        let doing = "the sessions could not be read";
        let rows = rows!(
            SessionRecord,
            r#"SELECT fingerprint AS "fingerprint!", user_id AS "user_id!", created_at AS "created_at!","#
                + r#" expires_at AS "expires_at!", device AS "device!", address AS "address!","#
                + r#" last_used_at AS "last_used_at?" FROM sessions WHERE user_id = $1 AND expires_at > $2"#
                + " ORDER BY created_at DESC, fingerprint",
            user.as_str(),
            now
        );
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.into_iter().map(SessionRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    async fn end_session(&self, user: &UserId, fingerprint: &str, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let (user, fingerprint) = (user.to_string(), fingerprint.to_owned());
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let end = statement!(
                    "UPDATE sessions SET expires_at = $3 WHERE fingerprint = $1 AND user_id = $2 AND expires_at > $3",
                    fingerprint,
                    user,
                    entry.at
                );
                if end.execute(&mut *db).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                bump_rights(db).await?;
                audit::record(db, entry).await?;
                Ok(true)
            })
        });
        work.await.map_err(while_doing("the session could not be ended"))
    }

    async fn end_sessions(&self, user: &UserId, keep: Option<&str>, entry: AuditEntry) -> Result<u64, StoreError> {
        let entry = self.sign(entry)?;
        let (user, keep) = (user.to_string(), keep.map(str::to_owned));
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let ended = end_all(db, &user, keep.as_deref(), entry.at).await?;
                if ended > 0 {
                    bump_rights(db).await?;
                    audit::record(db, entry).await?;
                }
                Ok(ended)
            })
        });
        work.await.map_err(while_doing("the sessions could not be ended"))
    }

    async fn session_used(&self, fingerprint: &str, last: LastUse) -> Result<(), StoreError> {
        let fingerprint = fingerprint.to_owned();
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                statement!(
                    "UPDATE sessions SET last_used_at = $2, address = $3 WHERE fingerprint = $1 AND expires_at > $2",
                    fingerprint.as_str(),
                    last.at,
                    text(last.address)
                )
                .execute(&mut *db)
                .await?;
                let seen = statement!(
                    "UPDATE users SET last_seen_at = $2 WHERE id = (SELECT user_id FROM sessions WHERE fingerprint = $1)",
                    fingerprint,
                    last.at
                );
                seen.execute(db).await.map(drop)
            })
        });
        work.await.map_err(while_doing("the use of a session could not be stored"))
    }
}

/// From now on this person is known to use this browser.
async fn know(db: &mut Connection, browser: &str, user: &str, at: Millis) -> Result<(), sqlx::Error> {
    let know = statement!(
        "INSERT INTO browsers (fingerprint, user_id, seen_at) VALUES ($1, $2, $3)"
            + " ON CONFLICT (fingerprint, user_id) DO UPDATE SET seen_at = excluded.seen_at",
        browser,
        user,
        at
    );
    know.execute(&mut *db).await?;
    let oldest = at.saturating_sub(BROWSERS_KEPT_MS);
    statement!("DELETE FROM browsers WHERE seen_at < $1", oldest).execute(db).await.map(drop)
}
