use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use crate::{ExecutionState, wire::lenient};

/// An execution's status exactly as upstream spells it; [`state`](Self::state) says what it means.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(transparent)]
pub struct StatusWord(String);

impl StatusWord {
    pub const PENDING: &str = "pending";
    pub const SUCCESS: &str = "success";
    pub const FAILED: &str = "failed";

    pub fn new(word: impl Into<String>) -> Self {
        Self(word.into())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub fn state(&self) -> ExecutionState {
        ExecutionState::from_word(&self.0)
    }
}

impl fmt::Display for StatusWord {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for StatusWord {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        lenient::text_or_empty(from).map(Self)
    }
}
