//! One transaction for each write. PostgreSQL itself lets transactions share a flush of its log.

use std::sync::Arc;

use sqlx::PgPool;

use super::Connection;
use crate::write::{BoxFuture, WriteError};

pub struct Writer(PgPool);

impl Writer {
    pub fn new(pool: PgPool) -> Self {
        Self(pool)
    }

    /// Runs `work` inside a transaction; `Ok` means that it is on the disk. A caller that goes away changes
    /// nothing.
    pub async fn write<T, F>(&self, work: F) -> Result<T, WriteError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut Connection) -> BoxFuture<'c, Result<T, sqlx::Error>> + Send + 'static,
    {
        let pool = self.0.clone();
        let written = tokio::spawn(async move {
            let failed = |error| WriteError::Transaction(Arc::new(error));
            let mut transaction = pool.begin().await.map_err(failed)?;
            // On an error the transaction is dropped, which rolls it back.
            let value = work(&mut transaction).await.map_err(WriteError::Refused)?;
            transaction.commit().await.map_err(failed)?;
            Ok(value)
        });
        written
            .await
            .unwrap_or_else(|ended| Err(if ended.is_panic() { WriteError::Panicked } else { WriteError::Closed }))
    }
}
