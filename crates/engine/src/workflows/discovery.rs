//! What Codika tells about an environment, remembered for a while.

use std::{sync::Arc, time::Duration};

use model::{Millis, Notice};
use tokio::sync::Mutex;

use crate::{Clock, Upstream};

use super::{Entry, merge};

const FRESH_MS: Millis = 60_000;
/// After trouble it is asked again sooner.
const TROUBLE_FRESH_MS: Millis = 15_000;
/// A page does not wait longer than this for Codika.
const PATIENCE: Duration = Duration::from_secs(4);

pub struct Found {
    pub entries: Arc<Vec<Entry>>,
    pub notices: Vec<Notice>,
    pub complete: bool,
}

#[derive(Default)]
pub struct Discovery {
    /// Also makes sure that only one question is under way, however many pages want its answer.
    cached: Mutex<Option<(Millis, Arc<Found>)>>,
}

impl Discovery {
    pub async fn get(&self, upstream: Arc<dyn Upstream>, clock: Arc<dyn Clock>) -> Arc<Found> {
        let mut cached = self.cached.lock().await;
        let now = clock.now();
        if let Some((at, found)) = &*cached {
            let fresh = if found.notices.is_empty() { FRESH_MS } else { TROUBLE_FRESH_MS };
            if now - at < fresh {
                return found.clone();
            }
        }
        let asked = tokio::time::timeout(PATIENCE, async { tokio::join!(upstream.instance(), upstream.skills()) });
        let found = match asked.await {
            Ok((instance, skills)) => merge::found(instance, skills),
            Err(_) => merge::no_answer(),
        };
        // What was known before is better than nothing while Codika cannot be asked.
        let found = match &*cached {
            Some((_, before)) if before.complete && !found.complete => {
                Found { entries: before.entries.clone(), complete: true, notices: found.notices }
            }
            _ => found,
        };
        let found = Arc::new(found);
        *cached = Some((now, found.clone()));
        found
    }
}
