//! The engine itself: what it is made of, how it starts and how it stops.

use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;
use model::{EnvKind, EnvSlug, LiveEvent, Millis, RunId};
use secrecy::SecretString;
use tokio::{
    sync::{Notify, Semaphore, broadcast, watch},
    time::timeout,
};
use tokio_util::{sync::CancellationToken, task::TaskTracker};
use tracing::Instrument;

use crate::{
    Clock, ConnectError, EngineError, EnvironmentKeys, EnvironmentSettings, Store, StoreError, Upstream,
    UpstreamFactory,
    accounts::{LastUses, Pace, SetUpGate},
    environments::{Env, PendingKeys, Registry},
    feed::Feed,
    in_flight::{Flight, InFlight},
    limits::RunLimiter,
    replica::LocalLease,
    run_locks::RunLocks,
    store::ClaimScope,
    stored_results::Results,
    watch::{Notes, Plans, Watcher, WatcherHandle},
};

/// One Codika process instance under a name of ours, from the server's settings.
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
    /// Those that nobody can change while the program runs.
    pub environments: Vec<EnvironmentConfig>,
    /// For those that people add.
    pub upstreams: Arc<dyn UpstreamFactory>,
    pub limits: Limits,
}

/// Events that a slow listener may fall behind before it has to start over.
const EVENT_BACKLOG: usize = 1_024;

/// All verbs of the domain. Cheap to clone; every clone is the same engine.
#[derive(Clone)]
pub struct Engine {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub store: Arc<dyn Store>,
    pub clock: Arc<dyn Clock>,
    pub environments: Registry,
    pub upstreams: Arc<dyn UpstreamFactory>,
    pub pending_keys: PendingKeys,
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
        // First: a run of an environment that is not known would come to rest.
        engine.load_environments().await?;
        match engine.inner.store.cluster() {
            None => engine.take_over(ClaimScope::Expired).await?,
            Some(cluster) => engine.join(cluster).await?,
        }
        tokio::spawn(engine.clone().look_for_runs());
        // The first form or run should find the workflows known, also while Codika is slow.
        for env in engine.inner.environments.members().values() {
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
        let upstreams = Arc::new(Nowhere);
        let nothing = EngineConfig { environments: Vec::new(), upstreams, limits: Limits::default() };
        Ok(Self::assemble(nothing, store, clock).await?.0)
    }

    async fn assemble(
        config: EngineConfig,
        store: Arc<dyn Store>,
        clock: Arc<dyn Clock>,
    ) -> Result<(Self, Watcher), StoreError> {
        let limits = config.limits;
        let mut fixed = Vec::new();
        for env in config.environments {
            let env = Env::fixed(env, &limits, store.clone());
            env.discovery.recall().await?;
            fixed.push(env);
        }
        let (watcher, watcher_task) = Watcher::new();
        let has_users = store.has_users().await?;
        let rights = store.rights_version().await?;
        let local_lease = LocalLease::new(store.cluster().is_none());
        let inner = Inner {
            store,
            clock,
            environments: Registry::new(fixed),
            upstreams: config.upstreams,
            pending_keys: PendingKeys::default(),
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

    pub fn now(&self) -> Millis {
        self.inner.clock.now()
    }
}

/// For an engine that has no environments.
struct Nowhere;

#[async_trait]
impl UpstreamFactory for Nowhere {
    fn connect(&self, _: &EnvironmentSettings, _: &EnvironmentKeys) -> Result<Arc<dyn Upstream>, ConnectError> {
        Err(ConnectError { field: "base_url", message: "This command connects to nothing.".to_owned() })
    }

    async fn check_address(&self, _: &str) -> Result<(), ConnectError> {
        Ok(())
    }

    fn suffix(&self, _: &SecretString) -> String {
        String::new()
    }
}
