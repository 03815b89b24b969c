//! The one place that decides who may do what. Every door asks here.

use model::{EnvSlug, Role, RunSummary, WorkflowId};

use crate::{Access, Problem};

#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// Find an environment and what it offers.
    Enter(&'a EnvSlug),
    /// Read about a workflow, and its form.
    Open { environment: &'a EnvSlug, workflow: &'a WorkflowId },
    /// Make a workflow run, for the first time or again.
    Run { environment: &'a EnvSlug, workflow: &'a WorkflowId },
    /// See a run in lists, streams and by its link.
    See(&'a RunSummary),
    /// Stop or resume waiting for a run, close it, say what became of it.
    Decide(&'a RunSummary),
    /// Add, change or remove workflows by hand.
    ManageWorkflows { environment: &'a EnvSlug },
    /// Add, change or remove environments and their keys.
    ManageEnvironments,
    /// Accounts, invitations, groups, grants, and other people's sessions and tokens.
    ManagePeople,
    /// Read the audit trail.
    ReadAudit,
}

pub fn allows(who: &Access, act: Act<'_>) -> bool {
    let (role, scope) = (who.person.role, &who.scope);
    match act {
        Act::Enter(environment) => scope.sees_environment(environment),
        Act::Open { environment, workflow } => scope.sees_workflow(environment, workflow),
        Act::Run { environment, workflow } => role != Role::Viewer && scope.may_run(environment, workflow),
        Act::See(run) => scope.sees_run(run),
        // Programs do what is about runs, and nothing else.
        Act::ManageWorkflows { .. } | Act::ManageEnvironments | Act::ManagePeople | Act::ReadAudit
            if who.token.is_some() =>
        {
            false
        }
        Act::Decide(run) if !scope.may_decide() || !scope.sees_run(run) => false,
        Act::Decide(run) => match role {
            Role::Admin | Role::Operator => true,
            Role::Runner => run.owner == who.person.id,
            Role::Viewer => false,
        },
        Act::ManageWorkflows { environment } => {
            matches!(role, Role::Admin | Role::Operator) && scope.sees_environment(environment)
        }
        Act::ManageEnvironments | Act::ManagePeople | Act::ReadAudit => role == Role::Admin,
    }
}

/// # Errors
/// When `who` may not do it: [`Problem::Forbidden`], and for what they may not even see the problem of something
/// that does not exist.
pub fn check(who: &Access, act: Act<'_>) -> Result<(), Problem> {
    if allows(who, act) { Ok(()) } else { Err(refusal(who, act)) }
}

fn refusal(who: &Access, act: Act<'_>) -> Problem {
    match act {
        Act::Enter(environment) => Problem::NoSuchEnvironment(environment.to_string()),
        Act::ManageWorkflows { environment } => hidden(who, Act::Enter(environment)),
        Act::Open { environment, workflow } => match check(who, Act::Enter(environment)) {
            Err(problem) => problem,
            Ok(()) => Problem::NoSuchWorkflow { workflow: workflow.to_string(), environment: environment.to_string() },
        },
        Act::Run { environment, workflow } => hidden(who, Act::Open { environment, workflow }),
        Act::See(_) => Problem::NoSuchRun,
        Act::Decide(run) => hidden(who, Act::See(run)),
        Act::ManageEnvironments | Act::ManagePeople | Act::ReadAudit => Problem::Forbidden,
    }
}

/// What is refused to somebody who may see it is forbidden; to others it does not exist.
fn hidden(who: &Access, sight: Act<'_>) -> Problem {
    check(who, sight).err().unwrap_or(Problem::Forbidden)
}

#[cfg(test)]
mod tests;
