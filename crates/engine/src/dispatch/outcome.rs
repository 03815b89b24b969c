//! What one trigger call means for its run.

use codika::TriggerOutcome;
use model::{EventKind, RunError, RunStatus};

use crate::explain;

pub struct DispatchOutcome {
    pub to: RunStatus,
    /// Its word stands in events, attempts and the audit.
    pub kind: EventKind,
    /// A sentence for people.
    pub text: String,
    pub execution_id: Option<String>,
    pub error: Option<RunError>,
}

impl DispatchOutcome {
    fn accepted(execution_id: String, warning: Option<String>) -> Self {
        let text = match warning {
            None => "Codika accepted the run.".to_owned(),
            Some(warning) => format!("Codika started the run, with a warning: {warning}"),
        };
        Self { to: RunStatus::Pending, kind: EventKind::Accepted, text, execution_id: Some(execution_id), error: None }
    }

    fn rejected(error: RunError) -> Self {
        Self::trouble(RunStatus::Rejected, EventKind::Rejected, "Codika refused the run; nothing was started.", error)
    }

    pub fn not_sent(error: RunError) -> Self {
        Self::trouble(RunStatus::NotSent, EventKind::NotSent, "Nothing was sent to Codika.", error)
    }

    fn unconfirmed(text: &str, error: RunError) -> Self {
        Self::trouble(RunStatus::Unconfirmed, EventKind::Unconfirmed, text, error)
    }

    pub fn already_tracked(execution_id: &str) -> Self {
        Self::unconfirmed(
            "Codika answered with an execution that belongs to another run.",
            explain::already_tracked(execution_id),
        )
    }

    pub fn interrupted() -> Self {
        Self::unconfirmed("The dashboard stopped while it was sending this run.", explain::interrupted())
    }

    pub fn broke_off() -> Self {
        Self::unconfirmed("The dashboard broke off while it was sending this run.", explain::broke_off())
    }

    fn trouble(to: RunStatus, kind: EventKind, text: &str, error: RunError) -> Self {
        Self { to, kind, text: text.to_owned(), execution_id: None, error: Some(error) }
    }
}

impl From<TriggerOutcome> for DispatchOutcome {
    fn from(outcome: TriggerOutcome) -> Self {
        match outcome {
            TriggerOutcome::Accepted { execution_id, warning, .. } => Self::accepted(execution_id.into(), warning),
            TriggerOutcome::Rejected { status, message, request_id, .. } => {
                Self::rejected(RunError { request_id, ..explain::rejected(status, message) })
            }
            TriggerOutcome::NotSent { reason, detail } => Self::not_sent(explain::not_sent(reason, detail)),
            TriggerOutcome::Unconfirmed { reason, detail, request_id, .. } => Self::unconfirmed(
                "The request was sent, but no clear answer came back.",
                RunError { request_id, ..explain::unconfirmed(&reason, detail) },
            ),
        }
    }
}
