//! The environments there are at the moment.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use model::{EnvSlug, EnvSource, Environment};
use tokio::{
    sync::Semaphore,
    time::{MissedTickBehavior, interval},
};

use super::{EnvironmentKeys, EnvironmentSettings, KeySlot, unconnected::Unconnected};
use crate::{
    Access, Engine, EngineError, EnvironmentConfig, Limits, Problem, Store, StoreError, Upstream,
    key_state::KeyState,
    policy::{self, Act},
    store::{EnvironmentRow, StoredEnvironments},
    watch::Gate,
    workflows::Discovery,
};

/// How often a replica looks whether another one has changed an environment.
const LOOK: Duration = Duration::from_millis(1_500);

pub struct Env {
    pub public: Environment,
    pub upstream: Arc<dyn Upstream>,
    pub discovery: Arc<Discovery>,
    /// Every trigger needs a place.
    pub sends: Arc<Semaphore>,
    /// Every status call passes it.
    pub gate: Arc<Gate>,
    pub key: KeyState,
    /// None for one of the settings, which never changes.
    stored: Option<Stored>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stored {
    id: String,
    revision: i64,
    base_url: String,
    /// A key of it cannot be opened.
    locked: bool,
}

type Members = BTreeMap<EnvSlug, Arc<Env>>;

/// Changes as a whole: who holds a member goes on with it.
pub struct Registry {
    members: RwLock<Arc<Members>>,
    /// The version that was read last; held while it is read again.
    version: tokio::sync::Mutex<Option<i64>>,
}

impl Registry {
    /// With those of the settings alone.
    pub fn new(fixed: impl IntoIterator<Item = Env>) -> Self {
        let members = fixed.into_iter().map(|env| (env.public.slug.clone(), Arc::new(env))).collect();
        Self { members: RwLock::new(Arc::new(members)), version: tokio::sync::Mutex::default() }
    }

    pub fn members(&self) -> Arc<Members> {
        self.members.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn replace(&self, members: Members) {
        *self.members.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(members);
    }
}

impl Engine {
    /// Those in which there is something for this person.
    pub fn environments(&self, who: &Access) -> Vec<Environment> {
        let members = self.inner.environments.members();
        let seen = members.values().filter(|env| policy::allows(who, Act::Enter(&env.public.slug)));
        seen.map(|env| env.public()).collect()
    }

    pub(crate) fn env(&self, slug: &EnvSlug) -> Result<Arc<Env>, EngineError> {
        let members = self.inner.environments.members();
        members.get(slug).cloned().ok_or_else(|| Problem::NoSuchEnvironment(slug.to_string()).into())
    }

    /// An environment in which something may be started.
    pub(crate) fn enabled_env(&self, slug: &EnvSlug) -> Result<Arc<Env>, EngineError> {
        let env = self.env(slug)?;
        if env.public.enabled { Ok(env) } else { Err(Problem::EnvironmentDisabled(env.public.name.clone()).into()) }
    }

    /// One whose instance takes runs, as far as is known. What was read a while ago is no reason to refuse.
    pub(crate) async fn active_env(&self, slug: &EnvSlug) -> Result<Arc<Env>, EngineError> {
        let env = self.enabled_env(slug)?;
        let refusal = |env: &Env| env.discovery.state().and_then(|state| state.activity.refusal());
        if refusal(&env).is_some() {
            env.discovery.look_again().await;
        }
        match refusal(&env) {
            None => Ok(env),
            Some(why) => Err(Problem::InstanceInactive(why).into()),
        }
    }

    /// Whether an environment that we do not have is really not there: another replica may have just added it.
    pub(crate) async fn env_is_gone(&self, slug: &EnvSlug) -> bool {
        if self.inner.store.cluster().is_none() {
            return true;
        }
        match self.look_for_environments().await {
            Ok(()) => self.env(slug).is_err(),
            Err(error) => {
                tracing::error!(error = &error as &dyn std::error::Error, "the environments could not be read");
                false
            }
        }
    }

    /// On a shared database: follows what other replicas change, until the engine stops.
    pub(crate) async fn follow_environments(self) {
        let mut looks = interval(LOOK);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                () = self.inner.stop.cancelled() => return,
                _ = looks.tick() => {}
            }
            if let Err(error) = self.look_for_environments().await {
                tracing::error!(error = &error as &dyn std::error::Error, "the environments could not be read");
            }
        }
    }

    /// Reads the environments if they have changed.
    async fn look_for_environments(&self) -> Result<(), StoreError> {
        let mut known = self.inner.environments.version.lock().await;
        if *known != Some(self.inner.store.environments_version().await?) {
            let stored = self.inner.store.environments().await?;
            *known = self.install(stored).await;
        }
        Ok(())
    }

    /// Reads the environments; from now on they are as the database has them.
    pub(crate) async fn load_environments(&self) -> Result<(), StoreError> {
        let mut known = self.inner.environments.version.lock().await;
        let stored = self.inner.store.environments().await?;
        *known = self.install(stored).await;
        Ok(())
    }

    /// The version that need not be read again; none while a key in it could not be opened.
    async fn install(&self, stored: StoredEnvironments) -> Option<i64> {
        let registry = &self.inner.environments;
        let before = registry.members();
        let fixed = before.iter().filter(|(_, env)| env.stored.is_none());
        let mut members: Members = fixed.map(|(slug, env)| (slug.clone(), env.clone())).collect();
        let mut complete = true;
        for row in stored.rows {
            let slug = row.settings.slug.clone();
            if members.contains_key(&slug) {
                tracing::warn!(%slug, "an environment of the database has the name of one of the settings; it is not used");
                continue;
            }
            complete &= row.keys.iter().all(|key| key.secret.is_some());
            let env = match before.get(&slug) {
                Some(env) if env.is(&row) => env.clone(),
                was => Arc::new(self.connect(row, was).await),
            };
            members.insert(slug, env);
        }
        registry.replace(members);
        for (slug, was) in before.iter() {
            let now = self.env(slug).ok();
            if now.is_none_or(|now| !Arc::ptr_eq(&now, was)) {
                self.inner.watcher.environment_changed(slug.clone()).await;
            }
        }
        complete.then_some(stored.version)
    }

    async fn connect(&self, row: EnvironmentRow, was: Option<&Arc<Env>>) -> Env {
        let locked = row.keys.iter().any(|key| key.secret.is_none());
        let EnvironmentRow { id, settings, revision, keys, .. } = row;
        let secret = |slot: KeySlot| keys.iter().find(|key| key.slot == slot).and_then(|key| key.secret.clone());
        let keys = EnvironmentKeys { instance: secret(KeySlot::Instance), organization: secret(KeySlot::Organization) };
        let upstream = if locked {
            Err("A key of this environment cannot be opened with the master key of this server.".to_owned())
        } else {
            self.inner.upstreams.connect(&settings, &keys).map_err(|error| error.message)
        };
        let upstream = upstream.unwrap_or_else(|why| {
            tracing::error!(environment = %settings.slug, why, "an environment cannot be used");
            Arc::new(Unconnected(why))
        });
        let stored = Stored { id, revision, base_url: settings.base_url.clone(), locked };
        let public = public(settings);
        let env = Env::new(public, upstream, &self.inner.limits, self.inner.store.clone());
        // The places and the gate stand for what is under way at Codika, which a new key does not change.
        let was = was.filter(|was| was.stored.as_ref().is_some_and(|was| was.base_url == stored.base_url));
        let kept = was.map(|was| (was.sends.clone(), was.gate.clone()));
        let (sends, gate) = kept.unwrap_or((env.sends, env.gate));
        let env = Env { sends, gate, stored: Some(stored), ..env };
        if let Err(error) = env.discovery.recall().await {
            tracing::warn!(error = &error as &dyn std::error::Error, "what Codika offers could not be read");
        }
        env.discovery.refresh();
        env
    }
}

fn public(settings: EnvironmentSettings) -> Environment {
    Environment {
        slug: settings.slug,
        name: settings.name,
        kind: settings.kind,
        colour: settings.colour,
        source: EnvSource::Ui,
        enabled: settings.enabled,
        state: None,
        instance_id: settings.instance_id,
        upstream: settings.base_url,
    }
}

impl Env {
    /// One of the settings.
    pub fn fixed(config: EnvironmentConfig, limits: &Limits, store: Arc<dyn Store>) -> Self {
        let public = Environment {
            name: config.slug.to_string(),
            slug: config.slug,
            kind: config.kind,
            colour: None,
            source: EnvSource::Env,
            enabled: true,
            state: None,
            instance_id: config.instance_id,
            upstream: config.upstream_host,
        };
        Self::new(public, config.upstream, limits, store)
    }

    fn new(public: Environment, upstream: Arc<dyn Upstream>, limits: &Limits, store: Arc<dyn Store>) -> Self {
        let discovery = Discovery::new(public.slug.clone(), public.instance_id.clone(), upstream.clone(), store);
        Self {
            public,
            upstream,
            discovery: Arc::new(discovery),
            sends: Arc::new(Semaphore::new(limits.sends.max(1))),
            gate: Gate::new(limits),
            key: KeyState::default(),
            stored: None,
        }
    }

    /// With what Codika has told about it.
    pub fn public(&self) -> Environment {
        Environment { state: self.discovery.state(), ..self.public.clone() }
    }

    /// Whether nothing about it has changed, or nothing that could be used.
    fn is(&self, row: &EnvironmentRow) -> bool {
        let locked = row.keys.iter().any(|key| key.secret.is_none());
        let same = |stored: &Stored| {
            stored.id == row.id
                && (stored.revision == row.revision && stored.locked == locked || locked && !stored.locked)
        };
        self.stored.as_ref().is_some_and(same)
    }
}
