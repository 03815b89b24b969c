//! Submitting, reading and settling runs.

mod about;
mod again;
mod read;
mod resolve;
mod settle;
mod start;

use model::{Again, Cursor, Door, EnvSlug, RunStatus, RunSummary, WorkflowId};
use serde_json::{Map, Value};

/// One submission by one person.
#[derive(Clone, Debug)]
pub struct StartRun {
    pub environment: EnvSlug,
    pub workflow: WorkflowId,
    pub input: Value,
    /// The idempotency key: the draft's key from the form's URL, or the REST header.
    pub key: String,
    pub door: Door,
    /// Where the input comes from, when it is an earlier run's.
    pub again: Option<Again>,
}

#[derive(Clone, Debug)]
pub struct Started {
    pub run: RunSummary,
    /// `false` when this key had already started it.
    pub new: bool,
}

/// Which runs to list.
#[derive(Clone, Debug, Default)]
pub struct RunQuery {
    pub environment: Option<EnvSlug>,
    pub workflow: Option<WorkflowId>,
    pub status: Vec<RunStatus>,
    pub after: Option<Cursor>,
    pub limit: Option<u32>,
}

/// The object Codika is sent; none for a text that is no JSON object or nested too deeply to be read.
pub(crate) fn payload(input: &str) -> Option<Map<String, Value>> {
    serde_json::from_str(input).ok()
}
