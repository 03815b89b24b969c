//! Leases by script. Nobody else changes anything, so there is nothing to be told.

use std::{sync::atomic::Ordering, time::Duration};

use async_trait::async_trait;
use engine::{
    StoreError,
    store::{Change, Cluster, Notices, Position, ReplicaId, RunRow},
};
use model::RunId;

use super::store::{TestStore, scripted};

#[async_trait]
impl Cluster for TestStore {
    fn term(&self) -> Duration {
        Duration::from_secs(6)
    }

    async fn renew(&self, _: &ReplicaId) -> Result<bool, StoreError> {
        if self.cut_off.load(Ordering::Relaxed) { Err(scripted()) } else { Ok(true) }
    }

    async fn leave(&self, _: &ReplicaId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn position(&self) -> Result<Position, StoreError> {
        Ok(Position(String::new()))
    }

    async fn changes(&self, position: &Position) -> Result<(Vec<Change>, Position), StoreError> {
        Ok((Vec::new(), position.clone()))
    }

    async fn changes_since(&self, _: &Position, _: u32) -> Result<Option<Vec<Change>>, StoreError> {
        Ok(None)
    }

    async fn sequence(&self) -> Result<String, StoreError> {
        Ok("scripted".to_owned())
    }

    async fn runs_of(&self, _: &[RunId]) -> Result<Vec<RunRow>, StoreError> {
        Ok(Vec::new())
    }

    async fn notify(&self, _: &ReplicaId) -> Result<(), StoreError> {
        Ok(())
    }

    async fn listen(&self) -> Result<Box<dyn Notices>, StoreError> {
        Ok(Box::new(Silence))
    }
}

struct Silence;

#[async_trait]
impl Notices for Silence {
    async fn next(&mut self) -> Result<Option<ReplicaId>, StoreError> {
        std::future::pending().await
    }
}
