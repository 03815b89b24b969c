//! Grants: what somebody may do where, beside what their role is for.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{EnvSlug, GroupId, UserId, WorkflowId};

/// What a grant is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GrantTarget {
    /// Every environment, also those that are set up later.
    Everything,
    Environment(EnvSlug),
    Workflow(EnvSlug, WorkflowId),
}

impl GrantTarget {
    /// None: of every environment's workflows there is no name for one.
    pub fn new(environment: Option<EnvSlug>, workflow: Option<WorkflowId>) -> Option<Self> {
        match (environment, workflow) {
            (None, None) => Some(Self::Everything),
            (Some(environment), None) => Some(Self::Environment(environment)),
            (Some(environment), Some(workflow)) => Some(Self::Workflow(environment, workflow)),
            (None, Some(_)) => None,
        }
    }

    pub const fn environment(&self) -> Option<&EnvSlug> {
        match self {
            Self::Everything => None,
            Self::Environment(environment) | Self::Workflow(environment, _) => Some(environment),
        }
    }

    pub const fn workflow(&self) -> Option<&WorkflowId> {
        match self {
            Self::Everything | Self::Environment(_) => None,
            Self::Workflow(_, workflow) => Some(workflow),
        }
    }
}

impl fmt::Display for GrantTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Everything => f.write_str("every environment"),
            Self::Environment(environment) => write!(f, "{environment}"),
            Self::Workflow(environment, workflow) => write!(f, "{environment}/{workflow}"),
        }
    }
}

/// What a grant allows. Either of them shows the workflow and its form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantVerbs {
    /// Run it.
    pub run: bool,
    /// See everybody's runs of it.
    pub see: bool,
}

impl GrantVerbs {
    pub const fn any(self) -> bool {
        self.run || self.see
    }

    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self { run: self.run || more.run, see: self.see || more.see }
    }
}

impl fmt::Display for GrantVerbs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match (self.run, self.see) {
            (true, true) => "run and see everybody's runs",
            (true, false) => "run",
            (false, true) => "see everybody's runs",
            (false, false) => "nothing",
        })
    }
}

/// Whom something is granted to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grantee {
    /// A person, or a service account.
    Principal(UserId),
    Group(GroupId),
}

impl Grantee {
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Principal(_) => "principal",
            Self::Group(_) => "group",
        }
    }

    pub fn id(&self) -> &str {
        match self {
            Self::Principal(id) => id.as_str(),
            Self::Group(id) => id.as_str(),
        }
    }

    /// None for what neither of the two kinds has.
    pub fn parse(kind: &str, id: &str) -> Option<Self> {
        match kind {
            "principal" => UserId::parse(id).ok().map(Self::Principal),
            "group" => GroupId::parse(id).ok().map(Self::Group),
            _ => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    pub to: Grantee,
    pub target: GrantTarget,
    pub verbs: GrantVerbs,
}

/// People who are granted something together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    pub members: Vec<UserId>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grantee_is_read_from_what_it_is_stored_as() {
        let id = "0".repeat(26);
        for grantee in [
            Grantee::Principal(UserId::parse(&*id).expect("an id")),
            Grantee::Group(GroupId::parse(&*id).expect("an id")),
        ] {
            assert_eq!(Grantee::parse(grantee.kind(), grantee.id()), Some(grantee));
        }
        assert_eq!(Grantee::parse("widget", &id), None);
        assert_eq!(Grantee::parse("group", "x"), None);
    }

    #[test]
    fn no_workflow_is_granted_without_its_environment() {
        let workflow = WorkflowId::parse("w").expect("an id");
        assert_eq!(GrantTarget::new(None, Some(workflow)), None);
        assert_eq!(GrantTarget::new(None, None), Some(GrantTarget::Everything));
    }
}
