use schema::{Form, FormSource};
use serde::{Deserialize, Serialize};

use crate::{Environment, Millis, RunId, RunStatus, RunSummary, WorkflowId};

/// How long successful and failed runs of a workflow took, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Usual {
    pub p50: i64,
    pub p90: i64,
    pub p99: i64,
    /// How many runs these figures rest on.
    pub count: u32,
}

/// One bar of a workflow's sparkline: anybody's run, so it does not say which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bar {
    pub status: RunStatus,
    pub created_at: Millis,
    pub duration_ms: Option<i64>,
}

/// A run as far as a workflow's figures need it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentRun {
    pub id: RunId,
    pub status: RunStatus,
    pub created_at: Millis,
    pub duration_ms: Option<i64>,
}

/// Where we know a workflow from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkflowSource {
    /// The instance's own list.
    Instance,
    /// Only its skill names it.
    Skill,
    /// Added here by its id.
    Operator,
}

/// A workflow in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkflowCard {
    pub id: WorkflowId,
    pub name: String,
    pub description: String,
    pub source: WorkflowSource,
    /// Credits for one execution, an estimate of the vendor's.
    pub cost: Option<f64>,
    pub usual: Option<Usual>,
    /// Newest last.
    pub recent: Vec<Bar>,
}

/// A workflow with all that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkflowDetail {
    pub card: WorkflowCard,
    pub environment: Environment,
    /// It was added here by hand, whether Codika lists it or not.
    pub added: bool,
    /// None: only the JSON editor is offered.
    pub form: Option<Form>,
    pub form_source: FormSource,
    /// The skill's text as sanitised HTML.
    pub about_html: Option<String>,
    /// Runs on a timetable; a manual run takes no input.
    pub scheduled: bool,
    pub last_run: Option<RunSummary>,
}

/// Something that people should know about an environment, why it is so and what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// A whole sentence, without a full stop.
    pub title: String,
    pub why: String,
    pub hint: String,
    /// Something is wrong at the moment.
    pub warning: bool,
}

/// What an environment offers, as far as it could be discovered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Catalog {
    pub environment: Environment,
    pub workflows: Vec<WorkflowCard>,
    pub notices: Vec<Notice>,
    /// We have read the instance's own list, so an id that is absent from it is unknown.
    pub complete: bool,
}
