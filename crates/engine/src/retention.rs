//! What is not kept for ever.

use std::time::Duration;

use model::Millis;

use crate::{Engine, StoreError, store::Prunable};

/// How long a session that has ended is remembered: whoever was typing then finds the form filled.
pub(crate) const SESSION_MEMORY_MS: Millis = 7 * 24 * 60 * 60 * 1000;
/// Runs in one transaction, so that submissions wait for a short one only.
const AT_ONCE: u32 = 100;

/// How long after a run's end its result and its events are kept; `None`: for ever.
/// The run itself, its input and its audit entries always stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub results: Option<Duration>,
    pub events: Option<Duration>,
}

impl Engine {
    /// Removes what is older than `keep`, and forgets sessions that ended long ago. Ends early when the engine
    /// stops.
    ///
    /// # Errors
    /// When the database cannot be read or written; what was removed until then stays removed.
    pub async fn remove_old(&self, keep: Retention) -> Result<(), StoreError> {
        self.inner.store.prune_sessions(self.now() - SESSION_MEMORY_MS).await?;
        for (what, age) in [(Prunable::Results, keep.results), (Prunable::Events, keep.events)] {
            let Some(age) = age else { continue };
            let before = self.now().saturating_sub(Millis::try_from(age.as_millis()).unwrap_or(Millis::MAX));
            let mut runs = 0;
            while !self.stopping().is_cancelled() {
                match self.inner.store.prune(what, before, AT_ONCE, self.now()).await? {
                    0 => break,
                    more => runs += more,
                }
            }
            if runs > 0 {
                tracing::info!(?what, runs, "removed what is older than the settings keep it");
            }
        }
        Ok(())
    }
}
