//! §3.5 and §3.8: the newest executions, and the instances.

use serde_json::{Value, json};

use super::{Asked, status::is_registered};
use crate::{
    auth::{may_see, query, require_organization, require_scope, require_unrestricted},
    clock::iso,
    execution::Execution,
    read,
    reply::{Answer, Refusal, Reply},
    state::State,
    world::{Instance, KeyKind},
};

const DEFAULT_LIMIT: usize = 20;
const MAX_LIMIT: usize = 100;

pub fn executions(state: &State, asked: &Asked, instance: &str) -> Answer {
    let (_, instance) = asked.key_and_instance(state, instance, "executions:read")?;
    let workflow = query(&asked.parts.uri, "workflowId");
    let status = query(&asked.parts.uri, "status");
    let limit = limit(asked)?;
    let executions: Vec<Value> = state
        .newest(limit, |execution| {
            *execution.created.instance == instance.id
                && workflow.as_ref().is_none_or(|wanted| **wanted == *execution.created.workflow)
                && status.as_ref().is_none_or(|wanted| wanted == execution.status())
                && is_registered(state, execution)
        })
        .iter()
        .map(|execution| item(execution))
        .collect();
    Reply::data(json!({
        "processInstanceId": instance.id,
        "count": executions.len(),
        "executions": executions,
    }))
}

fn item(execution: &Execution) -> Value {
    let created = &execution.created;
    let mut item = json!({
        "executionId": created.id,
        "workflowId": created.workflow,
        "triggerId": created.trigger_id,
        "status": execution.status(),
        "createdAt": iso(created.created_at),
    });
    if let Some(finished) = execution.finished() {
        item["duration"] = finished.duration.into();
        if let Some(id) = &finished.n8n_execution_id {
            item["n8nExecutionId"] = (**id).into();
        }
        if let Some(error) = &finished.error {
            item["errorDetails"] = json!({ "message": error.message });
            if let Some(node) = &error.failed_node_name {
                item["errorDetails"]["failedNodeName"] = node.as_str().into();
            }
        }
    }
    item
}

pub fn instances(state: &State, asked: &Asked) -> Answer {
    let key = asked.key(state, false)?;
    require_unrestricted(state, &key)?;
    require_organization(&key)?;
    require_scope(&key, "instances:read")?;
    let environment = query(&asked.parts.uri, "environment");
    let archived = query(&asked.parts.uri, "archived").as_deref() == Some("true");
    let limit = limit(asked)?;
    let world = read(&state.world);
    let mut found: Vec<&Instance> = world
        .instances
        .iter()
        .filter(|instance| may_see(&key, instance))
        .filter(|instance| {
            // Staff keys open every organization's instances, but a list is of one organization.
            key.kind != KeyKind::Admin || instance.organization == key.organization
        })
        .filter(|instance| instance.archived == archived)
        .filter(|instance| environment.as_ref().is_none_or(|wanted| *wanted == instance.environment))
        .collect();
    found.sort_by_key(|instance| std::cmp::Reverse(instance.last_executed_at));
    found.truncate(limit);
    let instances: Vec<Value> = found.into_iter().map(instance_item).collect();
    Reply::data(json!({
        "organizationId": key.organization,
        "count": instances.len(),
        "instances": instances,
    }))
}

fn instance_item(instance: &Instance) -> Value {
    let mut item = json!({
        "processInstanceId": instance.id,
        "processId": instance.process,
        "title": instance.title,
        "environment": instance.environment,
        "isActive": instance.is_active,
        "archived": instance.archived,
        "currentVersion": instance.version,
        "installedAt": iso(instance.installed_at),
        "lastExecutedAt": instance.last_executed_at.map(iso),
    });
    if let Some(reason) = instance.inactive_reason.as_deref().filter(|_| !instance.is_active) {
        item["inactiveReason"] = reason.into();
    }
    item
}

fn limit(asked: &Asked) -> Result<usize, Refusal> {
    query(&asked.parts.uri, "limit").map_or(Ok(DEFAULT_LIMIT), |text| {
        text.parse()
            .ok()
            .filter(|limit| (1..=MAX_LIMIT).contains(limit))
            .ok_or_else(|| Refusal::invalid("limit must be between 1 and 100"))
    })
}
