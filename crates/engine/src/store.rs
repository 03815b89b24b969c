//! What the engine asks of a database. One implementation lives in the crate `store`.
//!
//! Every method is one transaction: either all of it is durable when it returns `Ok`, or nothing is.

mod account;
mod event_kind;
mod lease;
mod run;

use std::error::Error;

use async_trait::async_trait;
use model::{EnvSlug, Millis, Page, RecentRun, RunEvent, RunId, UserId, WorkflowId};

use crate::schedule::Took;

pub use account::{ApiTokenRow, NewUser, SessionRow, UserRow};
pub use event_kind::EventKind;
pub use lease::{Change, ClaimScope, Cluster, Held, Hold, Lease, Notices, Position, ReplicaId};
pub use run::{AgainFor, Applied, Attempt, AuditEntry, Created, Event, NewRun, RunFilter, RunRow, Set, Transition};

/// The database refused or could not be reached; nothing was changed.
#[derive(Debug, thiserror::Error)]
#[error("{context}")]
pub struct StoreError {
    pub context: &'static str,
    #[source]
    pub source: Box<dyn Error + Send + Sync>,
}

/// What a run can lose when it is old.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Prunable {
    Results,
    Events,
}

/// A workflow that an operator added by its id.
#[derive(Clone, Debug, PartialEq)]
pub struct AddedWorkflow {
    pub environment: EnvSlug,
    pub id: WorkflowId,
    pub name: String,
    pub description: String,
    /// The form schema as the operator gave it, JSON text.
    pub schema: Option<String>,
}

#[async_trait]
pub trait Store: Send + Sync + 'static {
    /// Answers when the database can be read and written.
    async fn ping(&self) -> Result<(), StoreError>;

    /// Puts audit entries that have none under a seal; how many. Fewer than were waiting when they are very many.
    async fn seal_audit(&self, at: Millis) -> Result<u64, StoreError>;

    // Runs.

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
    /// The run that replaced this one, and since when.
    async fn rerun(&self, id: &RunId) -> Result<Option<(RunRow, Millis)>, StoreError>;
    /// The run that this one was started instead of.
    async fn repeats(&self, id: &RunId) -> Result<Option<RunId>, StoreError>;
    /// Whether a run of this environment has this execution.
    async fn has_execution(&self, environment: &EnvSlug, execution: &str) -> Result<bool, StoreError>;
    /// The stored result, byte for byte as it came.
    async fn result(&self, id: &RunId) -> Result<Option<Vec<u8>>, StoreError>;
    async fn events(&self, id: &RunId) -> Result<Vec<RunEvent>, StoreError>;
    /// Newest first.
    async fn runs(&self, filter: &RunFilter) -> Result<Page<RunRow>, StoreError>;
    /// How many runs are in `submitting` or `pending`, of one person or of all.
    async fn count_moving(&self, owner: Option<&UserId>) -> Result<u64, StoreError>;
    /// How long the newest `limit` runs of a workflow that have succeeded or failed took, newest first.
    async fn took(&self, environment: &EnvSlug, workflow: &WorkflowId, limit: u32) -> Result<Vec<Took>, StoreError>;
    /// Gives `replica` open runs (`submitting`, `pending`) whose holder is gone, at most `limit`: one holder's after the other's, oldest first.
    /// Where there is only ever one replica, every other one counts as gone.
    async fn claim(&self, replica: &ReplicaId, gone: ClaimScope, limit: u32) -> Result<Vec<RunRow>, StoreError>;
    /// The open runs that this replica holds.
    async fn held(&self, replica: &ReplicaId) -> Result<Vec<Held>, StoreError>;
    /// What replicas need that share this database; none where there is only ever one.
    fn cluster(&self) -> Option<&dyn Cluster> {
        None
    }
    /// Removes what is old of at most `limit` runs that ended before `ended_before`, with one audit entry when
    /// there was anything; of how many runs. The runs themselves stay.
    async fn prune(&self, what: Prunable, ended_before: Millis, limit: u32, at: Millis) -> Result<u64, StoreError>;
    /// The newest `limit` runs of a workflow, newest first.
    async fn recent(
        &self,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        limit: u32,
    ) -> Result<Vec<RecentRun>, StoreError>;

    // Workflows.

    /// What Codika last told about this instance, as it was kept.
    async fn offers(&self, environment: &EnvSlug, instance: &str) -> Result<Option<String>, StoreError>;
    /// Keeps it in place of what was kept for this environment before.
    async fn keep_offers(&self, environment: &EnvSlug, instance: &str, answers: String) -> Result<(), StoreError>;

    async fn added_workflows(&self, environment: &EnvSlug) -> Result<Vec<AddedWorkflow>, StoreError>;
    /// Adds or replaces, together with its audit entry.
    async fn put_workflow(&self, workflow: AddedWorkflow, audit: AuditEntry) -> Result<(), StoreError>;
    /// `false` when there was none.
    async fn remove_workflow(
        &self,
        environment: &EnvSlug,
        id: &WorkflowId,
        audit: AuditEntry,
    ) -> Result<bool, StoreError>;

    // Accounts.

    async fn has_users(&self) -> Result<bool, StoreError>;
    /// Adds the first user of all; `false` when there is one already, however many ask at once.
    async fn create_first_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError>;
    /// `false` when the email is taken. Emails compare without case.
    async fn create_user(&self, user: NewUser, audit: AuditEntry) -> Result<bool, StoreError>;
    async fn user_by_email(&self, email: &str) -> Result<Option<UserRow>, StoreError>;
    async fn create_session(&self, session: SessionRow, audit: AuditEntry) -> Result<(), StoreError>;
    /// The session with its person, also when it has expired.
    async fn session(&self, fingerprint: &str) -> Result<Option<(SessionRow, UserRow)>, StoreError>;
    /// Ends a session at the time of its audit entry; it stays known as one that was.
    async fn end_session(&self, fingerprint: &str, audit: AuditEntry) -> Result<(), StoreError>;
    /// Removes sessions that expired before `before`.
    async fn prune_sessions(&self, before: Millis) -> Result<(), StoreError>;
    async fn create_api_token(&self, token: ApiTokenRow, audit: AuditEntry) -> Result<(), StoreError>;
    async fn user_by_api_token(&self, fingerprint: &str) -> Result<Option<UserRow>, StoreError>;
    /// Remembers a failed log-in for each of `keys` (an account, an address).
    async fn note_login_failure(&self, keys: &[String], at: Millis) -> Result<(), StoreError>;
    /// The largest number of failures since `since` that any of `keys` has.
    async fn login_failures(&self, keys: &[String], since: Millis) -> Result<u32, StoreError>;
}
