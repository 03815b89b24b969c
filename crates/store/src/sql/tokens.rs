use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AuditEntry, LastUse, TokenRow, TokenStore, UserRow},
};
use model::{TokenId, UserId};

use super::{
    Database, audit,
    rights::bump_rights,
    row::{TokenRecord, text},
    while_doing,
};

/// `tokens!(" WHERE id = $1", id)`: tokens beside their owners as [`TokenRecord`].
macro_rules! tokens {
    ($after:literal $(, $argument:expr)* $(,)?) => {
        rows!(
            TokenRecord,
            r#"SELECT tokens.id AS "token!", tokens.fingerprint AS "fingerprint!", tokens.name AS "token_name!", "#
                + r#"tokens.suffix AS "suffix!", tokens.scopes AS "scopes!", tokens.runs_per_minute AS "runs_per_minute?", "#
                + r#"tokens.created_at AS "made_at!", tokens.expires_at AS "expires_at?", "#
                + r#"tokens.revoked_at AS "revoked_at?", tokens.last_used_at AS "last_used_at?", "#
                + r#"tokens.address AS "address!", users.id AS "id!", users.email AS "email!", users.name AS "name!", "#
                + r#"users.role AS "role!", users.password_hash AS "password_hash!", users.created_at AS "created_at!", "#
                + r#"users.disabled_at AS "disabled_at?", users.last_seen_at AS "last_seen_at?", "#
                + r#"users.password_changed_at AS "password_changed_at?", "#
                + r#"(SELECT kind FROM principals WHERE principals.id = users.id) AS "kind!" FROM tokens JOIN users ON users.id = tokens.owner"#
                + $after
            $(, $argument)*
        )
    };
}

#[async_trait]
impl TokenStore for Database {
    async fn create_token(&self, token: TokenRow, entry: AuditEntry) -> Result<(), StoreError> {
        let doing = "the API token could not be stored";
        let entry = self.sign(entry)?;
        let scopes = serde_json::to_string(&token.scopes).map_err(while_doing(doing))?;
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                statement!(
                    "INSERT INTO tokens (id, fingerprint, owner, name, suffix, scopes, runs_per_minute, created_at, expires_at)"
                        + " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
                    String::from(token.id),
                    token.fingerprint,
                    String::from(token.owner),
                    text(token.name),
                    token.suffix,
                    scopes,
                    token.runs_per_minute.map(i64::from),
                    token.created_at,
                    token.expires_at
                )
                .execute(&mut *db)
                .await?;
                audit::record(db, entry).await
            })
        });
        work.await.map_err(while_doing(doing))
    }

    async fn token(&self, fingerprint: &str) -> Result<Option<(TokenRow, UserRow)>, StoreError> {
        let doing = "the API token could not be read";
        let row = tokens!(" WHERE tokens.fingerprint = $1", fingerprint);
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(TokenRecord::read).transpose().map_err(while_doing(doing))
    }

    async fn token_by_id(&self, id: &TokenId) -> Result<Option<(TokenRow, UserRow)>, StoreError> {
        let doing = "the API token could not be read";
        let row = tokens!(" WHERE tokens.id = $1", id.as_str());
        let row = row.fetch_optional(&self.reads).await.map_err(while_doing(doing))?;
        row.map(TokenRecord::read).transpose().map_err(while_doing(doing))
    }

    async fn tokens(&self, owner: Option<&UserId>) -> Result<Vec<(TokenRow, UserRow)>, StoreError> {
        let doing = "the API tokens could not be read";
        let rows = match owner {
            Some(owner) => {
                tokens!(" WHERE tokens.owner = $1 ORDER BY tokens.created_at DESC, tokens.id", owner.as_str())
                    .fetch_all(&self.reads)
                    .await
            }
            None => tokens!(" ORDER BY tokens.created_at DESC, tokens.id").fetch_all(&self.reads).await,
        };
        let rows = rows.map_err(while_doing(doing))?;
        rows.into_iter().map(TokenRecord::read).collect::<Result<_, _>>().map_err(while_doing(doing))
    }

    async fn revoke_token(&self, id: &TokenId, entry: AuditEntry) -> Result<bool, StoreError> {
        let (id, entry) = (id.to_string(), self.sign(entry)?);
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let revoke =
                    statement!("UPDATE tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL", id, entry.at);
                if revoke.execute(&mut *db).await?.rows_affected() == 0 {
                    return Ok(false);
                }
                bump_rights(db).await?;
                audit::record(db, entry).await?;
                Ok(true)
            })
        });
        work.await.map_err(while_doing("the API token could not be revoked"))
    }

    async fn token_used(&self, fingerprint: &str, last: LastUse) -> Result<(), StoreError> {
        let fingerprint = fingerprint.to_owned();
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                let used = statement!(
                    "UPDATE tokens SET last_used_at = $2, address = $3 WHERE fingerprint = $1",
                    fingerprint,
                    last.at,
                    text(last.address)
                );
                used.execute(db).await.map(drop)
            })
        });
        work.await.map_err(while_doing("the use of an API token could not be stored"))
    }
}
