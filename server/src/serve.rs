//! From settings to a running server.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use anyhow::Context;
use app::services::{Drafts, Services};
use engine::{Engine, EngineConfig, EnvironmentConfig, SetUp, SystemClock};
use secrecy::ExposeSecret;
use store::SqliteStore;
use tokio::{net::TcpListener, time::Instant};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    App, assets,
    config::Config,
    events::{Hub, closing_time},
    router,
};

/// How long a stopping server waits for answers to triggers that are under way.
const GRACE: Duration = Duration::from_secs(9);

/// A server that answers.
pub struct Served {
    pub address: SocketAddr,
    /// Where browsers reach it, with a slash at the end.
    pub public_url: Url,
    pub engine: Engine,
    hub: Arc<Hub>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
}

/// Opens the database and starts the engine on it.
///
/// # Errors
/// When the database cannot be used or an environment's client cannot be made.
pub async fn connect(config: &Config) -> anyhow::Result<Engine> {
    let store = SqliteStore::open(&config.database_url).await?;
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
    let engine_config = EngineConfig { environments, limits: config.limits };
    let engine = Engine::start(engine_config, Arc::new(store), Arc::new(SystemClock)).await?;
    if let (Some(admin), true) = (&config.first_admin, engine.set_up_token().is_some()) {
        let name = admin.email.split('@').next().unwrap_or(&admin.email);
        let form = SetUp { email: &admin.email, name, password: admin.password.expose_secret() };
        engine.create_first_admin(form).await.context("DASHBOARD_ADMIN_EMAIL and DASHBOARD_ADMIN_PASSWORD")?;
    }
    Ok(engine)
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
    let engine = connect(&config).await?;
    let hub = Hub::start(&engine);
    let cursor = hub.clone();
    let services = Services {
        engine: engine.clone(),
        assets: Arc::new(assets::addresses()),
        drafts: Arc::new(Drafts::default()),
        upstream_label: config.upstream_label.clone(),
        cursor: Arc::new(move || cursor.cursor()),
    };
    let app = App::new(services, hub.clone(), &config);
    let service = router(app).into_make_service_with_connect_info::<SocketAddr>();
    let stop = CancellationToken::new();
    let stopped = stop.clone().cancelled_owned();
    let task = tokio::spawn(async move { axum::serve(listener, service).with_graceful_shutdown(stopped).await });
    Ok(Served { address, public_url, engine, hub, stop, task })
}

impl Served {
    /// Takes no new connections, ends event streams, and waits a few seconds for what is under way.
    pub async fn stop(self) {
        let streams = Instant::now() + closing_time(self.hub.readers());
        self.stop.cancel();
        self.engine.stop(GRACE).await;
        let patience = streams.max(Instant::now()) + Duration::from_secs(1);
        if tokio::time::timeout_at(patience, self.task).await.is_err() {
            tracing::info!("closed connections that were still open");
        }
    }
}
