//! The learned schedule of each workflow.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use model::{EnvSlug, WorkflowId};
use tokio::time::Instant;

use crate::{
    Engine,
    schedule::{Schedule, Took, WINDOW},
};

/// Learning takes some hundredths of a second: busy workflows do it at most this often.
const RELEARN: Duration = Duration::from_secs(5);

type Key = (EnvSlug, WorkflowId);

#[derive(Default)]
pub struct Plans(Mutex<HashMap<Key, Plan>>);

#[derive(Default)]
struct Plan {
    schedule: Arc<Schedule>,
    /// Newest first.
    history: Vec<Took>,
    learned_at: Option<Instant>,
    /// Reading the history, or learning from it.
    busy: bool,
}

impl Plans {
    fn plans(&self) -> MutexGuard<'_, HashMap<Key, Plan>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Engine {
    /// What is learned by now. The first time a workflow is asked for, its history is read in the background.
    pub(crate) fn schedule(&self, environment: &EnvSlug, workflow: &WorkflowId) -> Arc<Schedule> {
        let key = (environment.clone(), workflow.clone());
        let mut plans = self.inner.plans.plans();
        if let Some(plan) = plans.get(&key) {
            return plan.schedule.clone();
        }
        plans.insert(key.clone(), Plan { busy: true, ..Plan::default() });
        tokio::spawn(self.clone().read_history(key));
        Arc::default()
    }

    async fn read_history(self, key: Key) {
        match self.inner.store.took(&key.0, &key.1, WINDOW as u32).await {
            Ok(older) => {
                if let Some(plan) = self.inner.plans.plans().get_mut(&key) {
                    plan.history.extend(older);
                }
                self.learn(key).await;
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "earlier durations could not be read");
                self.inner.plans.plans().remove(&key);
            }
        }
    }

    /// Takes the duration of a run that has just ended into account.
    pub(crate) fn took(&self, environment: &EnvSlug, workflow: &WorkflowId, took: Took) {
        let key = (environment.clone(), workflow.clone());
        let mut plans = self.inner.plans.plans();
        let Some(plan) = plans.get_mut(&key) else { return };
        plan.history.insert(0, took);
        plan.history.truncate(WINDOW);
        if !plan.busy && plan.learned_at.is_none_or(|at| at.elapsed() >= RELEARN) {
            plan.busy = true;
            tokio::spawn(self.clone().learn(key));
        }
    }

    async fn learn(self, key: Key) {
        let history = self.inner.plans.plans().get(&key).map(|plan| plan.history.clone()).unwrap_or_default();
        let learned = tokio::task::spawn_blocking(move || Schedule::learn(&history)).await;
        if let Some(plan) = self.inner.plans.plans().get_mut(&key) {
            (plan.busy, plan.learned_at) = (false, Some(Instant::now()));
            match learned {
                Ok(schedule) => plan.schedule = Arc::new(schedule),
                Err(error) => tracing::error!(%error, "learning when to ask panicked; what was known before stays"),
            }
        }
    }
}
