//! §3.9: pausing instances, projects, metadata.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Asked;
use crate::{
    auth::{open_instance, query, require_organization, require_scope},
    clock::iso,
    fixtures,
    reply::{Answer, Refusal, Reply},
    state::State,
    world::Key,
    write,
};

/// 10 January 2025.
const PROJECT_CREATED_AT: i64 = 1_736_496_000_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct InstanceRequest {
    process_instance_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ProjectRequest {
    project_id: String,
    version: Option<String>,
}

/// Activates or deactivates an instance.
pub fn switch(state: &State, asked: &Asked, on: bool) -> Answer {
    let key = organization_key(state, asked, "instances:manage")?;
    let request: InstanceRequest = asked.json()?;
    let instance = open_instance(state, &key, &request.process_instance_id)?;
    if instance.deployment_status == "failed" || instance.archived {
        return Err(Refusal::invalid("Process instance is in a failed or archived state"));
    }
    if instance.is_active == on {
        let word = if on { "active" } else { "inactive" };
        return Err(Refusal::conflict(format!("Process instance is already {word}")));
    }
    let mut world = write(&state.world);
    if let Some(stored) = world.instances.iter_mut().find(|one| one.id == instance.id) {
        stored.is_active = on;
        stored.inactive_reason = (!on).then(|| "user_paused".to_owned());
    }
    Reply::data(json!({
        "processInstanceId": instance.id,
        "isActive": on,
        "workflowCount": state.catalogue.iter().count(),
    }))
}

/// Lists the projects of the caller's organization.
pub fn projects(state: &State, asked: &Asked) -> Answer {
    let key = organization_key(state, asked, "projects:read")?;
    let archived = query(&asked.parts.uri, "archived").as_deref() == Some("true");
    let projects: Vec<Value> =
        if archived || key.organization != fixtures::ORGANIZATION { Vec::new() } else { vec![brief()] };
    Reply::data(json!({
        "projects": projects,
        "count": projects.len(),
        "organizationId": key.organization,
    }))
}

/// One project.
pub fn project(state: &State, asked: &Asked) -> Answer {
    let key = organization_key(state, asked, "projects:read")?;
    let request: ProjectRequest = asked.json()?;
    own_project(&key, &request)?;
    let mut project = brief();
    project["processId"] = fixtures::PROCESS.into();
    project["currentDeployment"] = json!({ "version": "1.12", "deployedAt": iso(PROJECT_CREATED_AT) });
    project["stageCount"] = 3.into();
    project["currentStage"] = 3.into();
    Reply::data(project)
}

/// The author's documents: the demo process has none.
pub fn metadata(state: &State, asked: &Asked) -> Answer {
    let key = organization_key(state, asked, "deploy:use-case")?;
    let request: ProjectRequest = asked.json()?;
    own_project(&key, &request)?;
    Reply::data(json!({
        "projectId": request.project_id,
        "version": request.version.as_deref().unwrap_or("1.12"),
        "organizationId": key.organization,
        "documents": [],
    }))
}

fn organization_key(state: &State, asked: &Asked, scope: &str) -> Result<Key, Refusal> {
    let key = asked.key(state, false)?;
    require_organization(&key)?;
    require_scope(&key, scope)?;
    Ok(key)
}

fn own_project(key: &Key, request: &ProjectRequest) -> Result<(), Refusal> {
    if key.organization == fixtures::ORGANIZATION && request.project_id == fixtures::PROJECT {
        Ok(())
    } else {
        Err(Refusal::not_found("PROJECT_NOT_FOUND", "Project not found"))
    }
}

fn brief() -> Value {
    json!({
        "id": fixtures::PROJECT,
        "name": "Demo workbench",
        "description": "Workflows that compute on this machine",
        "status": "completed",
        "hasPublishedProcess": true,
        "createdBy": fixtures::USER,
        "createdAt": iso(PROJECT_CREATED_AT),
        "archived": false,
    })
}
