//! What Codika tells about an environment, remembered for a while, and across restarts.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use codika::{CallError, CallErrorKind, wire};
use model::{Activity, EnvSlug, InstanceState, Millis, Notice};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, timeout};

use crate::{Store, StoreError, Upstream};

use super::{Entry, merge};

const FRESH: Duration = Duration::from_secs(60);
/// After trouble it is asked again sooner.
const FRESH_IN_TROUBLE: Duration = Duration::from_secs(15);
/// How long Codika has for an answer.
const PATIENCE: Duration = Duration::from_secs(4);
/// A page that can show something older does not wait longer than this.
const A_MOMENT: Duration = Duration::from_secs(1);
/// What does not wait for Codika waits so long for a first answer that may be about to come.
const A_GLANCE: Duration = Duration::from_millis(200);
/// Somebody who has just activated an instance may try again so soon.
const LOOKED: Duration = Duration::from_secs(2);
/// A key's end is known long before.
const KEY_FRESH: Duration = Duration::from_secs(12 * 60 * 60);

pub struct Found {
    pub entries: Arc<Vec<Entry>>,
    pub notices: Vec<Notice>,
    pub state: Option<InstanceState>,
    pub key_expires_at: Option<Millis>,
    /// The instance's own list was read, now or before.
    pub complete: bool,
}

/// The last readable answers. They are better than nothing while Codika cannot be asked.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    pub listed: Option<Vec<wire::Workflow>>,
    pub skills: Vec<wire::Skill>,
    #[serde(default)]
    pub state: Option<InstanceState>,
    /// When the organization key expires.
    #[serde(default)]
    pub key_expires_at: Option<Millis>,
}

/// For what somebody waits who asks what Codika offers, and so how long.
#[derive(Clone, Copy)]
pub enum Waits {
    /// A list, which rather waits a little than shows something old.
    News,
    /// A form: anything known will do, but without it there is nothing to show.
    Anything,
    /// A run is not held up by Codika.
    Nothing,
}

pub struct Discovery {
    environment: EnvSlug,
    instance: String,
    upstream: Arc<dyn Upstream>,
    store: Arc<dyn Store>,
    known: Mutex<Option<Known>>,
    /// Held while Codika is asked: one question at a time, however many pages want its answer.
    answers: tokio::sync::Mutex<Answers>,
    /// When the organization key was last asked about.
    key_asked: Mutex<Option<Instant>>,
}

#[derive(Clone)]
struct Known {
    /// None: before this program started.
    asked: Option<Instant>,
    found: Arc<Found>,
}

impl Known {
    fn is_fresh(&self) -> bool {
        let lasts = if self.found.notices.is_empty() { FRESH } else { FRESH_IN_TROUBLE };
        self.asked.is_some_and(|at| at.elapsed() < lasts)
    }
}

impl Discovery {
    pub fn new(environment: EnvSlug, instance: String, upstream: Arc<dyn Upstream>, store: Arc<dyn Store>) -> Self {
        let (known, answers) = (Mutex::default(), tokio::sync::Mutex::default());
        Self { environment, instance, upstream, store, known, answers, key_asked: Mutex::default() }
    }

    /// Remembers what an earlier process was told.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn recall(&self) -> Result<(), StoreError> {
        let Some(text) = self.store.offers(&self.environment, &self.instance).await? else { return Ok(()) };
        // What another version wrote is asked for anew.
        let Ok(earlier) = serde_json::from_str::<Answers>(&text) else { return Ok(()) };
        self.remember(None, Arc::new(merge::recalled(&earlier)));
        *self.answers.lock().await = earlier;
        Ok(())
    }

    pub async fn found(self: &Arc<Self>, waits: Waits) -> Arc<Found> {
        match (self.known(), waits) {
            (Some(known), _) if known.is_fresh() => known.found,
            (Some(known), Waits::News) => self.asked_within(A_MOMENT).await.unwrap_or(known.found),
            (Some(known), Waits::Anything | Waits::Nothing) => {
                self.refresh();
                known.found
            }
            (None, Waits::Nothing) => self.asked_within(A_GLANCE).await.unwrap_or_else(merge::nothing),
            (None, Waits::News | Waits::Anything) => self.ask().await,
        }
    }

    /// Asks in the background, unless somebody is asking already.
    pub fn refresh(self: &Arc<Self>) {
        if self.answers.try_lock().is_ok() {
            let discovery = self.clone();
            tokio::spawn(async move { discovery.ask().await });
        }
    }

    /// The question goes on when nobody waits for it any more.
    async fn asked_within(self: &Arc<Self>, patience: Duration) -> Option<Arc<Found>> {
        let discovery = self.clone();
        let asking = tokio::spawn(async move { discovery.ask().await });
        timeout(patience, asking).await.ok()?.ok()
    }

    /// Whether the instance takes runs, as far as Codika has told.
    pub fn state(&self) -> Option<InstanceState> {
        self.known()?.found.state.clone()
    }

    /// When the organization key expires, as far as Codika has told.
    pub fn key_expiry(&self) -> Option<Millis> {
        self.known()?.found.key_expires_at
    }

    /// Asks although the last answer is young; waits a moment for what comes.
    pub async fn look_again(self: &Arc<Self>) {
        let discovery = self.clone();
        let asking = tokio::spawn(async move { discovery.ask_after(LOOKED).await });
        // What is known stays when nothing comes.
        drop(timeout(A_MOMENT, asking).await);
    }

    async fn ask(&self) -> Arc<Found> {
        self.ask_after(FRESH).await
    }

    /// Unless it was asked within `age`.
    async fn ask_after(&self, age: Duration) -> Arc<Found> {
        let mut answers = self.answers.lock().await;
        let young = |known: &Known| known.is_fresh() && known.asked.is_some_and(|at| at.elapsed() < age);
        if let Some(known) = self.known().filter(young) {
            return known.found;
        }
        let (instance, skills, expires) = tokio::join!(
            timeout(PATIENCE, self.upstream.instance()),
            timeout(PATIENCE, self.upstream.skills()),
            self.key_expires(),
        );
        let instance = instance.unwrap_or_else(|_| Err(no_answer()));
        let skills = skills.unwrap_or_else(|_| Err(no_answer()));
        let before = answers.clone();
        if let Some(expires) = expires {
            answers.key_expires_at = expires;
        }
        let mut found = merge::found(&mut answers, instance, skills);
        if let Some(InstanceState { activity: Activity::Paused { reason }, .. }) = &mut found.state {
            *reason = self.why_paused().await;
            answers.state.clone_from(&found.state);
        }
        let found = Arc::new(found);
        self.remember(Some(Instant::now()), found.clone());
        if *answers != before {
            self.keep(&answers).await;
        }
        found
    }

    /// Only the list of instances tells it.
    async fn why_paused(&self) -> Option<String> {
        let listed = timeout(PATIENCE, self.upstream.instances()).await.ok()?.ok()?;
        listed.into_iter().find(|one| one.process_instance_id == self.instance)?.inactive_reason
    }

    /// When the organization key expires, if ever; none while that was asked a while ago or cannot be had.
    async fn key_expires(&self) -> Option<Option<Millis>> {
        let asked = *self.key_asked.lock().unwrap_or_else(PoisonError::into_inner);
        if asked.is_some_and(|at| at.elapsed() < KEY_FRESH) {
            return None;
        }
        let expires = match timeout(PATIENCE, self.upstream.key_info()).await.ok()? {
            Ok(info) => info.expires_at.and_then(|at| at.parse::<jiff::Timestamp>().ok()),
            Err(error) if error.kind == CallErrorKind::KeyMissing => None,
            Err(_) => return None,
        };
        *self.key_asked.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
        Some(expires.map(jiff::Timestamp::as_millisecond))
    }

    /// For the next start. Without it that one only waits a little longer.
    async fn keep(&self, answers: &Answers) {
        let Ok(text) = serde_json::to_string(answers) else { return };
        if let Err(error) = self.store.keep_offers(&self.environment, &self.instance, text).await {
            tracing::warn!(error = &error as &dyn std::error::Error, "what Codika offers was not stored");
        }
    }

    fn known(&self) -> Option<Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn remember(&self, asked: Option<Instant>, found: Arc<Found>) {
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = Some(Known { asked, found });
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
