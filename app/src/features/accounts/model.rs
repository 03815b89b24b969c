use model::{EnvSlug, Environment, Millis, Principal};
use serde::{Deserialize, Serialize};

/// What the frame around every page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub person: Principal,
    /// Of the person's name.
    pub initials: String,
    pub environments: Vec<Environment>,
    /// Where this person worked last.
    pub home: Option<EnvSlug>,
    /// What stands in for Codika, for example "Emulator".
    pub upstream_label: Option<String>,
    /// Light, dark or, by default, as the system is.
    pub theme: String,
    /// The server's clock when this was read.
    pub now: Millis,
    /// Runs under way that this person may see.
    pub moving: i64,
}
