//! §3.1: start a workflow.

use std::collections::BTreeMap;

use serde_json::{json, value::RawValue};

use super::Asked;
use crate::{
    auth::{open_instance, require_scope},
    execution::Runner,
    lock,
    reply::{Answer, Refusal, Reply},
    runner, signature,
    state::{NewExecution, State},
};

pub fn answer(state: &State, asked: &Asked, instance: &str, workflow: &str) -> Answer {
    asked_for(state, asked, instance, workflow)?;
    let workflow = state
        .catalogue
        .find(workflow)
        .filter(|workflow| workflow.is_triggerable())
        .ok_or_else(|| Refusal::not_found("WORKFLOW_NOT_FOUND", "Workflow not found"))?;
    let payload = payload(&asked.body)?;
    let received_at = asked.entry.as_ref().map_or_else(|| state.now_ms(), |entry| entry.received_at);
    let execution = state.create(NewExecution {
        instance,
        workflow,
        payload,
        received_at,
        runner: if workflow.is_demo() { Runner::Demo } else { Runner::External },
    });
    if let Some(entry) = &asked.entry {
        // Each request has an entry of its own, so the cell is empty.
        let _ = entry.execution.set(execution.clone());
    }
    let reply = started(&execution.created.id);
    runner::start(state, execution);
    reply
}

/// What a trigger is answered.
pub fn started(execution: &str) -> Answer {
    Reply::json(&json!({ "success": true, "executionId": execution, "message": "Execution started" }))
}

/// Who asks, and whether the instance takes triggers at the moment.
fn asked_for(state: &State, asked: &Asked, instance: &str, workflow: &str) -> Result<(), Refusal> {
    if let Some(entry) = &asked.entry {
        *lock(&entry.payload) = serde_json::from_slice(&asked.body).ok();
    }
    let instance = if signature::is_signed(&asked.parts.headers) {
        signature::verify(state, instance, workflow, &asked.parts.headers, &asked.body)?;
        let world = crate::read(&state.world);
        world.instance(instance).cloned().ok_or_else(Refusal::no_instance)?
    } else {
        let key = asked.key(state, true)?;
        require_scope(&key, "workflows:trigger")?;
        open_instance(state, &key, instance)?
    };
    if instance.is_healthy() {
        return Ok(());
    }
    Err(Refusal::inactive(match instance.inactive_reason.as_deref() {
        Some("deploy_failed") => "Process instance is not active: its deployment failed",
        Some("archived") => "Process instance is not active: it is archived",
        _ => "Process instance is not active",
    }))
}

/// The members of `payload`, or the whole body where there is no such key; nothing at all is `{}`.
fn payload(body: &[u8]) -> Result<Box<RawValue>, Refusal> {
    let body = if body.trim_ascii().is_empty() { b"{}".as_slice() } else { body };
    let invalid = |error: serde_json::Error| Refusal::invalid(format!("Request body must be a JSON object: {error}"));
    let mut members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(body).map_err(invalid)?;
    match members.remove("payload") {
        Some(inner) if inner.get().starts_with('{') => Ok(inner),
        Some(_) => Err(Refusal::invalid("payload must be a JSON object")),
        None => serde_json::from_slice(body).map_err(invalid),
    }
}

#[cfg(test)]
mod tests {
    use super::payload;

    #[test]
    fn only_the_wrapper_is_unpacked() {
        let text = |body: &str| payload(body.as_bytes()).map(|raw| raw.get().to_owned());
        assert_eq!(text(r#"{"payload":{"a":1e2},"b":2}"#).as_deref(), Ok(r#"{"a":1e2}"#));
        assert_eq!(text(r#"{"a":1}"#).as_deref(), Ok(r#"{"a":1}"#));
        assert_eq!(text("").as_deref(), Ok("{}"));
        for body in ["[1]", "7", "{", r#"{"payload":[]}"#, r#"{"payload":null}"#] {
            assert!(text(body).is_err(), "{body}");
        }
    }
}
