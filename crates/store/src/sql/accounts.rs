use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AccountStore, ApiTokenRow, AuditEntry, NewUser, SessionRow, UserRow},
};
use model::{Millis, PrincipalKind};

use super::{
    Connection, Database, audit,
    row::{SessionRecord, UserRecord, text},
    while_doing,
};
use crate::audit::Sealable;

/// Failed log-ins older than this are of no use to anyone.
const FAILURES_KEPT_MS: Millis = 24 * 60 * 60 * 1000;

/// Emails compare without case, in every script.
fn fold(email: &str) -> String {
    text(email.to_lowercase())
}

/// `false` when the email (or, for a founder, the place) is taken.
async fn insert_user(db: &mut Connection, user: NewUser, founder: bool, entry: Sealable) -> Result<bool, sqlx::Error> {
    let (id, name) = (String::from(user.id), text(user.name));
    let principal = statement!(
        "INSERT INTO principals (id, kind, name, created_at) VALUES ($1, $2, $3, $4)",
        id,
        PrincipalKind::Person.as_str(),
        name,
        user.at
    );
    principal.execute(&mut *db).await?;
    let inserted = statement!(
        "INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at, founder)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        id,
        text(user.email.as_str()),
        fold(&user.email),
        name,
        user.role.as_str(),
        user.password_hash,
        user.at,
        founder.then_some(1_i64)
    );
    if inserted.execute(&mut *db).await?.rows_affected() == 0 {
        statement!("DELETE FROM principals WHERE id = $1", id).execute(db).await?;
        return Ok(false);
    }
    audit::record(db, entry).await?;
    Ok(true)
}

#[async_trait]
impl AccountStore for Database {
    async fn has_users(&self) -> Result<bool, StoreError> {
        let any = value!(r#"SELECT EXISTS (SELECT 1 FROM users) AS "any!: bool""#);
        any.fetch_one(&self.reads).await.map_err(while_doing("the accounts could not be read"))
    }

    async fn create_first_user(&self, user: NewUser, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let any = value!(r#"SELECT EXISTS (SELECT 1 FROM users) AS "any!: bool""#);
                let taken = any.fetch_one(&mut *db).await?;
                if taken { Ok(false) } else { insert_user(db, user, true, entry).await }
            })
        });
        work.await.map_err(while_doing("the first account could not be stored"))
    }

    async fn create_user(&self, user: NewUser, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| Box::pin(insert_user(db, user, false, entry)));
        work.await.map_err(while_doing("the account could not be stored"))
    }

    async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError> {
        let doing = "the account could not be read";
        let row = rows!(
            UserRecord,
            r#"SELECT id AS "id!", email AS "email!", name AS "name!", role AS "role!","#
                + r#" password_hash AS "password_hash!" FROM users WHERE email_folded = $1"#,
            fold(email)
        );
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(UserRecord::read).transpose().map_err(while_doing(doing))
    }

    async fn create_session(&self, session: SessionRow, entry: AuditEntry) -> Result<(), StoreError> {
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                statement!(
                    "INSERT INTO sessions (fingerprint, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)",
                    session.fingerprint,
                    String::from(session.user),
                    session.created_at,
                    session.expires_at
                )
                .execute(&mut *db)
                .await?;
                audit::record(db, entry).await
            })
        });
        work.await.map_err(while_doing("the session could not be stored"))
    }

    async fn session(&self, fingerprint: &str) -> Result<Option<(SessionRow, UserRow)>, StoreError> {
        let doing = "the session could not be read";
        let row = rows!(
            SessionRecord,
            r#"SELECT sessions.fingerprint AS "fingerprint!", sessions.created_at AS "created_at!","#
                + r#" sessions.expires_at AS "expires_at!", users.id AS "id!", users.email AS "email!","#
                + r#" users.name AS "name!", users.role AS "role!", users.password_hash AS "password_hash!""#
                + " FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.fingerprint = $1",
            fingerprint
        );
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(SessionRecord::read).transpose().map_err(while_doing(doing))
    }

    /// A session that was not there leaves no audit entry: nothing was done.
    async fn end_session(&self, fingerprint: &str, entry: AuditEntry) -> Result<(), StoreError> {
        let entry = self.sign(entry)?;
        let fingerprint = fingerprint.to_owned();
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let end = statement!(
                    "UPDATE sessions SET expires_at = $2 WHERE fingerprint = $1 AND expires_at > $2",
                    fingerprint,
                    entry.at
                );
                let ended = end.execute(&mut *db).await?;
                if ended.rows_affected() == 0 { Ok(()) } else { audit::record(db, entry).await }
            })
        });
        work.await.map_err(while_doing("the session could not be ended"))
    }

    async fn create_api_token(&self, token: ApiTokenRow, entry: AuditEntry) -> Result<(), StoreError> {
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                statement!(
                    "INSERT INTO api_tokens (fingerprint, user_id, name, created_at) VALUES ($1, $2, $3, $4)",
                    token.fingerprint,
                    String::from(token.user),
                    text(token.name),
                    token.created_at
                )
                .execute(&mut *db)
                .await?;
                audit::record(db, entry).await
            })
        });
        work.await.map_err(while_doing("the API token could not be stored"))
    }

    async fn user_by_api_token(&self, fingerprint: &str) -> Result<Option<UserRow>, StoreError> {
        let doing = "the API token could not be read";
        let row = rows!(
            UserRecord,
            r#"SELECT users.id AS "id!", users.email AS "email!", users.name AS "name!", users.role AS "role!","#
                + r#" users.password_hash AS "password_hash!""#
                + " FROM api_tokens JOIN users ON users.id = api_tokens.user_id WHERE api_tokens.fingerprint = $1",
            fingerprint
        );
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(UserRecord::read).transpose().map_err(while_doing(doing))
    }

    /// Also forgets failures from more than a day before `at`, so that guessing cannot fill the disk.
    async fn note_login_failure(&self, keys: &[String], at: Millis) -> Result<(), StoreError> {
        let keys: Vec<String> = keys.iter().map(text).collect();
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                for key in keys {
                    let note = statement!("INSERT INTO login_failures (key, at) VALUES ($1, $2)", key, at);
                    note.execute(&mut *db).await?;
                }
                let oldest = at.saturating_sub(FAILURES_KEPT_MS);
                statement!("DELETE FROM login_failures WHERE at < $1", oldest).execute(db).await.map(drop)
            })
        });
        work.await.map_err(while_doing("the failed log-in could not be stored"))
    }

    async fn login_failures(&self, keys: &[String], since: Millis) -> Result<u32, StoreError> {
        let mut most = 0_i64;
        for key in keys {
            let count = value!(
                r#"SELECT count(*) AS "count!" FROM login_failures WHERE key = $1 AND at >= $2"#,
                text(key),
                since
            );
            let count = count.fetch_one(&self.reads).await;
            most = most.max(count.map_err(while_doing("the failed log-ins could not be read"))?);
        }
        Ok(u32::try_from(most).unwrap_or(u32::MAX))
    }
}
