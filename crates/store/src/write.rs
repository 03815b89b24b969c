//! What both databases say about a write.

use std::{future::Future, pin::Pin, sync::Arc};

use engine::StoreError;

pub type BoxFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Why a write did not happen.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    #[error(transparent)]
    Refused(sqlx::Error),
    #[error("the transaction failed")]
    Transaction(#[source] Arc<sqlx::Error>),
    #[error("the write panicked and was undone")]
    Panicked,
    #[error("the database is closed")]
    Closed,
}

impl WriteError {
    /// Whether this constraint or unique index refused it.
    pub fn is_about(&self, constraint: &str) -> bool {
        matches!(self, Self::Refused(sqlx::Error::Database(error)) if error.constraint() == Some(constraint))
    }
}

/// For `map_err`: what was being done when the database failed.
pub fn while_doing<E>(context: &'static str) -> impl FnOnce(E) -> StoreError
where
    E: std::error::Error + Send + Sync + 'static,
{
    move |source| StoreError { context, source: Box::new(source) }
}
