use async_trait::async_trait;
use engine::{
    StoreError, fold_email,
    store::{AccountStore, AuditEntry, Changed, NewUser, UserChange, UserRow},
};
use model::{Millis, PrincipalKind, Role, UserId};

use super::{
    Connection, Database, audit,
    rights::bump_rights,
    row::{UserRecord, text, users},
    sessions, while_doing,
};
use crate::audit::Sealable;

/// `false` when the email (or, for a founder, the place) is taken.
pub async fn insert_user(
    db: &mut Connection,
    user: NewUser,
    founder: bool,
    entry: Sealable,
) -> Result<bool, sqlx::Error> {
    let (id, name) = (String::from(user.id), text(user.name));
    // An email that nobody can have.
    let folded = match user.kind {
        PrincipalKind::Person => text(fold_email(&user.email)),
        kind => format!("{}:{id}", kind.as_str()),
    };
    let principal = statement!(
        "INSERT INTO principals (id, kind, name, created_at) VALUES ($1, $2, $3, $4)",
        id,
        user.kind.as_str(),
        name,
        user.at
    );
    principal.execute(&mut *db).await?;
    let inserted = statement!(
        "INSERT INTO users (id, email, email_folded, name, role, password_hash, created_at, founder)"
            + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING",
        id,
        text(user.email.as_str()),
        folded,
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

    /// An account from before emails were folded as they are now is found as it was folded then.
    async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError> {
        let doing = "the account could not be read";
        let (folded, lower) = (text(fold_email(email)), text(email.to_lowercase()));
        let row = users!(
            "SELECT ",
            " FROM users WHERE email_folded IN ($1, $2) ORDER BY CASE email_folded WHEN $1 THEN 0 ELSE 1 END LIMIT 1",
            folded,
            lower
        );
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(UserRecord::read).transpose().map_err(while_doing(doing))
    }

    async fn user(&self, id: &UserId) -> Result<Option<UserRow>, StoreError> {
        let doing = "the account could not be read";
        let row = users!("SELECT ", " FROM users WHERE id = $1", id.as_str());
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(UserRecord::read).transpose().map_err(while_doing(doing))
    }

    async fn users(&self) -> Result<Vec<UserRow>, StoreError> {
        let doing = "the accounts could not be read";
        let rows = users!("SELECT ", " FROM users ORDER BY created_at, id");
        let rows = rows.fetch_all(&self.reads).await.map_err(while_doing(doing))?;
        rows.into_iter().map(UserRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    async fn change_user(&self, id: &UserId, change: UserChange, entry: AuditEntry) -> Result<Changed, StoreError> {
        let (id, at, entry) = (id.to_string(), entry.at, self.sign(entry)?);
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                // First: of two that want to go, the second sees that the first has gone.
                bump_rights(db).await?;
                let takes_an_admin = matches!(&change, UserChange::Disable)
                    || matches!(&change, UserChange::Role(role) if *role != Role::Admin);
                if takes_an_admin && is_last_admin(db, &id).await? {
                    return Ok(Changed::LastAdmin);
                }
                if !change_row(db, &id, &change, at).await? {
                    return Ok(Changed::No);
                }
                end_what_it_opened(db, &id, change, at).await?;
                audit::record(db, entry).await?;
                Ok(Changed::Yes)
            })
        });
        work.await.map_err(while_doing("the account could not be changed"))
    }
}

/// Whether nobody else could log in as an administrator.
pub async fn is_last_admin(db: &mut Connection, id: &str) -> Result<bool, sqlx::Error> {
    let last = value!(
        r#"SELECT EXISTS (SELECT 1 FROM users WHERE id = $1 AND role = 'admin' AND disabled_at IS NULL"#
            + " AND password_hash <> '') AND NOT EXISTS (SELECT 1 FROM users WHERE id <> $1 AND role = 'admin'"
            + r#" AND disabled_at IS NULL AND password_hash <> '') AS "last!: bool""#,
        id
    );
    last.fetch_one(db).await
}

/// `false` when it is so already.
async fn change_row(db: &mut Connection, id: &str, change: &UserChange, at: Millis) -> Result<bool, sqlx::Error> {
    let changed = match change {
        UserChange::Name(name) => {
            let name = text(name.as_str());
            statement!("UPDATE users SET name = $2 WHERE id = $1 AND name <> $2", id, name).execute(db).await?
        }
        UserChange::Role(role) => {
            let role = role.as_str();
            statement!("UPDATE users SET role = $2 WHERE id = $1 AND role <> $2", id, role).execute(db).await?
        }
        UserChange::Disable => {
            statement!("UPDATE users SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL", id, at)
                .execute(db)
                .await?
        }
        UserChange::Enable => {
            statement!("UPDATE users SET disabled_at = NULL WHERE id = $1 AND disabled_at IS NOT NULL", id)
                .execute(db)
                .await?
        }
        UserChange::Password { hash, .. } => {
            statement!("UPDATE users SET password_hash = $2, password_changed_at = $3 WHERE id = $1", id, hash, at)
                .execute(db)
                .await?
        }
    };
    Ok(changed.rows_affected() > 0)
}

async fn end_what_it_opened(db: &mut Connection, id: &str, change: UserChange, at: Millis) -> Result<(), sqlx::Error> {
    match change {
        UserChange::Role(role) if role != Role::Admin => close_links_made_by(db, id, at).await,
        UserChange::Name(_) | UserChange::Role(_) | UserChange::Enable => Ok(()),
        UserChange::Password { keep, .. } => {
            sessions::end_all(db, id, keep.as_deref(), at).await?;
            close_password_links(db, id, at).await
        }
        UserChange::Disable => {
            sessions::end_all(db, id, None, at).await?;
            close_password_links(db, id, at).await?;
            close_links_made_by(db, id, at).await?;
            statement!("UPDATE tokens SET revoked_at = $2 WHERE owner = $1 AND revoked_at IS NULL", id, at)
                .execute(db)
                .await
                .map(drop)
        }
    }
}

/// Whoever made a link may still have it.
async fn close_links_made_by(db: &mut Connection, user: &str, at: Millis) -> Result<(), sqlx::Error> {
    let close = statement!("UPDATE links SET closed_at = $2 WHERE created_by = $1 AND closed_at IS NULL", user, at);
    close.execute(db).await.map(drop)
}

pub async fn close_password_links(db: &mut Connection, user: &str, at: Millis) -> Result<(), sqlx::Error> {
    let close = statement!("UPDATE links SET closed_at = $2 WHERE user_id = $1 AND closed_at IS NULL", user, at);
    close.execute(db).await.map(drop)
}
