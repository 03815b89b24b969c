//! What all bodies may take together: while they arrive, and while they are worked off.

use std::{sync::Arc, time::Duration};

use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// In kilobytes: what unfinished bodies will have once they are whole.
const ARRIVING: u32 = 32 * 1024;
/// In kilobytes: what bodies become once they are read. One alone may need all of it.
const WORKED_OFF: u32 = 56 * 1024;
/// How long one waits for others.
const PATIENCE: Duration = Duration::from_secs(20);

/// It stayed full for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy;

pub struct Budget {
    arriving: Arc<Semaphore>,
    worked_off: Arc<Semaphore>,
}

impl Default for Budget {
    fn default() -> Self {
        let of = |kilobytes: u32| Arc::new(Semaphore::new(kilobytes as usize));
        Self { arriving: of(ARRIVING), worked_off: of(WORKED_OFF) }
    }
}

impl Budget {
    /// Nothing yet.
    pub fn share(&self) -> Share {
        Share { arriving: self.arriving.clone(), worked_off: self.worked_off.clone(), held: None }
    }
}

/// What one body has of it.
pub struct Share {
    arriving: Arc<Semaphore>,
    worked_off: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    pub fn is_taken(&self) -> bool {
        self.held.is_some()
    }

    /// For all of the body.
    ///
    /// # Errors
    /// When others leave no room in time.
    pub async fn take(&mut self, bytes: usize) -> Result<(), Busy> {
        self.held = Some(acquired(&self.arriving, kilobytes(bytes, ARRIVING)).await?);
        Ok(())
    }

    /// The body is whole; what it becomes takes so many bytes, until the permit is dropped.
    ///
    /// # Errors
    /// When others leave no room in time.
    pub async fn weighed(self, bytes: usize) -> Result<OwnedSemaphorePermit, Busy> {
        acquired(&self.worked_off, kilobytes(bytes, WORKED_OFF)).await
    }
}

async fn acquired(semaphore: &Arc<Semaphore>, kilobytes: u32) -> Result<OwnedSemaphorePermit, Busy> {
    match timeout(PATIENCE, semaphore.clone().acquire_many_owned(kilobytes)).await {
        Ok(Ok(permit)) => Ok(permit),
        // It is never closed.
        Ok(Err(_)) | Err(_) => Err(Busy),
    }
}

fn kilobytes(bytes: usize, most: u32) -> u32 {
    u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn unfinished_bodies_wait_for_each_other_and_not_for_ever() {
        let budget = Budget::default();
        let mut first = budget.share();
        assert_eq!(first.take(20 * 1024 * 1024).await, Ok(()));
        let mut second = budget.share();
        assert_eq!(second.take(20 * 1024 * 1024).await, Err(Busy));
        assert_eq!(second.take(10 * 1024 * 1024).await, Ok(()));
        drop(first);
        assert_eq!(budget.share().take(20 * 1024 * 1024).await, Ok(()));
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_larger_than_the_budget_has_it_to_itself() {
        let budget = Budget::default();
        let huge = budget.share().weighed(usize::MAX).await.expect("alone");
        assert_eq!(budget.share().weighed(1).await.err(), Some(Busy));
        drop(huge);
        assert!(budget.share().weighed(1).await.is_ok());
    }
}
