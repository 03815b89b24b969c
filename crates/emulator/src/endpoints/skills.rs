//! §3.3: what the author says about the workflows.

use serde_json::{Value, json};

use super::Asked;
use crate::{
    reply::{Answer, Reply},
    skill::frontmatter,
    state::State,
    workflows::Workflow,
};

pub fn answer(state: &State, asked: &Asked, instance: &str) -> Answer {
    let (_, instance) = asked.key_and_instance(state, instance, "skills:read")?;
    let skills: Vec<Value> = state.catalogue.iter().filter_map(skill).collect();
    Reply::json(&json!({
        "success": true,
        "data": { "processInstanceId": instance.id, "skills": skills },
    }))
}

fn skill(workflow: &Workflow) -> Option<Value> {
    let text = workflow.skill.as_deref()?;
    Some(json!({
        "name": frontmatter(text, "name"),
        "description": frontmatter(text, "description"),
        "workflowTemplateId": workflow.id,
        "contentMarkdown": text,
        "relativePath": format!("skills/{}/SKILL.md", workflow.id),
    }))
}
