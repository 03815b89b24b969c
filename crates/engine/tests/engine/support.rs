//! A world for one test: engine, upstream, database, clock and a person.

mod clock;
mod cluster;
mod factory;
mod store;
mod upstream;

use std::{sync::Arc, time::Duration};

use ::store::SqliteStore;
use engine::{
    Access, Engine, EngineConfig, EngineError, EnvironmentConfig, Limits, Problem, StartRun, Started,
    store::{AccountStore, AuditEntry, GrantStore, NewUser, RunLists, RunRow, RunStore},
};
use model::{
    AuditAction, Door, EnvKind, EnvSlug, Grant, GrantTarget, GrantVerbs, Grantee, LiveEvent, Principal, PrincipalKind,
    Role, RunEvent, RunId, RunStatus, UserId, WorkflowId,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::sync::broadcast::error::RecvError;

pub use clock::TestClock;
pub use factory::{Factory, UNUSABLE};
pub use store::{Fault, TestStore};
pub use upstream::{Script, Status, Trigger, accepted, call_error, done, execution, instance, pending, word};

/// Longer than anything a test waits for.
const EVER: Duration = Duration::from_secs(48 * 60 * 60);

pub struct World {
    pub engine: Engine,
    pub upstream: Arc<Script>,
    pub store: Arc<TestStore>,
    pub clock: Arc<TestClock>,
    pub ann: Access,
    pub upstreams: Arc<Factory>,
    limits: Limits,
    environments: Vec<(EnvSlug, Arc<Script>)>,
    _folder: TempDir,
}

/// A new database without a person.
pub struct EmptyWorld {
    pub store: Arc<TestStore>,
    clock: Arc<TestClock>,
    folder: TempDir,
}

impl EmptyWorld {
    pub async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("test.db");
        let database = store::held(SqliteStore::open(path.to_str().expect("a path in UTF-8"))).await;
        let database = database.expect("a new database");
        store::held(database.unlock(&folder.path().join("master.key"))).await.expect("a new master key");
        let store = Arc::new(TestStore::new(database));
        Self { store, clock: Arc::new(TestClock::default()), folder }
    }

    /// A further process on this database.
    pub async fn engine(&self) -> Engine {
        start(Limits::default(), &[], &Arc::default(), &self.store, &self.clock).await
    }
}

impl World {
    pub async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    /// With the environments `dev` (upstream [`World::upstream`]) and `prod` (the same).
    pub async fn with(limits: Limits) -> Self {
        let upstream = Arc::new(Script::default());
        Self::of(limits, vec![(slug("dev"), upstream.clone()), (slug("prod"), upstream)]).await
    }

    /// With an engine that is one of several on the database. Its events are not told.
    pub async fn shared(limits: Limits) -> Self {
        let empty = EmptyWorld::new().await;
        empty.store.share();
        Self::on(empty, limits, vec![(slug("dev"), Arc::default())]).await
    }

    pub async fn of(limits: Limits, environments: Vec<(EnvSlug, Arc<Script>)>) -> Self {
        Self::on(EmptyWorld::new().await, limits, environments).await
    }

    async fn on(empty: EmptyWorld, limits: Limits, environments: Vec<(EnvSlug, Arc<Script>)>) -> Self {
        let EmptyWorld { store, clock, folder } = empty;
        let upstreams = Arc::default();
        let engine = start(limits, &environments, &upstreams, &store, &clock).await;
        let ann = person(&engine, &store, "Ann", Role::Runner).await;
        let upstream = environments[0].1.clone();
        Self { engine, upstream, store, clock, ann, upstreams, limits, environments, _folder: folder }
    }

    /// The process dies and a new one starts on the same database: what was under way is not waited for.
    pub async fn crash(&mut self) {
        self.engine.stop(Duration::ZERO, Duration::ZERO).await;
        self.engine = self.another().await;
    }

    /// A further engine on this database, with the same environments.
    pub async fn another(&self) -> Engine {
        start(self.limits, &self.environments, &self.upstreams, &self.store, &self.clock).await
    }

    /// Like [`World::crash`], and the new process has other environments.
    pub async fn crash_into(&mut self, environments: Vec<(EnvSlug, Arc<Script>)>) {
        self.environments = environments;
        self.crash().await;
    }

    pub async fn start(&self, key: &str) -> RunId {
        self.try_start(&self.ann, request(key)).await.expect("it starts").run.id
    }

    pub async fn try_start(&self, who: &Access, request: StartRun) -> Result<Started, EngineError> {
        self.engine.start_run(who, request).await
    }

    /// Starts a run and waits until it has come to this status.
    pub async fn run_to(&self, key: &str, status: RunStatus) -> RunRow {
        let id = self.start(key).await;
        self.reaches(&id, status).await
    }

    /// Waits until the run has this status.
    pub async fn reaches(&self, id: &RunId, status: RunStatus) -> RunRow {
        let mut events = self.engine.events();
        let arrives = async {
            loop {
                let row = self.row(id).await;
                if row.summary.status == status {
                    return row;
                }
                match events.recv().await {
                    Ok(LiveEvent { .. }) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => panic!("the engine is gone"),
                }
            }
        };
        match tokio::time::timeout(EVER, arrives).await {
            Ok(row) => row,
            Err(_) => panic!("never {status:?}: {:?}", self.row(id).await),
        }
    }

    pub async fn row(&self, id: &RunId) -> RunRow {
        self.store.run(id).await.expect("it can be read").expect("it exists")
    }

    pub async fn events(&self, id: &RunId) -> Vec<RunEvent> {
        self.store.events(id).await.expect("they can be read")
    }

    /// How many runs there are at all.
    pub async fn count(&self) -> usize {
        let all = engine::store::RunFilter { limit: 100, ..Default::default() };
        self.store.runs(&all).await.expect("a list").items.len()
    }

    pub async fn person(&self, name: &str, role: Role) -> Access {
        person(&self.engine, &self.store, name, role).await
    }
}

async fn start(
    limits: Limits,
    environments: &[(EnvSlug, Arc<Script>)],
    upstreams: &Arc<Factory>,
    store: &Arc<TestStore>,
    clock: &Arc<TestClock>,
) -> Engine {
    let environments = environments
        .iter()
        .map(|(slug, upstream)| EnvironmentConfig {
            slug: slug.clone(),
            kind: EnvKind::Dev,
            instance_id: "instance-1".to_owned(),
            upstream_host: "codika.example".to_owned(),
            upstream: upstream.clone(),
        })
        .collect();
    let config = EngineConfig { environments, upstreams: upstreams.clone(), limits };
    let engine = Engine::start(config, store.clone(), clock.clone()).await;
    let engine = engine.expect("it starts");
    // The first look at the list of workflows is over before a test begins.
    tokio::time::sleep(Duration::from_millis(1)).await;
    engine
}

async fn person(engine: &Engine, store: &Arc<TestStore>, name: &str, role: Role) -> Access {
    let number = store.next_number();
    let user = NewUser {
        kind: PrincipalKind::Person,
        id: UserId::parse(format!("{number:026}")).expect("digits are an id"),
        email: format!("{name}@example.org"),
        name: name.to_owned(),
        role,
        password_hash: "none".to_owned(),
        at: 0,
    };
    let principal =
        Principal { id: user.id.clone(), email: user.email.clone(), name: user.name.clone(), role: user.role };
    let audit = || AuditEntry {
        at: 0,
        actor: None,
        action: AuditAction::RunWatched,
        subject: String::new(),
        detail: String::new(),
    };
    assert!(store.create_user(user, audit()).await.expect("an answer"), "{name} is there already");
    if role == Role::Runner {
        let to = Grantee::Principal(principal.id.clone());
        let verbs = GrantVerbs { run: true, see: false };
        let grant = Grant { to, target: GrantTarget::Everything, verbs };
        assert!(store.put_grant(grant, audit()).await.expect("an answer"), "{name} is somebody");
    }
    engine.access(principal).await.expect("readable rights")
}

pub fn slug(text: &str) -> EnvSlug {
    EnvSlug::parse(text).expect("a slug")
}

pub fn workflow(text: &str) -> WorkflowId {
    WorkflowId::parse(text).expect("a workflow id")
}

/// A valid run of `text-summary` in `dev`.
pub fn request(key: &str) -> StartRun {
    StartRun {
        environment: slug("dev"),
        workflow: workflow("text-summary"),
        input: json!({"text": "hello"}),
        key: key.to_owned(),
        door: Door::Dashboard,
        again: None,
    }
}

pub fn with_input(key: &str, input: Value) -> StartRun {
    StartRun { input, ..request(key) }
}

/// The problem that a verb was refused with.
pub fn problem<T: std::fmt::Debug>(answer: Result<T, EngineError>) -> Problem {
    match answer {
        Err(EngineError::Problem(problem)) => problem,
        other => panic!("no problem: {other:?}"),
    }
}

pub async fn sleep(seconds: u64) {
    tokio::time::sleep(Duration::from_secs(seconds)).await;
}
