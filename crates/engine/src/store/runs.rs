use model::{
    Cursor, Door, EnvSlug, EventKind, Millis, Page, RecentRun, RunError, RunEvent, RunId, RunStatus, RunSummary,
    UserId, WorkflowId,
};

use super::{AuditEntry, Hold, Lease, ReplicaId, StoreError, declare::store_trait};
use crate::{Scope, schedule::Took};

/// A run as it is stored, without its result.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    pub summary: RunSummary,
    /// The idempotency key it was submitted with.
    pub key: String,
    /// The validated input, JSON text.
    pub input: String,
    /// Grows with every attempt; writes of an older attempt are refused.
    pub epoch: i64,
    /// Number of the newest event.
    pub seq: i64,
    /// Size of the stored result.
    pub result_bytes: Option<u64>,
    /// Who looks after it while it is open.
    pub lease: Lease,
}

/// A run to be stored together with its first attempt (epoch 1) and event 1.
#[derive(Clone, Debug)]
pub struct NewRun {
    pub id: RunId,
    pub environment: EnvSlug,
    pub workflow: WorkflowId,
    pub workflow_name: String,
    pub owner: UserId,
    pub owner_name: String,
    pub door: Door,
    pub key: String,
    pub input: String,
    pub status: RunStatus,
    /// Who looks after it.
    pub holder: ReplicaId,
    pub at: Millis,
    pub event: Event,
    pub audit: AuditEntry,
    pub again_for: Option<AgainFor>,
}

/// A run in `unconfirmed` that a new one is started instead of, and what it is told of that.
#[derive(Clone, Debug)]
pub struct AgainFor {
    pub run: RunId,
    pub event: Event,
    pub audit: AuditEntry,
}

#[derive(Clone, Debug)]
pub enum Created {
    New(RunRow),
    /// The key was used before, by this run; or the run it should replace has been replaced by this one.
    Existing(RunRow),
    /// The run it should replace is in doubt no longer; nothing was written.
    Settled,
}

#[derive(Clone, Debug)]
pub struct Event {
    pub kind: EventKind,
    /// A sentence for people.
    pub text: String,
}

/// One step of a run's life.
#[derive(Clone, Debug)]
pub struct Transition {
    pub run: RunId,
    pub epoch: i64,
    pub from: &'static [RunStatus],
    pub to: RunStatus,
    pub hold: Hold,
    pub at: Millis,
    pub set: Set,
    pub attempt: Option<Attempt>,
    pub event: Event,
    pub audit: Option<AuditEntry>,
}

/// The columns a transition changes besides the status; `None` leaves one as it is.
#[derive(Clone, Debug, Default)]
pub struct Set {
    pub execution_id: Option<String>,
    pub accepted_at: Option<Millis>,
    pub finished_at: Option<Millis>,
    pub duration_ms: Option<i64>,
    /// `Some(None)` clears it.
    pub error: Option<Option<RunError>>,
    pub result: Option<Vec<u8>>,
}

/// What a transition does to the attempts.
#[derive(Clone, Debug)]
pub enum Attempt {
    /// Opens attempt `epoch + 1`, which becomes the run's epoch.
    Open,
    /// Closes the attempt of this epoch with a word for its outcome.
    Close { outcome: &'static str },
}

#[derive(Clone, Debug)]
#[expect(
    clippy::large_enum_variant,
    reason = "short-lived, and nearly always `Yes`: a box would be one more allocation"
)]
pub enum Applied {
    Yes(RunRow),
    /// Epoch, status or holder is another one by now; nothing was written.
    Stale,
    /// Another run of this environment already has this execution id; nothing was written.
    ExecutionTaken,
}

/// Which runs a list shows; every condition narrows.
#[derive(Clone, Debug, Default)]
pub struct RunFilter {
    pub scope: Scope,
    pub environment: Option<EnvSlug>,
    pub workflow: Option<WorkflowId>,
    /// Empty: all.
    pub status: Vec<RunStatus>,
    /// Continue behind this one (a run id).
    pub after: Option<Cursor>,
    pub limit: u32,
}

store_trait! {
    /// Runs as they are stored.
    pub trait RunStore as forward_run_store {
        /// Stores run, first attempt, event 1, audit entry and the link to the run it replaces, unless `owner + environment + workflow + key`
        /// is taken: then the run that took it comes back and nothing is written.
        async fn create_run(&self, new: NewRun) -> Result<Created, StoreError>;
        /// Moves a run on. Writes only while the run's epoch is `epoch` and its status is one of `from`;
        /// gives the event the run's next number.
        async fn apply(&self, transition: Transition) -> Result<Applied, StoreError>;
        async fn run(&self, id: &RunId) -> Result<Option<RunRow>, StoreError>;
        /// The run that used this idempotency key.
        async fn run_by_key(
            &self,
            owner: &UserId,
            environment: &EnvSlug,
            workflow: &WorkflowId,
            key: &str,
        ) -> Result<Option<RunRow>, StoreError>;
        /// Whether a run of this environment has this execution.
        async fn has_execution(&self, environment: &EnvSlug, execution: &str) -> Result<bool, StoreError>;
        /// The stored result, byte for byte as it came.
        async fn result(&self, id: &RunId) -> Result<Option<Vec<u8>>, StoreError>;
        async fn events(&self, id: &RunId) -> Result<Vec<RunEvent>, StoreError>;
    }
}

store_trait! {
    /// Many runs at once.
    pub trait RunLists as forward_run_lists {
        /// Newest first.
        async fn runs(&self, filter: &RunFilter) -> Result<Page<RunRow>, StoreError>;
        /// How many runs of this scope are in `submitting` or `pending`.
        async fn count_moving(&self, scope: &Scope) -> Result<u64, StoreError>;
        /// How long the newest `limit` runs of a workflow that have succeeded or failed took, newest first.
        async fn took(&self, environment: &EnvSlug, workflow: &WorkflowId, limit: u32) -> Result<Vec<Took>, StoreError>;
        /// The newest `limit` runs of a workflow, newest first.
        async fn recent(
            &self,
            environment: &EnvSlug,
            workflow: &WorkflowId,
            limit: u32,
        ) -> Result<Vec<RecentRun>, StoreError>;
    }
}

store_trait! {
    /// Runs that were started instead of others.
    pub trait RerunStore as forward_rerun_store {
        /// The run that replaced this one, and since when.
        async fn rerun(&self, id: &RunId) -> Result<Option<(RunRow, Millis)>, StoreError>;
        /// The run that this one was started instead of.
        async fn repeats(&self, id: &RunId) -> Result<Option<RunId>, StoreError>;
    }
}
