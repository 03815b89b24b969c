//! §3.2: how far an execution is.

use std::sync::Arc;

use serde::Serialize;
use serde_json::value::RawValue;

use super::Asked;
use crate::{
    auth::{open_instance, require_scope},
    clock::iso,
    execution::{ErrorDetails, Execution},
    read,
    reply::{Answer, Refusal, Reply},
    state::State,
};

#[derive(Serialize)]
struct Body<'a> {
    success: bool,
    execution: View<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View<'a> {
    execution_id: &'a str,
    status: &'a str,
    created_at: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result_data: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_details: Option<&'a ErrorDetails>,
}

pub fn answer(state: &State, asked: &Asked, instance: &str, execution: &str) -> Answer {
    let key = asked.key(state, true)?;
    require_scope(&key, "workflows:trigger")?;
    open_instance(state, &key, instance)?;
    let execution = registered(state, instance, execution)?;
    let finished = execution.finished();
    Reply::json(&Body {
        success: true,
        execution: View {
            execution_id: &execution.created.id,
            status: execution.status(),
            created_at: iso(execution.created.created_at),
            duration: finished.map(|finished| finished.duration),
            result_data: finished.and_then(|finished| finished.result.as_deref()),
            error_details: finished.and_then(|finished| finished.error.as_deref()),
        },
    })
}

/// The execution, if it is one of this instance and the platform already knows it.
pub fn registered(state: &State, instance: &str, id: &str) -> Result<Arc<Execution>, Refusal> {
    state
        .execution(id)
        .filter(|execution| *execution.created.instance == *instance)
        .filter(|execution| is_registered(state, execution))
        .ok_or_else(Refusal::no_execution)
}

/// Whether the delay of the registration switch is over.
pub fn is_registered(state: &State, execution: &Execution) -> bool {
    let delay = read(&state.switches).registration_delay_ms;
    delay <= 0 || state.now_ms() - execution.created.created_at >= delay
}
