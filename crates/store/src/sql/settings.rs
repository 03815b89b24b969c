use async_trait::async_trait;
use engine::{
    StoreError,
    store::{AuditEntry, SettingStore},
};

use super::{Database, audit, row::text, while_doing};

#[async_trait]
impl SettingStore for Database {
    async fn setting(&self, name: &str) -> Result<Option<String>, StoreError> {
        let value = value!(r#"SELECT value AS "value!" FROM settings WHERE name = $1"#, name);
        value.fetch_optional(&self.reads).await.map_err(while_doing("a setting could not be read"))
    }

    async fn set_setting(&self, name: &str, value: Option<String>, entry: AuditEntry) -> Result<(), StoreError> {
        let (name, entry) = (name.to_owned(), self.sign(entry)?);
        let work = self.writer.write(move |db| {
            Box::pin(async move {
                match value {
                    None => statement!("DELETE FROM settings WHERE name = $1", name).execute(&mut *db).await?,
                    Some(value) => {
                        statement!(
                            "INSERT INTO settings (name, value) VALUES ($1, $2)"
                                + " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                            name,
                            text(value)
                        )
                        .execute(&mut *db)
                        .await?
                    }
                };
                audit::record(db, entry).await
            })
        });
        work.await.map_err(while_doing("a setting could not be stored"))
    }
}
