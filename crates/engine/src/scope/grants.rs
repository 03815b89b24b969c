//! Grants, summed up for one person.

use std::collections::BTreeMap;

use model::{EnvSlug, GrantTarget, GrantVerbs, WorkflowId};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    everywhere: GrantVerbs,
    environments: BTreeMap<EnvSlug, InEnvironment>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct InEnvironment {
    all: GrantVerbs,
    workflows: BTreeMap<WorkflowId, GrantVerbs>,
}

impl Grants {
    pub fn add(&mut self, target: GrantTarget, verbs: GrantVerbs) {
        if !verbs.any() {
            return;
        }
        let place = match target {
            GrantTarget::Everything => &mut self.everywhere,
            GrantTarget::Environment(environment) => &mut self.environments.entry(environment).or_default().all,
            GrantTarget::Workflow(environment, workflow) => {
                self.environments.entry(environment).or_default().workflows.entry(workflow).or_default()
            }
        };
        *place = place.and(verbs);
    }

    pub fn on(&self, environment: &EnvSlug, workflow: &WorkflowId) -> GrantVerbs {
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
