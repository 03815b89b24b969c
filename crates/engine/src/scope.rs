//! How far somebody's eyes reach: which runs, workflows and environments are there for them.

mod grants;

use std::sync::Arc;

use model::{EnvSlug, RunSummary, TokenAct, TokenScopes, UserId, WorkflowId};

use crate::Projection;

pub use grants::{Grants, Target, Verbs};

/// What somebody may see, and what of it they may run. What lies outside looks as if it did not exist.
#[derive(Clone, Debug, Default)]
pub struct Scope {
    reach: Reach,
    /// What the token is good for that a program came with.
    limits: Option<Arc<TokenScopes>>,
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

    /// The conditions of a list, where a token with a single environment or workflow adds one. Others are left to
    /// [`Self::sees_run`].
    pub fn narrowed(
        &self,
        environment: Option<EnvSlug>,
        workflow: Option<WorkflowId>,
    ) -> (Option<EnvSlug>, Option<WorkflowId>) {
        let single = |limits: &Arc<TokenScopes>| {
            let environment = limits.environments.first().filter(|_| limits.environments.len() == 1).cloned();
            (environment, limits.workflows.first().filter(|_| limits.workflows.len() == 1).cloned())
        };
        let (of_token, its) = self.limits.as_ref().map(single).unwrap_or_default();
        (environment.or(of_token), workflow.or(its))
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
