use engine::{
    StoreError,
    store::{ApiTokenRow, AuditEntry, NewUser, SessionRow, UserRow},
};
use model::Millis;
use sqlx::{SqliteConnection, query, query_scalar};

use super::{
    SqliteStore, audit,
    error::while_doing,
    row::{self, user_columns},
};

/// Failed log-ins older than this are of no use to anyone.
const FAILURES_KEPT_MS: Millis = 24 * 60 * 60 * 1000;

const ANY_USER: &str = "SELECT EXISTS (SELECT 1 FROM users)";
const INSERT_USER: &str = "INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at, founder) \
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";
const USER_BY_EMAIL: &str = concat!("SELECT ", user_columns!(), " FROM users WHERE email_folded = $1");
const INSERT_SESSION: &str =
    "INSERT INTO sessions (fingerprint, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
const SESSION: &str = concat!(
    "SELECT sessions.fingerprint, sessions.user_id, sessions.created_at, sessions.expires_at, ",
    user_columns!(),
    " FROM sessions JOIN users ON users.id = sessions.user_id WHERE sessions.fingerprint = $1"
);
const END_SESSION: &str = "UPDATE sessions SET expires_at = $2 WHERE fingerprint = $1 AND expires_at > $2";
const PRUNE_SESSIONS: &str = "DELETE FROM sessions WHERE expires_at < $1";
const INSERT_TOKEN: &str = "INSERT INTO api_tokens (fingerprint, user_id, name, created_at) VALUES ($1, $2, $3, $4)";
const USER_BY_TOKEN: &str = concat!(
    "SELECT ",
    user_columns!(),
    " FROM api_tokens JOIN users ON users.id = api_tokens.user_id WHERE api_tokens.fingerprint = $1"
);
const INSERT_FAILURE: &str = "INSERT INTO login_failures (key, at) VALUES ($1, $2)";
const PRUNE_FAILURES: &str = "DELETE FROM login_failures WHERE at < $1";
const COUNT_FAILURES: &str = "SELECT count(*) FROM login_failures WHERE key = $1 AND at >= $2";

/// Emails compare without case, in every script.
fn fold(email: &str) -> String {
    email.to_lowercase()
}

/// `false` when the email (or, for a founder, the place) is taken.
async fn insert_user(
    db: &mut SqliteConnection,
    user: NewUser,
    founder: bool,
    entry: AuditEntry,
) -> Result<bool, sqlx::Error> {
    let inserted = query(INSERT_USER)
        .bind(String::from(user.id))
        .bind(&user.email)
        .bind(fold(&user.email))
        .bind(user.name)
        .bind(user.role.as_str())
        .bind(user.password_hash)
        .bind(user.at)
        .bind(founder.then_some(1_i64))
        .execute(&mut *db)
        .await?;
    if inserted.rows_affected() == 0 {
        return Ok(false);
    }
    audit::record(db, entry).await?;
    Ok(true)
}

impl SqliteStore {
    pub(super) async fn any_user(&self) -> Result<bool, StoreError> {
        query_scalar(ANY_USER).fetch_one(&self.reads).await.map_err(while_doing("the accounts could not be read"))
    }

    pub(super) async fn add_first_user(&self, user: NewUser, entry: AuditEntry) -> Result<bool, StoreError> {
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let taken: bool = query_scalar(ANY_USER).fetch_one(&mut *db).await?;
                if taken { Ok(false) } else { insert_user(db, user, true, entry).await }
            })
        });
        work.await.map_err(while_doing("the first account could not be stored"))
    }

    pub(super) async fn add_user(&self, user: NewUser, entry: AuditEntry) -> Result<bool, StoreError> {
        let work = self.writer.write(move |db| Box::pin(insert_user(db, user, false, entry)));
        work.await.map_err(while_doing("the account could not be stored"))
    }

    pub(super) async fn find_user(&self, email: &str) -> Result<Option<UserRow>, StoreError> {
        let doing = "the account could not be read";
        let row =
            query(USER_BY_EMAIL).bind(fold(email)).fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.as_ref().map(row::user).transpose().map_err(while_doing(doing))
    }

    pub(super) async fn add_session(&self, session: SessionRow, entry: AuditEntry) -> Result<(), StoreError> {
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                query(INSERT_SESSION)
                    .bind(session.fingerprint)
                    .bind(String::from(session.user))
                    .bind(session.created_at)
                    .bind(session.expires_at)
                    .execute(&mut *db)
                    .await?;
                audit::record(db, entry).await
            })
        });
        work.await.map_err(while_doing("the session could not be stored"))
    }

    pub(super) async fn find_session(&self, fingerprint: &str) -> Result<Option<(SessionRow, UserRow)>, StoreError> {
        let doing = "the session could not be read";
        let row = query(SESSION).bind(fingerprint).fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        let both = row.as_ref().map(|row| Ok((row::session(row)?, row::user(row)?)));
        both.transpose().map_err(while_doing::<sqlx::Error>(doing))
    }

    /// A session that was not there leaves no audit entry: nothing was done.
    pub(super) async fn expire_session(&self, fingerprint: &str, entry: AuditEntry) -> Result<(), StoreError> {
        let fingerprint = fingerprint.to_owned();
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let ended = query(END_SESSION).bind(fingerprint).bind(entry.at).execute(&mut *db).await?;
                if ended.rows_affected() == 0 { Ok(()) } else { audit::record(db, entry).await }
            })
        });
        work.await.map_err(while_doing("the session could not be ended"))
    }

    pub(super) async fn drop_sessions(&self, before: Millis) -> Result<(), StoreError> {
        let work = self
            .writer
            .write(move |db| Box::pin(async move { query(PRUNE_SESSIONS).bind(before).execute(db).await.map(drop) }));
        work.await.map_err(while_doing("the expired sessions could not be removed"))
    }

    pub(super) async fn add_token(&self, token: ApiTokenRow, entry: AuditEntry) -> Result<(), StoreError> {
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                query(INSERT_TOKEN)
                    .bind(token.fingerprint)
                    .bind(String::from(token.user))
                    .bind(token.name)
                    .bind(token.created_at)
                    .execute(&mut *db)
                    .await?;
                audit::record(db, entry).await
            })
        });
        work.await.map_err(while_doing("the API token could not be stored"))
    }

    pub(super) async fn find_token(&self, fingerprint: &str) -> Result<Option<UserRow>, StoreError> {
        let doing = "the API token could not be read";
        let row =
            query(USER_BY_TOKEN).bind(fingerprint).fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.as_ref().map(row::user).transpose().map_err(while_doing(doing))
    }

    /// Also forgets failures from more than a day before `at`, so that guessing cannot fill the disk.
    pub(super) async fn add_failure(&self, keys: &[String], at: Millis) -> Result<(), StoreError> {
        let keys = keys.to_owned();
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                for key in keys {
                    query(INSERT_FAILURE).bind(key).bind(at).execute(&mut *db).await?;
                }
                query(PRUNE_FAILURES).bind(at.saturating_sub(FAILURES_KEPT_MS)).execute(db).await.map(drop)
            })
        });
        work.await.map_err(while_doing("the failed log-in could not be stored"))
    }

    pub(super) async fn count_failures(&self, keys: &[String], since: Millis) -> Result<u32, StoreError> {
        let mut most = 0_i64;
        for key in keys {
            let count = query_scalar(COUNT_FAILURES).bind(key).bind(since).fetch_one(&self.reads).await;
            most = most.max(count.map_err(while_doing("the failed log-ins could not be read"))?);
        }
        Ok(u32::try_from(most).unwrap_or(u32::MAX))
    }
}
