use model::{Catalog, Doubt, EnvSlug, ListedRun, RunId, RunSummary, WorkflowDetail, WorkflowId};
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// What the home page of an environment shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Home {
    pub catalog: Catalog,
    pub attention: Vec<RunSummary>,
    pub recent: Vec<ListedRun>,
    /// May this person add workflows by hand?
    pub may_add: bool,
}

/// Which form a workflow's page asks for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkflowRequest {
    pub environment: EnvSlug,
    pub workflow: WorkflowId,
    pub draft: Option<String>,
    /// Fill the form with this run's input.
    pub from: Option<RunId>,
    /// Show the JSON editor in place of the form.
    pub as_json: bool,
}

/// The control that confirms what is in doubt about an earlier run; its value is that run.
pub const ALTHOUGH: &str = "although";

/// A workflow's page with its form as it is to be shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkflowView {
    pub detail: WorkflowDetail,
    /// The idempotency key of this form.
    pub draft: String,
    /// The run that this draft has already started.
    pub used_by: Option<RunSummary>,
    /// The run whose input this is.
    pub from: Option<RunId>,
    pub doubt: Option<Doubt>,
    /// What stands in the controls: names and values.
    pub values: Vec<(String, String)>,
    pub as_json: bool,
    /// How a program starts it.
    pub curl: String,
    /// It was added by hand, and this person may take it away again.
    pub may_remove: bool,
    /// Why the form came back.
    pub error: Option<AppError>,
}

/// A form that a browser without wasm has sent and that could not be accepted.
#[cfg(feature = "ssr")]
#[derive(Clone, Debug)]
pub struct Resubmission {
    pub values: Vec<(String, String)>,
    pub error: Option<AppError>,
}
