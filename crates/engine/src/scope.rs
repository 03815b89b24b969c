//! How far somebody's eyes reach: which runs, workflows and environments are there for them.

mod grants;

use std::sync::Arc;

use model::{EnvSlug, RunSummary, UserId, WorkflowId};

use crate::Projection;

pub use grants::{Grants, Target, Verbs};

/// What somebody may see, and what of it they may run. What lies outside looks as if it did not exist.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    reach: Reach,
    /// What is shown of the runs in it.
    pub projection: Arc<Projection>,
}

#[derive(Clone, Debug, Default)]
enum Reach {
    #[default]
    All,
    /// Their own runs, and what was granted.
    Granted(UserId, Arc<Grants>),
}

/// Which runs a list of some scope has, after its own conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Runs<'a> {
    All,
    Own(&'a UserId),
    /// One person's own, and everybody's of these environments (without a workflow) and workflows.
    OwnAnd(&'a UserId, Vec<(EnvSlug, Option<WorkflowId>)>),
}

impl Scope {
    /// Everything there is.
    pub fn all() -> Self {
        Self::default()
    }

    /// This person's own runs, and no workflow.
    pub fn own(person: UserId) -> Self {
        Self::granted(person, Grants::default())
    }

    pub fn granted(person: UserId, grants: Grants) -> Self {
        Self { reach: Reach::Granted(person, Arc::new(grants)), ..Self::default() }
    }

    #[must_use]
    pub fn showing(self, projection: Projection) -> Self {
        Self { projection: Arc::new(projection), ..self }
    }

    pub fn sees_run(&self, run: &RunSummary) -> bool {
        match &self.reach {
            Reach::All => true,
            Reach::Granted(person, grants) => *person == run.owner || grants.on(&run.environment, &run.workflow).see,
        }
    }

    pub fn sees_environment(&self, environment: &EnvSlug) -> bool {
        match &self.reach {
            Reach::All => true,
            Reach::Granted(_, grants) => grants.enter(environment),
        }
    }

    pub fn sees_workflow(&self, environment: &EnvSlug, workflow: &WorkflowId) -> bool {
        match &self.reach {
            Reach::All => true,
            Reach::Granted(_, grants) => grants.on(environment, workflow).any(),
        }
    }

    pub fn may_run(&self, environment: &EnvSlug, workflow: &WorkflowId) -> bool {
        match &self.reach {
            Reach::All => true,
            Reach::Granted(_, grants) => grants.on(environment, workflow).run,
        }
    }

    /// The runs of this scope in a list that may be narrowed to an environment, a workflow or both.
    pub fn runs(&self, environment: Option<&EnvSlug>, workflow: Option<&WorkflowId>) -> Runs<'_> {
        let Reach::Granted(person, grants) = &self.reach else { return Runs::All };
        match grants.seen(environment, workflow) {
            None => Runs::All,
            Some(seen) if seen.is_empty() => Runs::Own(person),
            Some(seen) => Runs::OwnAnd(person, seen),
        }
    }
}

#[cfg(test)]
mod tests;
