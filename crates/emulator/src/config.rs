//! How an emulator is set up, and what it tells about itself.

use std::{net::SocketAddr, path::PathBuf, sync::Arc};

use serde::{Deserialize, Serialize};

use crate::{
    clock::{Clock, SystemClock},
    fixtures, read,
    scenario::Scenario,
    state::State,
};

/// How to set up an [`crate::Emulator`]. The default listens on a free port of this machine, keeps
/// everything in memory and works at normal speed.
#[derive(Clone)]
pub struct Config {
    pub listen: SocketAddr,
    /// Where executions are kept; in memory only if absent.
    pub data: Option<PathBuf>,
    pub scenario: Option<Scenario>,
    /// The base URL of an n8n that carries out the workflows the scenario declares. It must call back
    /// here: set `CODIKA_API_URL` of the n8n process to this emulator's base URL.
    pub n8n: Option<String>,
    /// The header n8n's webhooks want, as `Name: value`.
    pub n8n_auth: Option<String>,
    /// Instance keys reach *trigger* and *status* only.
    pub restricted: bool,
    /// Multiplies the duration of every demo step: 0.05 is twenty times faster.
    pub speed: f64,
    /// The address to tell others, if it is not the one listened on.
    pub public_url: Option<String>,
    pub clock: Arc<dyn Clock>,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            data: None,
            scenario: None,
            n8n: None,
            n8n_auth: None,
            restricted: false,
            speed: 1.0,
            public_url: None,
            clock: Arc::new(SystemClock),
        }
    }
}

/// What a dashboard needs to know to use this emulator: the body of `/_emulator/config`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Described {
    pub base_url: String,
    pub environments: Vec<DescribedEnvironment>,
}

/// One environment with its demo keys.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DescribedEnvironment {
    pub name: String,
    pub process_instance_id: String,
    pub instance_key: String,
    pub org_key: String,
}

/// Describes a running emulator.
#[must_use]
pub fn described(state: &State) -> Described {
    let world = read(&state.world);
    let environment = |name: &str, instance: &str, org_key: &str| DescribedEnvironment {
        name: name.to_owned(),
        process_instance_id: instance.to_owned(),
        instance_key: world.key_of(instance).unwrap_or_default().to_owned(),
        org_key: org_key.to_owned(),
    };
    Described {
        base_url: state.base_url.get().cloned().unwrap_or_default(),
        environments: vec![
            environment("dev", fixtures::DEV_INSTANCE, fixtures::DEV_ORG_KEY),
            environment("prod", fixtures::PROD_INSTANCE, fixtures::PROD_ORG_KEY),
        ],
    }
}
