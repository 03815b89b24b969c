//! What the tests of live updates share.

use engine::{Access, Scope};
use model::{Door, EnvSlug, EventKind, LiveEvent, Principal, Role, RunId, RunStatus, RunSummary, UserId, WorkflowId};

fn user(last: char) -> UserId {
    UserId::parse(format!("01hzy3v4k5m6n7p8q9r0s1t2v{last}")).expect("well-formed")
}

/// Somebody who sees their own runs.
pub fn runner(last: char) -> Access {
    let person = Principal { id: user(last), email: "a@example.com".into(), name: "Ann".into(), role: Role::Runner };
    Access { scope: Scope::own(person.id.clone()), person, token: None }
}

/// A change of a run that belongs to `owner`.
pub fn event(number: u64, owner: char) -> LiveEvent {
    LiveEvent {
        run: RunSummary {
            id: RunId::parse(format!("01hzy3v4k5m6n7p8q9r0{number:06}")).expect("well-formed"),
            environment: EnvSlug::parse("dev").expect("well-formed"),
            workflow: WorkflowId::parse("w").expect("well-formed"),
            workflow_name: "W".into(),
            status: RunStatus::Pending,
            owner: user(owner),
            owner_name: "Ann".into(),
            door: Door::Dashboard,
            execution_id: None,
            created_at: 0,
            accepted_at: None,
            finished_at: None,
            duration_ms: None,
            error: None,
        },
        seq: 1,
        kind: EventKind::Accepted,
    }
}
