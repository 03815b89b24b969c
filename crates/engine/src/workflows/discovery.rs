//! What Codika tells about an environment, remembered for a while.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use codika::{CallError, CallErrorKind, wire};
use model::Notice;
use tokio::time::{Instant, timeout};

use crate::Upstream;

use super::{Entry, merge};

const FRESH: Duration = Duration::from_secs(60);
/// After trouble it is asked again sooner.
const FRESH_IN_TROUBLE: Duration = Duration::from_secs(15);
/// A page does not wait longer than this for Codika.
const PATIENCE: Duration = Duration::from_secs(4);

pub struct Found {
    pub entries: Arc<Vec<Entry>>,
    pub notices: Vec<Notice>,
    /// The instance's own list was read, now or before.
    pub complete: bool,
}

/// The last readable answers. They are better than nothing while Codika cannot be asked.
#[derive(Default)]
pub struct Answers {
    pub listed: Option<Vec<wire::Workflow>>,
    pub skills: Vec<wire::Skill>,
}

#[derive(Default)]
pub struct Discovery {
    cached: Mutex<Option<(Instant, Arc<Found>)>>,
    /// Held while Codika is asked: one question at a time, however many pages want its answer.
    answers: tokio::sync::Mutex<Answers>,
}

impl Discovery {
    /// For a page, which rather waits a little than shows something old.
    pub async fn fresh(&self, upstream: &Arc<dyn Upstream>) -> Arc<Found> {
        if let Some((true, found)) = self.cached() {
            return found;
        }
        let answers = self.answers.lock().await;
        match self.cached() {
            Some((true, found)) => found,
            _ => self.ask(upstream, answers).await,
        }
    }

    /// For a run, which does not wait for Codika: what is known, however old. Waits only if nothing is.
    pub async fn at_hand(self: &Arc<Self>, upstream: &Arc<dyn Upstream>) -> Arc<Found> {
        match self.cached() {
            Some((fresh, found)) => {
                if !fresh {
                    self.refresh(upstream);
                }
                found
            }
            None => self.fresh(upstream).await,
        }
    }

    /// Asks in the background, unless somebody is asking already.
    pub fn refresh(self: &Arc<Self>, upstream: &Arc<dyn Upstream>) {
        if self.answers.try_lock().is_ok() {
            let (discovery, upstream) = (self.clone(), upstream.clone());
            tokio::spawn(async move { discovery.fresh(&upstream).await });
        }
    }

    /// What is known, and whether it is new enough.
    fn cached(&self) -> Option<(bool, Arc<Found>)> {
        let cached = self.cached.lock().unwrap_or_else(PoisonError::into_inner);
        cached.as_ref().map(|(at, found)| {
            let lasts = if found.notices.is_empty() { FRESH } else { FRESH_IN_TROUBLE };
            (at.elapsed() < lasts, found.clone())
        })
    }

    async fn ask(&self, upstream: &Arc<dyn Upstream>, mut answers: tokio::sync::MutexGuard<'_, Answers>) -> Arc<Found> {
        let (instance, skills) =
            tokio::join!(timeout(PATIENCE, upstream.instance()), timeout(PATIENCE, upstream.skills()));
        let instance = instance.unwrap_or_else(|_| Err(no_answer()));
        let skills = skills.unwrap_or_else(|_| Err(no_answer()));
        let found = Arc::new(merge::found(&mut answers, instance, skills));
        *self.cached.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), found.clone()));
        found
    }
}

fn no_answer() -> CallError {
    CallError {
        kind: CallErrorKind::Timeout,
        message: "no answer in time".to_owned(),
        code: "NO_ANSWER".to_owned(),
        request_id: None,
        status: None,
        from_api: false,
    }
}
