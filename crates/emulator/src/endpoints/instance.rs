//! §3.4: one process instance and its workflows.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Asked;
use crate::{
    clock::iso,
    read,
    reply::{Answer, Reply},
    state::State,
    workflows::{Trigger, Workflow},
    world::Instance,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Request {
    process_instance_id: String,
    #[serde(default)]
    include_workflow_details: bool,
}

pub fn answer(state: &State, asked: &Asked) -> Answer {
    asked.key(state, false)?;
    let request: Request = asked.json()?;
    let (_, instance) = asked.key_and_instance(state, &request.process_instance_id, "instances:read")?;
    let schemas = read(&state.switches).input_schema;
    let workflows: Vec<Value> = state
        .catalogue
        .iter()
        .map(|workflow| {
            let mut view = brief(&instance, workflow);
            if let (true, Some(members)) = (request.include_workflow_details, view.as_object_mut()) {
                members.extend(details(workflow, schemas));
            }
            view
        })
        .collect();
    Reply::data(json!({
        "processInstanceId": instance.id,
        "processId": instance.process,
        "environment": instance.environment,
        "isActive": instance.is_active,
        "archived": instance.archived,
        "currentVersion": instance.version,
        "title": instance.title,
        "organizationId": instance.organization,
        "installedAt": iso(instance.installed_at),
        "lastExecutedAt": instance.last_executed_at.map(iso),
        "deployment": {
            "deploymentInstanceId": format!("d{}", instance.id.get(instance.id.len().saturating_sub(8)..).unwrap_or_default()),
            "deploymentStatus": instance.deployment_status,
            "deploymentParameters": instance.parameters,
            "deploymentInputSchema": [],
            "workflows": workflows,
        },
    }))
}

fn brief(instance: &Instance, workflow: &Workflow) -> Value {
    json!({
        "workflowId": workflow.id,
        "n8nWorkflowId": workflow.n8n_id(&instance.id),
        "workflowName": workflow.name,
    })
}

fn details(workflow: &Workflow, schemas: bool) -> serde_json::Map<String, Value> {
    let triggers: Vec<Value> = workflow.triggers.iter().map(|trigger| trigger_summary(trigger, schemas)).collect();
    let members = json!({
        "n8nWorkflowIsActive": true,
        "triggers": triggers,
        "cost": workflow.cost,
        "integrationUids": workflow.integrations,
    });
    match members {
        Value::Object(members) => members,
        _ => serde_json::Map::new(),
    }
}

/// A trigger as clients see it: without secrets and addresses.
#[must_use]
fn trigger_summary(trigger: &Trigger, schemas: bool) -> Value {
    let (mut summary, schema) = match trigger {
        Trigger::Http { input_schema } => (json!({ "type": "http", "method": "POST" }), Some(input_schema)),
        Trigger::Schedule { cron, timezone } => {
            (json!({ "type": "schedule", "cronExpression": cron, "timezone": timezone }), None)
        }
        Trigger::ServiceEvent { service, event_type } => {
            (json!({ "type": "service_event", "service": service, "eventType": event_type }), None)
        }
        Trigger::Subworkflow { input_schema } => (json!({ "type": "subworkflow" }), Some(input_schema)),
        Trigger::DataIngestion => (json!({ "type": "data_ingestion" }), None),
    };
    if let Some(schema) = schema.filter(|schema| schemas && !schema.is_null()) {
        summary["inputSchema"] = schema.clone();
    }
    summary
}
