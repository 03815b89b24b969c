//! Starting and stopping.

use std::{io, net::SocketAddr, time::Duration};

use tokio::{net::TcpListener, task::JoinHandle, time::timeout};

use crate::{
    config::{Config, Described, described},
    connection::{Connection, Doorman},
    control::parse_faults,
    files::Files,
    http::router,
    journal::Journal,
    n8n::{N8n, N8nError},
    runner,
    scenario::{Scenario, change_instance, change_key},
    state::{Kept, State},
    switches::Switches,
    workflows::Catalogue,
    world::World,
};

/// How long open requests may take to end after [`Emulator::stop`].
const GRACE: Duration = Duration::from_secs(2);

/// Why an emulator could not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("cannot use the data folder")]
    Data(#[source] io::Error),
    #[error("cannot listen on {address}")]
    Listen {
        address: SocketAddr,
        #[source]
        source: io::Error,
    },
    #[error("the scenario's switches are wrong: {0}")]
    Switches(#[source] serde_json::Error),
    #[error("n8n cannot be used")]
    N8n(#[from] N8nError),
    #[error("the scenario is wrong: {0}")]
    Scenario(String),
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
        let base_url =
            config.public_url.map_or_else(|| format!("http://{bound}"), |url| url.trim_end_matches('/').to_owned());
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
    let (journal, past) = Journal::open(data).map_err(StartError::Data)?;
    let kept = Kept { journal, files: Files::open(data).map_err(StartError::Data)?, past };
    let scenario = config.scenario.clone().unwrap_or_default();
    let mut world = World::demo();
    apply(&scenario, &mut world)?;
    let mut catalogue = if scenario.demo { Catalogue::demo() } else { Catalogue::default() };
    for workflow in &scenario.workflows {
        catalogue.add(workflow.clone().into());
    }
    let n8n = config.n8n.as_deref().map(|base_url| N8n::new(base_url, config.n8n_auth.as_deref())).transpose()?;
    let state = State::new(config.clock.clone(), world, catalogue, n8n, switches(config, &scenario)?, kept);
    for fault in scenario.faults {
        for fault in parse_faults(fault).map_err(StartError::Scenario)? {
            state.faults.add(fault);
        }
    }
    Ok(state)
}

fn switches(config: &Config, scenario: &Scenario) -> Result<Switches, StartError> {
    let mut members = scenario.switches.clone();
    if config.restricted {
        members.insert("restricted".to_owned(), true.into());
    }
    members.entry("speed").or_insert_with(|| config.speed.into());
    serde_json::from_value(members.into()).map_err(StartError::Switches)
}

fn apply(scenario: &Scenario, world: &mut World) -> Result<(), StartError> {
    for (id, change) in &scenario.instances {
        if !change_instance(world, id, change.clone()) {
            return Err(StartError::Scenario(format!("there is no instance {id}")));
        }
    }
    for change in &scenario.keys {
        if !change_key(world, change.clone()) {
            return Err(StartError::Scenario("there is no such key".to_owned()));
        }
    }
    world.signing_secrets.extend(scenario.signing_secrets.iter().cloned());
    Ok(())
}
