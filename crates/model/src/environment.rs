use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::EnvSlug;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvKind {
    Dev,
    Prod,
}

impl EnvKind {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Prod => "prod",
        }
    }
}

/// Where an environment comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvSource {
    /// The server's settings. It cannot be changed in the dashboard.
    Env,
    /// Somebody added it in the dashboard.
    Ui,
}

/// What an environment is told apart by, beside its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EnvColour {
    Grey,
    Blue,
    Green,
    Amber,
    Red,
    Violet,
}

impl EnvColour {
    pub const ALL: [Self; 6] = [Self::Grey, Self::Blue, Self::Green, Self::Amber, Self::Red, Self::Violet];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Grey => "grey",
            Self::Blue => "blue",
            Self::Green => "green",
            Self::Amber => "amber",
            Self::Red => "red",
            Self::Violet => "violet",
        }
    }
}

/// The text is none of the words of this kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is not a word for it")]
pub struct UnknownWord;

impl FromStr for EnvKind {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        [Self::Dev, Self::Prod].into_iter().find(|kind| kind.as_str() == text).ok_or(UnknownWord)
    }
}

impl FromStr for EnvColour {
    type Err = UnknownWord;
    fn from_str(text: &str) -> Result<Self, UnknownWord> {
        Self::ALL.into_iter().find(|colour| colour.as_str() == text).ok_or(UnknownWord)
    }
}

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
