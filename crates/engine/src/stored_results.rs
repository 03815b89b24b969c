//! Stored results as they are read: large ones one after the other, and one for all who want the same at a time.

use std::{
    collections::HashMap,
    ops::Deref,
    sync::{Arc, Mutex, PoisonError, Weak},
};

use model::RunId;
use schema::{OutputField, ResultView};
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::{Engine, EngineError, Fields, Projection, store::RunRow};

/// From here on a result is read and laid out when no other one is.
const LARGE: u64 = 1_000_000;

/// A result as Codika sent it, byte for byte. Clones are the same bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredResult(Arc<Vec<u8>>);

impl Deref for StoredResult {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl AsRef<[u8]> for StoredResult {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

pub(crate) struct Results {
    turn: Semaphore,
    /// Large ones that somebody still has.
    read: Mutex<HashMap<RunId, Weak<Vec<u8>>>>,
}

impl Default for Results {
    fn default() -> Self {
        Self { turn: Semaphore::new(1), read: Mutex::default() }
    }
}

impl Results {
    fn known(&self, id: &RunId) -> Option<StoredResult> {
        let read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.get(id).and_then(Weak::upgrade).map(StoredResult)
    }

    fn remember(&self, id: &RunId, result: &StoredResult) {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        read.retain(|_, bytes| bytes.strong_count() > 0);
        read.insert(id.clone(), Arc::downgrade(&result.0));
    }
}

impl Engine {
    /// The result of a run, if it has one that is still kept: byte for byte, while nothing of it is hidden.
    pub(crate) async fn stored_result(
        &self,
        row: &RunRow,
        projection: &Projection,
    ) -> Result<Option<StoredResult>, EngineError> {
        let Some(size) = row.result_bytes else { return Ok(None) };
        let _turn = self.turn(size).await?;
        let Some(result) = self.read_result(&row.summary.id, size).await? else { return Ok(None) };
        if projection.result == Fields::All {
            return Ok(Some(result));
        }
        Ok(projection.result(result.to_vec()).map(|shown| StoredResult(Arc::new(shown))))
    }

    /// How a result looks.
    pub(crate) async fn laid_out(
        &self,
        result: StoredResult,
        outputs: Vec<OutputField>,
    ) -> Result<ResultView, EngineError> {
        let size = result.len() as u64;
        let lay_out = move || ResultView::of_bytes(&result, &outputs, &crate::to_html);
        let Some(_turn) = self.turn(size).await? else { return Ok(lay_out()) };
        let laid_out = tokio::task::spawn_blocking(lay_out).await;
        laid_out.map_err(|_| EngineError::Internal("a result could not be laid out"))
    }

    /// None when it is not large: then there is nothing to wait for.
    async fn turn(&self, size: u64) -> Result<Option<SemaphorePermit<'_>>, EngineError> {
        if size < LARGE {
            return Ok(None);
        }
        let turn = self.inner.results.turn.acquire().await;
        turn.map(Some).map_err(|_| EngineError::Internal("results are not read any more"))
    }

    async fn read_result(&self, id: &RunId, size: u64) -> Result<Option<StoredResult>, EngineError> {
        if let Some(known) = self.inner.results.known(id) {
            return Ok(Some(known));
        }
        let read = self.inner.store.result(id).await?.map(|bytes| StoredResult(Arc::new(bytes)));
        if let Some(result) = read.as_ref().filter(|_| size >= LARGE) {
            self.inner.results.remember(id, result);
        }
        Ok(read)
    }
}
