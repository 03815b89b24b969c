use async_trait::async_trait;
use engine::{
    StoreError, fold_email,
    store::{AuditEntry, LinkPurpose, LinkRow, LinkStore, LinkUse, NewUser},
};
use model::{LinkId, Millis};

use super::{
    Connection, Database,
    accounts::{close_password_links, insert_user, is_last_admin},
    audit,
    rights::bump_rights,
    row::{LinkRecord, text},
    sessions, while_doing,
};

/// `links!(" WHERE id = $1", id)`: rows of links as [`LinkRecord`].
macro_rules! links {
    ($after:literal $(, $argument:expr)* $(,)?) => {
        rows!(
            LinkRecord,
            r#"SELECT id AS "id!", fingerprint AS "fingerprint!", user_id AS "user_id?", email AS "email!", "#
                + r#"role AS "role!", created_by AS "created_by?", created_at AS "created_at!", "#
                + r#"expires_at AS "expires_at!", closed_at AS "closed_at?" FROM links"#
                + $after
            $(, $argument)*
        )
    };
}

/// Whether it was open until now.
async fn close(db: &mut Connection, fingerprint: &str, at: Millis) -> Result<bool, sqlx::Error> {
    let close = statement!(
        "UPDATE links SET closed_at = $2 WHERE fingerprint = $1 AND closed_at IS NULL AND expires_at > $2",
        fingerprint,
        at
    );
    Ok(close.execute(db).await?.rows_affected() > 0)
}

#[async_trait]
impl LinkStore for Database {
    async fn create_link(&self, link: LinkRow, entry: AuditEntry) -> Result<bool, StoreError> {
        let entry = self.sign(entry)?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let at = link.created_at;
                let (purpose, user, email, role) = match &link.purpose {
                    LinkPurpose::Password(user) => ("password", Some(user.as_str()), String::new(), ""),
                    LinkPurpose::Invitation { email, role } => {
                        ("invitation", None, text(fold_email(email)), role.as_str())
                    }
                };
                match user {
                    Some(user) => {
                        bump_rights(db).await?;
                        if link.created_by.is_some() && is_last_admin(db, user).await? {
                            return Ok(false);
                        }
                        close_password_links(db, user, at).await?;
                        sessions::end_all(db, user, None, at).await?;
                        statement!("UPDATE users SET password_hash = '' WHERE id = $1", user).execute(&mut *db).await?;
                    }
                    None => {
                        let earlier = statement!(
                            "UPDATE links SET closed_at = $2 WHERE purpose = 'invitation' AND email = $1 AND closed_at IS NULL",
                            email.as_str(),
                            at
                        );
                        earlier.execute(&mut *db).await?;
                    }
                }
                statement!(
                    "INSERT INTO links (id, fingerprint, purpose, user_id, email, role, created_by, created_at, expires_at)"
                        + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    link.id.as_str(),
                    link.fingerprint,
                    purpose,
                    user,
                    email,
                    role,
                    link.created_by.as_ref().map(|user| user.as_str()),
                    at,
                    link.expires_at
                )
                .execute(&mut *db)
                .await?;
                audit::record(db, entry).await?;
                Ok(true)
            })
        });
        work.await.map_err(while_doing("the link could not be stored"))
    }

    async fn link(&self, fingerprint: &str) -> Result<Option<LinkRow>, StoreError> {
        let doing = "the link could not be read";
        let row = links!(" WHERE fingerprint = $1", fingerprint);
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(LinkRecord::read).transpose().map_err(while_doing(doing))
    }

    async fn open_invitations(&self, now: Millis) -> Result<Vec<LinkRow>, StoreError> {
        let doing = "the invitations could not be read";
        let rows = links!(
            " WHERE purpose = 'invitation' AND closed_at IS NULL AND expires_at > $1 ORDER BY created_at DESC, id",
            now
        );
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.into_iter().map(LinkRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    async fn use_password_link(
        &self,
        fingerprint: &str,
        password_hash: String,
        entry: AuditEntry,
    ) -> Result<LinkUse, StoreError> {
        let (fingerprint, at, entry) = (fingerprint.to_owned(), entry.at, self.sign(entry)?);
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                bump_rights(db).await?;
                if !close(db, &fingerprint, at).await? {
                    return Ok(LinkUse::Closed);
                }
                let user = value!(
                    r#"UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE disabled_at IS NULL"#
                        + r#" AND id = (SELECT user_id FROM links WHERE fingerprint = $1) RETURNING id AS "id!""#,
                    fingerprint,
                    password_hash,
                    at
                );
                let Some(user) = user.fetch_optional(&mut *db).await? else { return Ok(LinkUse::Closed) };
                sessions::end_all(db, &user, None, at).await?;
                audit::record(db, entry).await?;
                Ok(LinkUse::Done)
            })
        });
        work.await.map_err(while_doing("the new password could not be stored"))
    }

    async fn use_invitation(&self, fingerprint: &str, user: NewUser, entry: AuditEntry) -> Result<LinkUse, StoreError> {
        let (fingerprint, at, entry) = (fingerprint.to_owned(), entry.at, self.sign(entry)?);
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                if !close(db, &fingerprint, at).await? {
                    return Ok(LinkUse::Closed);
                }
                Ok(if insert_user(db, user, false, entry).await? { LinkUse::Done } else { LinkUse::EmailTaken })
            })
        });
        work.await.map_err(while_doing("the account could not be stored"))
    }

    async fn withdraw_invitation(&self, id: &LinkId, entry: AuditEntry) -> Result<bool, StoreError> {
        let (id, entry) = (id.to_string(), self.sign(entry)?);
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let close = statement!(
                    "UPDATE links SET closed_at = $2 WHERE id = $1 AND purpose = 'invitation' AND closed_at IS NULL",
                    id,
                    entry.at
                );
                if close.execute(&mut *db).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                audit::record(db, entry).await?;
                Ok(true)
            })
        });
        work.await.map_err(while_doing("the invitation could not be withdrawn"))
    }
}
