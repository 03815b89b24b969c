use serde::{Deserialize, Serialize};

use crate::{UserId, vocabulary::vocabulary};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    Admin,
    Member,
}

impl Role {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "runner",
        }
    }
}

/// Who asks: the person behind a session or an API token.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    pub id: UserId,
    pub email: String,
    pub name: String,
    pub role: Role,
}

impl Principal {
    /// One or two letters for the account button.
    pub fn initials(&self) -> String {
        let letters: String = self.name.split_whitespace().filter_map(|word| word.chars().next()).take(2).collect();
        letters.to_uppercase()
    }
}

vocabulary! {
    /// What kind of principal owns a run.
    PrincipalKind {
        /// A user, under the same id.
        Person = "person",
        ServiceAccount = "service_account",
        Widget = "widget",
    }
}
