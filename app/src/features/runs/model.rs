use model::{Candidates, ListedRun, Millis, Notice, Page, Rerun, RunEvent, RunId, RunSummary, Usual};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A run with all that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    pub summary: RunSummary,
    pub input: Value,
    /// Drawn on the server, which spares the browser the code for it. All text in it is escaped.
    pub result_html: Option<String>,
    /// Size of the stored result.
    pub result_bytes: Option<u64>,
    pub events: Vec<RunEvent>,
    /// How long this workflow usually takes.
    pub usual: Option<Usual>,
    pub candidates: Option<Candidates>,
    pub rerun: Option<Rerun>,
    /// The run in doubt that this one was started instead of.
    pub repeats: Option<RunId>,
    /// What to know about waiting for it, or about the environment beside a run whose call may not have arrived.
    pub notice: Option<Notice>,
    /// The server's clock when this was read, so that the browser shows elapsed time by it.
    pub now: Millis,
}

/// One page of runs and the choices its filters offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunList {
    pub page: Page<ListedRun>,
    pub environments: Vec<model::Environment>,
}
