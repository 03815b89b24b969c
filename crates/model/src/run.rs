use schema::{Form, ResultView};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    EnvSlug, EventKind, Millis, RunId, RunStatus, UserId, Usual, WorkflowId,
    vocabulary::{read_strictly, vocabulary},
};

vocabulary! {
    /// Through which door a run came in.
    Door {
        Dashboard = "dashboard",
        Api = "api",
        Widget = "widget",
        Batch = "batch",
        Schedule = "schedule",
        Agent = "agent",
    }
}
read_strictly!(Door);

/// A run without its input, result and events: what lists and the event stream carry.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSummary {
    pub id: RunId,
    pub environment: EnvSlug,
    pub workflow: WorkflowId,
    pub workflow_name: String,
    pub status: RunStatus,
    pub owner: UserId,
    pub owner_name: String,
    pub door: Door,
    pub execution_id: Option<String>,
    pub created_at: Millis,
    /// When Codika gave the execution id.
    pub accepted_at: Option<Millis>,
    pub finished_at: Option<Millis>,
    /// As Codika measured it, else from acceptance to the answer we saw.
    pub duration_ms: Option<i64>,
    pub error: Option<RunError>,
}

impl RunSummary {
    /// The words people read about where it stands.
    pub fn label(&self) -> &'static str {
        let too_large = || self.error.as_ref().is_some_and(|error| error.kind == ErrorKind::ResultTooLarge);
        match self.status {
            RunStatus::Stalled if too_large() => "Too large",
            status => status.label(),
        }
    }
}

/// A run in a list.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ListedRun {
    pub run: RunSummary,
    /// The first inputs that are filled in, short: what tells it from other runs of its workflow.
    pub about: String,
}

/// What sort of trouble a run has; decides the words and what can be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    // The workflow itself reported an error.
    WorkflowFailed,
    // Codika refused the trigger.
    KeyRejected,
    NoAccess,
    NotFound,
    NotActive,
    RateLimited,
    BadRequest,
    // Nothing was written.
    Unreachable,
    // It may have started.
    Timeout,
    ConnectionLost,
    UpstreamError,
    NoExecutionId,
    UnreadableAnswer,
    AlreadyTracked,
    Interrupted,
    // Watching ended.
    WatchLimit,
    UnknownExecution,
    StoppedWatching,
    Closed,
    ResultTooLarge,
}

/// What went wrong, in words for the person who ran it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunError {
    pub kind: ErrorKind,
    /// What happened.
    pub message: String,
    /// What it means and what can be done.
    pub hint: String,
    /// Codika's request id, else none.
    pub request_id: Option<String>,
    /// The workflow step that failed, when Codika names it.
    pub failed_node: Option<String>,
    /// Codika's own words, capped; text, never markup.
    pub detail: Option<String>,
}

/// One entry of a run's history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunEvent {
    pub seq: i64,
    pub at: Millis,
    pub kind: EventKind,
    /// A sentence for people.
    pub text: String,
}

/// What is unusual about asking Codika for a pending run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum WatchNote {
    /// Codika does not know the execution yet.
    Registering,
    /// Codika uses a status word that is not documented.
    Word { word: String },
    /// The last question was not answered.
    Unavailable { again_at: Millis },
    /// Codika asked for fewer questions.
    Limited { again_at: Millis },
    /// Codika does not accept the environment's key.
    KeyRefused,
    /// The whole environment is not answered.
    Outage(Outage),
}

/// Codika does not answer in an environment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Outage {
    pub since: Millis,
    /// When it is asked again.
    pub again_at: Millis,
}

/// Executions at Codika that an unconfirmed run may have become, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    pub found: Vec<Candidate>,
    /// Why they could not be listed.
    pub why_not: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub execution: String,
    /// Codika's own word.
    pub status: String,
    pub created_at: Option<Millis>,
}

/// That a run which may have started was run again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerun {
    /// None for whoever may not see it.
    pub run: Option<RunId>,
    pub by: String,
    pub at: Millis,
}

/// The input of an earlier run is sent again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Again {
    pub from: RunId,
    /// Although `from` may have done, or may yet do, the same.
    pub confirmed: bool,
}

/// What to know before the input of a run is sent again, in words for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Doubt {
    /// The earlier run.
    pub run: RunId,
    /// A whole sentence, without a full stop.
    pub title: String,
    pub why: String,
    /// What has to be confirmed; nothing where the earlier run is known to have ended.
    pub confirm: Option<String>,
}

/// A run with all that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub summary: RunSummary,
    pub input: Value,
    /// For labels beside the input; none when the workflow has no known form.
    pub form: Option<Form>,
    pub result: Option<ResultView>,
    /// Size of the stored result in bytes.
    pub result_bytes: Option<u64>,
    pub events: Vec<RunEvent>,
    /// How long this workflow usually takes.
    pub usual: Option<Usual>,
    pub watch: Option<WatchNote>,
    /// Only of an unconfirmed run.
    pub candidates: Option<Candidates>,
    pub rerun: Option<Rerun>,
    /// The run in doubt that this one was started instead of.
    pub repeats: Option<RunId>,
    /// The server's clock when this was read, so that the browser shows elapsed time by it.
    pub now: Millis,
}
