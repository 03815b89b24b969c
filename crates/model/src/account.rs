use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{UserId, vocabulary::vocabulary};

/// What somebody is here for. Grants say where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    Admin,
    /// Everything but people, environments, keys and settings.
    Operator,
    /// Runs what was granted.
    #[serde(alias = "member")]
    Runner,
    /// Sees what was granted and runs nothing.
    Viewer,
}

impl Role {
    pub const ALL: [Self; 4] = [Self::Admin, Self::Operator, Self::Runner, Self::Viewer];

    /// Whether everything there is can be seen without a grant.
    pub const fn sees_everything(self) -> bool {
        matches!(self, Self::Admin | Self::Operator)
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Operator => "operator",
            Self::Runner => "runner",
            Self::Viewer => "viewer",
        }
    }
}

impl FromStr for Role {
    type Err = ();

    /// Also reads the word that runners were stored under before.
    fn from_str(word: &str) -> Result<Self, ()> {
        let word = if word == "member" { Self::Runner.as_str() } else { word };
        Self::ALL.into_iter().find(|role| role.as_str() == word).ok_or(())
    }
}

/// The person behind a session or an API token.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_role_is_read_from_its_own_word_and_a_member_is_a_runner() {
        for role in Role::ALL {
            assert_eq!(role.as_str().parse(), Ok(role));
            assert_eq!(serde_json::to_value(role).expect("JSON"), role.as_str());
        }
        assert_eq!("member".parse(), Ok(Role::Runner));
        assert_eq!(serde_json::from_str::<Role>("\"member\"").expect("a role"), Role::Runner);
        assert_eq!("root".parse::<Role>(), Err(()));
    }
}
