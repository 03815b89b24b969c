use serde::{Deserialize, Serialize, de::Error as _};

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

/// An environment as people see it: no key, no secret.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Environment {
    pub slug: EnvSlug,
    pub name: String,
    pub kind: EnvKind,
    pub colour: Option<EnvColour>,
    pub source: EnvSource,
    /// Whether anything may be started in it.
    pub enabled: bool,
    /// The Codika process instance behind it.
    pub instance_id: String,
    /// The upstream's host, for people who check where runs go.
    pub upstream: String,
}
