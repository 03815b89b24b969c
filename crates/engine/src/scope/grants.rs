//! Grants, summed up for one person.

use std::collections::BTreeMap;

use model::{EnvSlug, WorkflowId};

/// What a grant is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Target {
    /// Every environment, also those that are set up later.
    Everything,
    Environment(EnvSlug),
    Workflow(EnvSlug, WorkflowId),
}

/// What a grant allows. Either of them shows the workflow and its form.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verbs {
    /// Run it.
    pub run: bool,
    /// See everybody's runs of it.
    pub see: bool,
}

impl Verbs {
    pub const fn any(self) -> bool {
        self.run || self.see
    }

    #[must_use]
    pub const fn and(self, more: Self) -> Self {
        Self { run: self.run || more.run, see: self.see || more.see }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Grants {
    everywhere: Verbs,
    environments: BTreeMap<EnvSlug, InEnvironment>,
}

#[derive(Clone, Debug, Default)]
struct InEnvironment {
    all: Verbs,
    workflows: BTreeMap<WorkflowId, Verbs>,
}

impl Grants {
    pub fn add(&mut self, target: Target, verbs: Verbs) {
        if !verbs.any() {
            return;
        }
        let place = match target {
            Target::Everything => &mut self.everywhere,
            Target::Environment(environment) => &mut self.environments.entry(environment).or_default().all,
            Target::Workflow(environment, workflow) => {
                self.environments.entry(environment).or_default().workflows.entry(workflow).or_default()
            }
        };
        *place = place.and(verbs);
    }

    pub fn on(&self, environment: &EnvSlug, workflow: &WorkflowId) -> Verbs {
        let Some(inside) = self.environments.get(environment) else { return self.everywhere };
        let of_workflow = inside.workflows.get(workflow).copied().unwrap_or_default();
        self.everywhere.and(inside.all).and(of_workflow)
    }

    /// Whether there is anything in this environment.
    pub fn enter(&self, environment: &EnvSlug) -> bool {
        self.everywhere.any() || self.environments.contains_key(environment)
    }

    /// Whose runs are seen of everybody, each place once: environments, and workflows of environments that are not
    /// seen as a whole. None: of all that the conditions leave.
    pub fn seen(
        &self,
        environment: Option<&EnvSlug>,
        workflow: Option<&WorkflowId>,
    ) -> Option<Vec<(EnvSlug, Option<WorkflowId>)>> {
        if self.everywhere.see {
            return None;
        }
        let mut seen = Vec::new();
        for (slug, inside) in &self.environments {
            if environment.is_some_and(|wanted| wanted != slug) {
                continue;
            }
            let in_one = environment.is_some();
            if inside.all.see {
                if in_one {
                    return None;
                }
                seen.push((slug.clone(), workflow.cloned()));
                continue;
            }
            for (id, _) in inside.workflows.iter().filter(|(_, verbs)| verbs.see) {
                match workflow {
                    Some(wanted) if wanted != id => {}
                    Some(_) if in_one => return None,
                    _ => seen.push((slug.clone(), Some(id.clone()))),
                }
            }
        }
        Some(seen)
    }
}
