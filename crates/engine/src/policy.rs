//! The one place that decides who may do what. Every door asks here.

use model::{Principal, Role, UserId};

use crate::Problem;

#[derive(Clone, Copy, Debug)]
pub enum Act<'a> {
    /// Submit a workflow, again or for the first time.
    Run,
    /// See, stop watching or resolve a run of this owner.
    Touch(&'a UserId),
    /// See every person's runs in lists.
    SeeAllRuns,
    /// Add, change or remove workflows by hand.
    ManageWorkflows,
    /// Add, change or remove environments and their keys.
    ManageEnvironments,
}

pub fn allows(who: &Principal, act: Act<'_>) -> bool {
    match who.role {
        Role::Admin => true,
        Role::Member => match act {
            Act::Run => true,
            Act::Touch(owner) => *owner == who.id,
            Act::SeeAllRuns | Act::ManageWorkflows | Act::ManageEnvironments => false,
        },
    }
}

/// # Errors
/// [`Problem::Forbidden`] when `who` may not do it.
pub fn check(who: &Principal, act: Act<'_>) -> Result<(), Problem> {
    if allows(who, act) { Ok(()) } else { Err(Problem::Forbidden) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids;

    #[test]
    fn members_touch_only_their_own_runs() {
        let me = Principal { id: ids::user(), email: "a@b.example".into(), name: "Ann".into(), role: Role::Member };
        assert!(allows(&me, Act::Run));
        assert!(allows(&me, Act::Touch(&me.id)));
        assert!(!allows(&me, Act::Touch(&ids::user())));
        assert!(!allows(&me, Act::SeeAllRuns));
        assert!(!allows(&me, Act::ManageWorkflows));
        assert!(!allows(&me, Act::ManageEnvironments));
    }
}
