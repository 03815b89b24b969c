//! The engine itself: what it is made of, how it starts and how it stops.

use std::{collections::BTreeMap, future::Future, sync::Arc, time::Duration};

use model::{EnvKind, EnvSlug, Environment, LiveEvent, Millis, RunId};
use tokio::{
    sync::{Notify, Semaphore, broadcast, watch},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use crate::{
    Access, Clock, EngineError, Problem, Store, StoreError, Upstream,
    accounts::{LastUses, Pace, SetUpGate},
    feed::Feed,
    in_flight::{Flight, InFlight},
    key_state::KeyState,
    limits::RunLimiter,
    policy::{self, Act},
    replica::LocalLease,
    run_locks::RunLocks,
    store::ClaimScope,
    stored_results::Results,
    watch::{Gate, Notes, Plans, Watcher, WatcherHandle},
    workflows::Discovery,
};

/// One Codika process instance under a name of ours.
pub struct EnvironmentConfig {
    pub slug: EnvSlug,
    pub kind: EnvKind,
    pub instance_id: String,
    /// Host of the base URL, shown to people.
    pub upstream_host: String,
    pub upstream: Arc<dyn Upstream>,
}

/// Bounds that an operator can set.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Runs that one person may start from forms in a minute.
    pub runs_per_minute: u32,
    /// Bytes of one run's input as JSON.
    pub input_bytes: usize,
    /// How long a run is watched before it counts as stalled.
    pub watch: Duration,
    /// Triggers under way at once in one environment: one that hangs must not use up the sockets of all.
    pub sends: usize,
    /// Status calls under way at once in one environment, so that one that hangs slows only itself.
    pub polls: usize,
    /// Status calls a second in one environment, beyond a short burst. Runs older than a minute get at most half
    /// of them.
    pub polls_per_second: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            runs_per_minute: 60,
            input_bytes: 1_000_000,
            watch: Duration::from_secs(30 * 60),
            sends: 256,
            polls: 32,
            polls_per_second: 100,
        }
    }
}

pub struct EngineConfig {
    pub environments: Vec<EnvironmentConfig>,
    pub limits: Limits,
}

/// Events that a slow listener may fall behind before it has to start over.
const EVENT_BACKLOG: usize = 1_024;

pub(crate) struct Env {
    pub public: Environment,
    pub upstream: Arc<dyn Upstream>,
    pub discovery: Arc<Discovery>,
    /// Every trigger needs a place.
    pub sends: Semaphore,
    /// Every status call passes it.
    pub gate: Arc<Gate>,
    pub key: KeyState,
}

/// All verbs of the domain. Cheap to clone; every clone is the same engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub environments: BTreeMap<EnvSlug, Arc<Env>>,
    pub limits: Limits,
    pub limiter: RunLimiter,
    pub events: broadcast::Sender<LiveEvent>,
    pub feed: Feed,
    pub run_locks: RunLocks,
    /// This engine among others on the same database.
    pub local_lease: LocalLease,
    /// Runs that this engine is about to send or is sending.
    pub in_flight: InFlight,
    /// A write seemed to fail and may have been done.
    pub doubt: Notify,
    pub watcher: WatcherHandle,
    pub plans: Plans,
    pub notes: Notes,
    pub results: Results,
    pub set_up: SetUpGate,
    pub hashing: Semaphore,
    /// Log-ins that wait because of failures.
    pub pace: Pace,
    pub last_uses: LastUses,
    /// The version of everybody's rights that was seen last.
    pub rights: watch::Sender<i64>,
    pub stop: CancellationToken,
    /// Cancelled when the grace of a stop is over: what is still being sent is given up.
    pub give_up: CancellationToken,
    /// Cancelled at the end of a stop: whoever still tries to reach the database gives up.
    pub over: CancellationToken,
    /// Dispatches and steps under way: they outlive the request that started them.
    pub dispatches: TaskTracker,
}

impl Engine {
    /// Takes over the open runs of replicas that are gone: those that were being submitted become
    /// `unconfirmed`, those that were pending are watched again. On a database of its own that is whatever the
    /// last process left; on a shared one it goes on while this engine runs.
    ///
    /// # Errors
    /// When the database cannot be read or written.
    pub async fn start(config: EngineConfig, store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let (engine, watcher) = Self::assemble(config, store, clock).await?;
        tokio::spawn(watcher.run(engine.clone()));
        match engine.inner.store.cluster() {
            None => engine.take_over(ClaimScope::Expired).await?,
            Some(cluster) => engine.join(cluster).await?,
        }
        tokio::spawn(engine.clone().look_for_runs());
        // The first form or run should find the workflows known, also while Codika is slow.
        for env in engine.inner.environments.values() {
            env.discovery.refresh();
        }
        Ok(engine)
    }

    /// An engine for accounts and tokens only: it takes over no runs and watches none, so it can work
    /// beside a server on the same database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn idle(store: Arc<dyn Store>, clock: Arc<dyn Clock>) -> Result<Self, StoreError> {
        let nothing = EngineConfig { environments: Vec::new(), limits: Limits::default() };
        Ok(Self::assemble(nothing, store, clock).await?.0)
    }

    async fn assemble(
        config: EngineConfig,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Watcher), StoreError> {
        let limits = config.limits;
        let mut environments = BTreeMap::new();
        for env in config.environments {
            let (slug, env) = (env.slug.clone(), Env::new(env, limits, store.clone()));
            env.discovery.recall().await?;
            environments.insert(slug, Arc::new(env));
        }
        let (watcher, watcher_task) = Watcher::new();
        let has_users = store.has_users().await?;
        let rights = store.rights_version().await?;
        let local_lease = LocalLease::new(store.cluster().is_none());
        let inner = Inner {
            store,
            clock,
            environments,
            limits,
            limiter: RunLimiter::default(),
            events: broadcast::channel(EVENT_BACKLOG).0,
            feed: Feed::default(),
            run_locks: RunLocks::default(),
            local_lease,
            in_flight: InFlight::default(),
            doubt: Notify::new(),
            watcher,
            plans: Plans::default(),
            notes: Notes::default(),
            results: Results::default(),
            set_up: SetUpGate::new(!has_users),
            hashing: Semaphore::new(2),
            pace: Pace::default(),
            last_uses: LastUses::default(),
            rights: watch::channel(rights).0,
            stop: CancellationToken::new(),
            give_up: CancellationToken::new(),
            over: CancellationToken::new(),
            dispatches: TaskTracker::new(),
        };
        Ok((Self { inner: Arc::new(inner) }, watcher_task))
    }

    /// Waits `grace` for triggers that are being sent; runs that wait for their turn become `not_sent` at once. Then
    /// what is still being sent is given up and stored as `unconfirmed`, which may take `storing`. What could not be
    /// stored becomes `unconfirmed` at the next start. Watching stops at once and resumes at the next start.
    pub async fn stop(&self, grace: Duration, storing: Duration) {
        self.inner.stop.cancel();
        self.inner.dispatches.close();
        if timeout(grace, self.inner.dispatches.wait()).await.is_err() && !storing.is_zero() {
            tracing::warn!(left = self.inner.dispatches.len(), "triggers that are still being sent are given up");
            self.inner.give_up.cancel();
            if timeout(storing, self.inner.dispatches.wait()).await.is_err() {
                tracing::error!(left = self.inner.dispatches.len(), "stopped before every outcome was stored");
            }
        }
        self.inner.over.cancel();
        self.leave().await;
    }

    /// From before anything about a run is stored until whoever stored it has handed it on.
    pub(crate) fn mark_in_flight(&self, run: &RunId) -> Flight {
        self.inner.in_flight.take(run, self.inner.local_lease.number())
    }

    /// Does `step` to its end even when whoever asked for it goes away meanwhile; [`Self::stop`] waits for it.
    /// A stopping engine takes no new steps: they might not be ended any more.
    pub(crate) async fn finish<T: Send + 'static>(
        &self,
        step: impl Future<Output = Result<T, EngineError>> + Send + 'static,
    ) -> Result<T, EngineError> {
        // Held before the check, so that a stop that comes after it waits.
        let _held = self.inner.dispatches.token();
        if self.inner.stop.is_cancelled() {
            return Err(EngineError::Internal("the engine is stopping"));
        }
        let ended = self.inner.dispatches.spawn(step.in_current_span()).await;
        ended.unwrap_or(Err(EngineError::Internal("a step panicked")))
    }

    /// Cancelled when the engine stops.
    pub fn stopping(&self) -> &CancellationToken {
        &self.inner.stop
    }

    /// Every committed change of every run from now on. Whoever listens filters by what its reader may see.
    pub fn events(&self) -> broadcast::Receiver<LiveEvent> {
        self.inner.events.subscribe()
    }

    /// # Errors
    /// When the database cannot be read.
    pub async fn ready(&self) -> Result<(), StoreError> {
        self.inner.store.ping().await
    }

    /// Puts audit entries that have none under a seal; to be called about once a second. How many it sealed.
    ///
    /// # Errors
    /// When the database cannot be written.
    pub async fn seal_audit(&self) -> Result<u64, StoreError> {
        self.inner.store.seal_audit(self.now()).await
    }

    /// Those in which there is something for this person.
    pub fn environments(&self, who: &Access) -> Vec<Environment> {
        let all = self.inner.environments.values().map(|env| &env.public);
        all.filter(|env| policy::allows(who, Act::Enter(&env.slug))).cloned().collect()
    }

    pub fn now(&self) -> Millis {
        self.inner.clock.now()
    }

    pub(crate) fn env(&self, slug: &EnvSlug) -> Result<&Arc<Env>, EngineError> {
        self.inner.environments.get(slug).ok_or_else(|| Problem::NoSuchEnvironment(slug.to_string()).into())
    }
}

impl Env {
    fn new(config: EnvironmentConfig, limits: Limits, store: Arc<dyn Store>) -> Self {
        let upstream = config.upstream.clone();
        let discovery = Discovery::new(config.slug.clone(), config.instance_id.clone(), upstream, store);
        Self {
            public: Environment {
                slug: config.slug,
                kind: config.kind,
                instance_id: config.instance_id,
                upstream: config.upstream_host,
            },
            upstream: config.upstream,
            discovery: Arc::new(discovery),
            sends: Semaphore::new(limits.sends.max(1)),
            gate: Gate::new(&limits),
            key: KeyState::default(),
        }
    }
}
