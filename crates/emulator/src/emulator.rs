//! Starting and stopping.

use std::{io, net::SocketAddr, path::PathBuf, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle, time::timeout};
use url::Url;

use crate::{
    config::{Config, Described, described},
    connection::{Connection, Doorman},
    control::arm,
    files::Files,
    http::router,
    journal::Journal,
    n8n::{N8n, N8nError},
    runner,
    scenario::{Scenario, add_secret, change_instance, change_key, check_ids},
    state::{Kept, State},
    switches::Switches,
    workflows::Catalogue,
    world::World,
};

/// How long open requests may take to end after [`Emulator::stop`].
const GRACE: Duration = Duration::from_secs(2);

/// What can be done about a scenario that is wrong.
pub const SCENARIO_REMEDY: &str = "docs/emulator.md describes scenario files, and docs/examples has one.";

/// Why an emulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot use the data folder {}", folder.display())]
    Data {
        folder: PathBuf,
        #[source]
        source: io::Error,
    },
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("n8n cannot be used")]
    N8n(#[from] N8nError),
    #[error("the scenario's {0} are wrong: {1}")]
    Scenario(&'static str, String),
    #[error("the public URL must begin with http:// or https://, unlike '{0}'")]
    PublicUrl(String),
}

impl StartError {
    /// What can be done about it, as a sentence.
    #[must_use]
    pub const fn remedy(&self) -> &'static str {
        match self {
            Self::Data { .. } => {
                "Name a folder that can be written with --data, or leave it out to keep all in memory."
            }
            Self::Listen { .. } => "Name another address with --listen; port 0 stands for any free one.",
            Self::N8n(_) => "See --n8n and --n8n-auth in --help.",
            Self::Scenario(..) => SCENARIO_REMEDY,
            Self::PublicUrl(_) => "Leave --public-url out if others reach it where it listens.",
        }
    }
}

/// A running emulator. Dropping it stops it without waiting.
pub struct Emulator {
    state: State,
    base_url: String,
    server: Option<JoinHandle<io::Result<()>>>,
}

impl Emulator {
    /// Starts an emulator and takes up the executions its data folder holds.
    ///
    /// # Errors
    /// When the address is taken, the data folder unusable or the scenario wrong.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let address = config.listen;
        let cannot_listen = |source| StartError::Listen { address, source };
        let listener = TcpListener::bind(address).await.map_err(cannot_listen)?;
        let bound = listener.local_addr().map_err(cannot_listen)?;
        let state = state(&config)?;
        let base_url = base_url(bound, config.public_url.as_deref())?;
        // A fresh state has no base URL yet.
        let _ = state.base_url.set(base_url.clone());
        runner::resume(&state);
        let service = router(state.clone()).into_make_service_with_connect_info::<Connection>();
        let shutdown = state.shutdown.clone();
        let server = tokio::spawn(async move {
            axum::serve(Doorman(listener), service)
                .with_graceful_shutdown(async move { shutdown.cancelled().await })
                .await
        });
        Ok(Self { state, base_url, server: Some(server) })
    }

    /// Where clients reach it, without a slash at the end.
    #[must_use]
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The demo environments with their ids and keys.
    #[must_use]
    pub fn config(&self) -> Described {
        described(&self.state)
    }

    /// What it knows: for tests that want to look inside.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Stops: open requests may end, running workflows stay pending in the data folder.
    pub async fn stop(mut self) {
        self.state.shutdown.cancel();
        self.state.tasks.close();
        if let Some(mut server) = self.server.take()
            && timeout(GRACE, &mut server).await.is_err()
        {
            server.abort();
        }
        self.state.tasks.wait().await;
        self.state.release();
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        self.state.shutdown.cancel();
        if let Some(server) = &self.server {
            server.abort();
        }
    }
}

fn state(config: &Config) -> Result<State, StartError> {
    let data = config.data.as_deref();
    let unusable = |source| StartError::Data { folder: data.map(PathBuf::from).unwrap_or_default(), source };
    let (journal, past) = Journal::open(data).map_err(unusable)?;
    let kept = Kept { journal, files: Files::open(data).map_err(unusable)?, past };
    let scenario = config.scenario.clone().unwrap_or_default();
    let mut world = World::demo();
    apply(&scenario, &mut world)?;
    let mut catalogue = if scenario.demo { Catalogue::demo() } else { Catalogue::default() };
    check_ids(&scenario.workflows).map_err(wrong("workflows"))?;
    for workflow in &scenario.workflows {
        catalogue.add(workflow.clone().into());
    }
    let n8n = config.n8n.as_deref().map(|base_url| N8n::new(base_url, config.n8n_auth.as_deref())).transpose()?;
    let state = State::new(config.clock.clone(), world, catalogue, n8n, switches(config, &scenario)?, kept);
    arm(&state, scenario.faults.into()).map_err(wrong("faults"))?;
    Ok(state)
}

fn switches(config: &Config, scenario: &Scenario) -> Result<Switches, StartError> {
    let mut members = scenario.switches.clone();
    if config.restricted {
        members.insert("restricted".to_owned(), true.into());
    }
    members.entry("speed").or_insert_with(|| config.speed.into());
    let switches: Switches = serde_json::from_value(members.into()).map_err(wrong("switches"))?;
    switches.check().map_err(wrong("switches"))?;
    Ok(switches)
}

fn apply(scenario: &Scenario, world: &mut World) -> Result<(), StartError> {
    for (id, change) in &scenario.instances {
        change_instance(world, id, change.clone()).map_err(wrong("instances"))?;
    }
    for change in &scenario.keys {
        change_key(world, change.clone()).map_err(wrong("keys"))?;
    }
    for secret in &scenario.signing_secrets {
        add_secret(world, secret.clone()).map_err(wrong("signing_secrets"))?;
    }
    Ok(())
}

fn wrong<E: ToString>(member: &'static str) -> impl Fn(E) -> StartError {
    move |error| StartError::Scenario(member, error.to_string())
}

/// The address to tell others, without a slash at the end.
fn base_url(bound: SocketAddr, public: Option<&str>) -> Result<String, StartError> {
    let Some(public) = public else {
        return Ok(format!("http://{bound}"));
    };
    let is_web = Url::parse(public).is_ok_and(|url| matches!(url.scheme(), "http" | "https"));
    if is_web { Ok(public.trim_end_matches('/').to_owned()) } else { Err(StartError::PublicUrl(public.to_owned())) }
}
