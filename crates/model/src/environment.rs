use serde::{Deserialize, Serialize};

use crate::{
    EnvSlug,
    vocabulary::{read_strictly, vocabulary},
};

vocabulary! {
    EnvKind {
        Dev = "dev",
        Prod = "prod",
    }
}
read_strictly!(EnvKind);

vocabulary! {
    /// Where an environment comes from.
    EnvSource {
        /// The server's settings. It cannot be changed in the dashboard.
        Env = "env",
        /// Somebody added it in the dashboard.
        Ui = "ui",
    }
}
read_strictly!(EnvSource);

vocabulary! {
    /// What an environment is told apart by, beside its name.
    EnvColour {
        Grey = "grey",
        Blue = "blue",
        Green = "green",
        Amber = "amber",
        Red = "red",
        Violet = "violet",
    }
}
read_strictly!(EnvColour);

/// What Codika says about the process instance behind an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InstanceState {
    pub activity: Activity,
    pub version: Option<String>,
}

/// Whether an instance takes runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    Active,
    /// Holds Codika's word for why.
    Paused {
        reason: Option<String>,
    },
    Archived,
    Deploying,
    DeployFailed,
}

impl Activity {
    pub const fn label(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Paused { .. } => "paused",
            Self::Archived => "archived",
            Self::Deploying => "deploying",
            Self::DeployFailed => "deployment failed",
        }
    }

    /// Why nothing can be started, as a sentence.
    pub fn refusal(&self) -> Option<String> {
        match self {
            Self::Paused { reason: None } => Some("Its process instance is paused at Codika.".to_owned()),
            Self::Paused { reason: Some(reason) } if reason == "user_paused" => {
                Some("Somebody has paused its process instance at Codika.".to_owned())
            }
            Self::Paused { reason: Some(reason) } => {
                Some(format!("Its process instance is paused at Codika ({reason})."))
            }
            Self::Archived => Some("Its process instance is archived at Codika.".to_owned()),
            Self::Active | Self::Deploying | Self::DeployFailed => None,
        }
    }
}

/// An environment as people see it: no key, no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    pub slug: EnvSlug,
    pub name: String,
    pub kind: EnvKind,
    /// Only where it is managed: other pages do not show it, and need not carry it.
    #[serde(skip)]
    pub colour: Option<EnvColour>,
    pub source: EnvSource,
    /// Whether anything may be started in it.
    pub enabled: bool,
    /// The Codika process instance behind it.
    pub instance_id: String,
    /// As far as Codika has told.
    pub state: Option<InstanceState>,
    /// The upstream's host, for people who check where runs go.
    pub upstream: String,
}
