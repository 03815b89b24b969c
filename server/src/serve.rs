//! From settings to a running server.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use anyhow::Context;
use app::services::{Drafts, Services};
use engine::{Engine, EngineConfig, EngineError, EnvironmentConfig, Problem, SetUp, SystemClock};
use secrecy::ExposeSecret;
use store::{Database, Serving};
use tokio::{
    net::TcpListener,
    time::{Instant, timeout_at},
};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    App, assets,
    config::{Config, names},
    connections::{self, Caps},
    events::{Hub, closing_time},
    retention, rights, router, sealer, security,
    upstreams::Clients,
};

/// How long a stopping server waits for answers to triggers that are under way.
const GRACE: Duration = Duration::from_secs(8);
/// How long it then tries to store what has become of their runs.
const STORING: Duration = Duration::from_secs(1);
/// How long a stop takes at most, also when the database hangs. Whoever stops it may not wait longer than 10 s.
const WHOLE_STOP: Duration = Duration::from_millis(9_300);

/// A server that answers.
pub struct Served {
    pub address: SocketAddr,
    /// Where browsers reach it, with a slash at the end.
    pub public_url: Url,
    pub engine: Engine,
    hub: Arc<Hub>,
    database: Database,
    /// Until everything is over.
    _serving: Option<Serving>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
    sealer: tokio::task::JoinHandle<()>,
    retention: tokio::task::JoinHandle<()>,
    rights: tokio::task::JoinHandle<()>,
}

/// Starts an engine that takes over the runs in the database.
///
/// # Errors
/// When the database cannot be used or an environment's client cannot be made.
async fn start_engine(config: &Config, database: &Database) -> anyhow::Result<Engine> {
    let environments = config
        .environments
        .iter()
        .map(|env| {
            let upstream = codika::Client::new(env.client.clone())
                .with_context(|| format!("the client of environment “{}” cannot be made", env.slug))?;
            Ok(EnvironmentConfig {
                slug: env.slug.clone(),
                kind: env.kind,
                instance_id: env.client.instance_id.clone(),
                upstream_host: env.client.base_url.to_string(),
                upstream: Arc::new(upstream),
            })
        })
        .collect::<anyhow::Result<Vec<_>>>()?;
    let upstreams = Arc::new(Clients::new(config.clients.clone()));
    let engine_config = EngineConfig { environments, upstreams, limits: config.limits };
    let engine = Engine::start(engine_config, database.store(), Arc::new(SystemClock)).await?;
    if let (Some(admin), true) = (&config.first_admin, engine.set_up_token().is_some()) {
        let name = admin.email.split('@').next().unwrap_or(&admin.email);
        let form = SetUp { email: &admin.email, name, password: admin.password.expose_secret() };
        match engine.create_first_admin(form).await {
            // Another server on this database was first.
            Err(EngineError::Problem(Problem::SetUpClosed)) => {}
            made => made.context("DASHBOARD_ADMIN_EMAIL and DASHBOARD_ADMIN_PASSWORD")?,
        }
    }
    Ok(engine)
}

/// The database with the key it is written with; where there is none, a new one.
///
/// # Errors
/// One sentence for the operator.
pub async fn open_database(config: &Config) -> anyhow::Result<Database> {
    unlocked(config, Database::open(config.database_url.expose_secret()).await?).await
}

/// The same for commands that are about a database that is there.
///
/// # Errors
/// One sentence for the operator.
pub async fn open_existing_database(config: &Config) -> anyhow::Result<Database> {
    unlocked(config, Database::open_existing(config.database_url.expose_secret()).await?).await
}

async fn unlocked(config: &Config, database: Database) -> anyhow::Result<Database> {
    database.unlock(&key_file(config, &database)).await?;
    Ok(database)
}

fn key_file(config: &Config, database: &Database) -> PathBuf {
    config.master_key_file.clone().unwrap_or_else(|| database.usual_key_file())
}

/// Says so when a copy of one folder opens what is sealed in it.
async fn warn_of_shared_folder(config: &Config, database: &Database) -> anyhow::Result<()> {
    let file = key_file(config, database);
    if database.shares_folder_with(&file) && !database.store().environments().await?.rows.is_empty() {
        tracing::warn!(
            file = %file.display(),
            setting = names::MASTER_KEY_FILE,
            "the master key lies beside the database whose secrets it seals: whoever copies the folder has both"
        );
    }
    Ok(())
}

/// Answers on the configured address until [`Served::stop`].
///
/// # Errors
/// When the database cannot be used or the address is taken.
pub async fn start(config: Config) -> anyhow::Result<Served> {
    let listener = TcpListener::bind(config.listen)
        .await
        .with_context(|| format!("cannot listen on {} (is another server running there?)", config.listen))?;
    let address = listener.local_addr()?;
    let mut public_url = config.public_url.clone();
    if public_url.port() == Some(0) {
        // Whoever asks for any port wants to be told which one it is.
        let _ = public_url.set_port(Some(address.port()));
    }
    // Before the first look at it: opening may change its tables.
    let serving = Database::serve(config.database_url.expose_secret())?;
    let database = open_database(&config).await?;
    warn_of_shared_folder(&config, &database).await?;
    let engine = start_engine(&config, &database).await?;
    let hub = Hub::start(&engine);
    let cursor = hub.clone();
    let services = Services {
        engine: engine.clone(),
        assets: Arc::new(assets::addresses()),
        drafts: Arc::new(Drafts::default()),
        public_url: public_url.as_str().into(),
        upstream_label: config.upstream_label.clone(),
        policy: security::app_policy,
        cursor: Arc::new(move || cursor.cursor()),
    };
    let app = App::new(services, hub.clone(), &config);
    let stop = CancellationToken::new();
    let caps = affordable(config.connections);
    let server = connections::Server::new(router(app), caps, config.trusted_proxies.clone(), stop.clone());
    let task = tokio::spawn(server.serve(listener));
    let sealer = tokio::spawn(sealer::run(engine.clone()));
    let retention = tokio::spawn(retention::run(engine.clone(), config.retention));
    let rights = tokio::spawn(rights::run(engine.clone()));
    Ok(Served { address, public_url, engine, hub, database, _serving: serving, stop, task, sealer, retention, rights })
}

/// As many connections as are asked for, when the system lets us have the files for them.
fn affordable(asked: Caps) -> Caps {
    let Some(files) = connections::raise_open_files() else { return asked };
    let affordable = connections::affordable(files);
    if affordable < asked.total {
        tracing::warn!(
            files,
            affordable,
            asked = asked.total,
            "connections are fewer than asked for: raise the limit of open files"
        );
    }
    Caps { total: asked.total.min(affordable), ..asked }
}

impl Served {
    /// Takes no new connections, ends event streams, and waits a few seconds for what is under way.
    pub async fn stop(self) {
        let deadline = Instant::now() + WHOLE_STOP;
        let streams = Instant::now() + closing_time(self.hub.readers());
        self.stop.cancel();
        self.engine.stop(GRACE, STORING).await;
        let patience = streams.max(Instant::now()) + Duration::from_secs(1);
        if timeout_at(deadline.min(patience), self.task).await.is_err() {
            tracing::info!("closed connections that were still open");
        }
        self.sealer.abort();
        self.retention.abort();
        self.rights.abort();
        match timeout_at(deadline, sealer::seal_all(&self.engine)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) | Err(_) => {
                tracing::warn!("the last entries of the audit trail get their seal at the next start")
            }
        }
        if timeout_at(deadline, self.database.close()).await.is_err() {
            tracing::warn!("the database was not closed: somebody still waits for it");
        }
    }
}
