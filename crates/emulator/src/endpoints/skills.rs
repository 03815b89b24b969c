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
    // As the platform's own reader: a skill without a name has that of its folder.
    Some(json!({
        "name": frontmatter(text, "name").unwrap_or(&workflow.id),
        "description": frontmatter(text, "description").unwrap_or_default(),
        "workflowTemplateId": workflow.id,
        "contentMarkdown": text,
        "relativePath": format!("skills/{}/SKILL.md", workflow.id),
    }))
}
