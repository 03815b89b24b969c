//! The one error that server functions send to the browser.

use model::{Doubt, RunId};
use schema::FieldError;
use serde::{Deserialize, Serialize};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// There is no valid session (any more).
    LoggedOut,
    Forbidden,
    NotFound,
    /// The input has mistakes; see `fields`.
    Invalid,
    /// The state or the key is another one by now.
    Conflict,
    TooMany,
    /// The server cannot answer at the moment.
    Unavailable,
    /// The server could not be reached or its answer not be read.
    Network,
}

/// What happened, in words for people.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppError {
    pub kind: Kind,
    pub message: String,
    pub fields: Vec<FieldError>,
    /// The run that a conflict is about.
    pub run: Option<RunId>,
    /// What has to be confirmed first.
    pub doubt: Option<Box<Doubt>>,
    /// For the person who reads the log.
    pub request_id: Option<String>,
}

impl AppError {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), fields: Vec::new(), run: None, doubt: None, request_id: None }
    }

    pub fn invalid(fields: Vec<FieldError>) -> Self {
        Self { fields, ..Self::new(Kind::Invalid, "Please correct the marked fields.") }
    }

    /// An answer of another version, or of something between here and the server.
    pub fn not_understood() -> Self {
        Self::new(Kind::Network, "The server's answer was not understood. Reload the page and try again.")
    }
}
