//! Environments: those of the server's settings, and those that people add, change and remove while the program runs.

mod instances;
mod manage;
mod pending;
mod registry;
mod unconnected;
mod upstream_factory;
mod verify;

use model::{EnvColour, EnvKind, EnvSlug};
use secrecy::SecretString;

pub(crate) use pending::PendingKeys;
pub(crate) use registry::{Env, Registry};

pub use instances::{InstanceChoice, Instances};
pub use manage::{ChangeEnvironment, ManagedEnvironment, ManagedKey, NewEnvironment, NewKeys};
pub use upstream_factory::{ConnectError, UpstreamFactory};
pub use verify::{KeyReport, KeyVerdict};

/// What an environment is, but for its keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentSettings {
    pub slug: EnvSlug,
    /// For people.
    pub name: String,
    pub kind: EnvKind,
    pub colour: Option<EnvColour>,
    pub base_url: String,
    /// The Codika process instance.
    pub instance_id: String,
    /// Whether anything may be started in it.
    pub enabled: bool,
}

/// The keys that a client is made with. The engine hands them on and never opens them.
#[derive(Clone, Debug, Default)]
pub struct EnvironmentKeys {
    pub instance: Option<SecretString>,
    pub organization: Option<SecretString>,
}

/// Which of an environment's keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeySlot {
    /// `ck_`: starts runs of one instance and asks about them.
    Instance,
    /// `cko_`: also reads lists.
    Organization,
}

impl KeySlot {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Instance => "instance",
            Self::Organization => "organization",
        }
    }

    /// Its field in a form.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Instance => "instance_key",
            Self::Organization => "org_key",
        }
    }

    pub fn parse(word: &str) -> Option<Self> {
        [Self::Instance, Self::Organization].into_iter().find(|slot| slot.as_str() == word)
    }
}
