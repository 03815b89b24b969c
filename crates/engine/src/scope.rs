//! How far somebody's eyes reach: which runs, workflows and environments are there for them.

mod grants;

use std::sync::Arc;

use model::{EnvSlug, RunSummary, TokenAct, TokenScopes, UserId, WorkflowId};

use crate::Projection;

pub use grants::Grants;

/// What somebody may see, and what of it they may run. What lies outside looks as if it did not exist.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope {
    reach: Reach,
    /// What the token is good for that a program came with.
    limits: Option<Arc<TokenScopes>>,
    /// What is shown of the runs in it.
    pub projection: Arc<Projection>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
enum Reach {
    #[default]
    All,
    /// Their own runs, and what was granted.
    Granted(UserId, Arc<Grants>),
}

/// An environment with all its workflows, or one of them.
pub type Place = (EnvSlug, Option<WorkflowId>);

/// Which runs a list of some scope has, beside its own conditions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs<'a> {
    /// Whose own runs.
    pub own: Option<&'a UserId>,
    /// Where everybody's. None: everywhere.
    pub of_everybody: Option<Vec<Place>>,
    /// Own runs and those of everywhere only in these environments; empty: every one.
    pub environments: &'a [EnvSlug],
    /// The same of workflows.
    pub workflows: &'a [WorkflowId],
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

    /// As far as a token with these scopes goes.
    #[must_use]
    pub fn limited(self, limits: TokenScopes) -> Self {
        Self { limits: Some(Arc::new(limits)), ..self }
    }

    /// Whether the token goes so far, if there is one.
    fn covers(&self, act: TokenAct, environment: Option<&EnvSlug>, workflow: Option<&WorkflowId>) -> bool {
        self.limits.as_ref().is_none_or(|limits| limits.allow(act, environment, workflow))
    }

    #[must_use]
    pub fn showing(self, projection: Projection) -> Self {
        Self { projection: Arc::new(projection), ..self }
    }

    pub fn sees_run(&self, run: &RunSummary) -> bool {
        if !self.covers(TokenAct::Read, Some(&run.environment), Some(&run.workflow)) {
            return false;
        }
        match &self.reach {
            Reach::All => true,
            Reach::Granted(person, grants) => *person == run.owner || grants.on(&run.environment, &run.workflow).see,
        }
    }

    pub fn sees_environment(&self, environment: &EnvSlug) -> bool {
        if !self.covers(TokenAct::Read, Some(environment), None) {
            return false;
        }
        match &self.reach {
            Reach::All => true,
            Reach::Granted(_, grants) => grants.enter(environment),
        }
    }

    pub fn sees_workflow(&self, environment: &EnvSlug, workflow: &WorkflowId) -> bool {
        if !self.covers(TokenAct::Read, Some(environment), Some(workflow)) {
            return false;
        }
        match &self.reach {
            Reach::All => true,
            Reach::Granted(_, grants) => grants.on(environment, workflow).any(),
        }
    }

    pub fn may_run(&self, environment: &EnvSlug, workflow: &WorkflowId) -> bool {
        if !self.covers(TokenAct::Run, Some(environment), Some(workflow)) {
            return false;
        }
        match &self.reach {
            Reach::All => true,
            Reach::Granted(_, grants) => grants.on(environment, workflow).run,
        }
    }

    /// Whether anything may be decided at all; about which runs is for the policy to say.
    pub fn may_decide(&self) -> bool {
        self.covers(TokenAct::Decide, None, None)
    }

    /// The runs of this scope in a list that may be narrowed to an environment, a workflow or both.
    pub fn runs(&self, environment: Option<&EnvSlug>, workflow: Option<&WorkflowId>) -> Runs<'_> {
        let (environments, workflows) = match &self.limits {
            Some(limits) if !limits.acts.contains(&TokenAct::Read) => {
                return Runs { own: None, of_everybody: Some(Vec::new()), environments: &[], workflows: &[] };
            }
            Some(limits) => (&limits.environments[..], &limits.workflows[..]),
            None => (&[][..], &[][..]),
        };
        let (own, seen) = match &self.reach {
            Reach::All => (None, None),
            Reach::Granted(person, grants) => (Some(person), grants.seen(environment, workflow)),
        };
        let limited = |environment: &EnvSlug, workflow: Option<&WorkflowId>| -> Vec<Place> {
            let place = |workflow: Option<&WorkflowId>| (environment.clone(), workflow.cloned());
            match workflow {
                _ if !self.covers(TokenAct::Read, Some(environment), workflow) => Vec::new(),
                None if !workflows.is_empty() => workflows.iter().map(|one| place(Some(one))).collect(),
                workflow => vec![place(workflow)],
            }
        };
        let of_everybody = match seen {
            Some(seen) => Some(seen.iter().flat_map(|(slug, id)| limited(slug, id.as_ref())).collect()),
            // Each along its own index, where a condition would pass over the others' runs.
            None if environment.is_none() && !environments.is_empty() => {
                Some(environments.iter().flat_map(|slug| limited(slug, workflow)).collect())
            }
            None => None,
        };
        // Everybody's include one's own.
        let own = own.filter(|_| of_everybody.is_some());
        Runs { own, of_everybody, environments, workflows }
    }
}

#[cfg(test)]
mod tests;
