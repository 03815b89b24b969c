//! §7.2: what running workflows tell the platform. No API key: each execution has its own secret.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};
use subtle::ConstantTimeEq;

use super::Asked;
use crate::{
    execution::{ErrorDetails, Execution, Finished, Runner, Trace},
    fixtures, read,
    reply::{Answer, Refusal, Reply},
    state::{NewExecution, State},
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewRequest {
    member_secret: String,
    organization_id: String,
    user_id: String,
    process_instance_id: String,
    workflow_id: String,
    trigger_type: String,
    #[serde(default)]
    trigger_data: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResultRequest {
    execution_id: String,
    execution_secret: String,
    /// Called `result` before node 0.2.0.
    #[serde(alias = "result")]
    result_data: Option<Box<RawValue>>,
    n8n_execution_id: Option<String>,
    execution_time_ms: Option<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ErrorRequest {
    execution_id: String,
    execution_secret: String,
    #[serde(flatten)]
    flat: FlatError,
    /// The spelling before node 0.3.1.
    error: Option<NestedError>,
    n8n_execution_id: Option<String>,
    execution_time_ms: Option<f64>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct FlatError {
    error_type: Option<String>,
    error_message: Option<String>,
    failed_node_name: Option<String>,
    last_executed_node: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NestedError {
    message: Option<String>,
    r#type: Option<String>,
    failed_node_name: Option<String>,
    last_executed_node: Option<String>,
}

/// A workflow that started by itself registers its execution.
pub fn create(state: &State, asked: &Asked) -> Answer {
    let request: NewRequest = asked.json()?;
    let strings = [
        &request.member_secret,
        &request.organization_id,
        &request.user_id,
        &request.process_instance_id,
        &request.workflow_id,
        &request.trigger_type,
    ];
    if strings.iter().any(|text| text.is_empty()) {
        return Err(Refusal::invalid("All six members must be non-empty"));
    }
    if request.member_secret != fixtures::MEMBER_SECRET {
        return Err(Refusal::unauthorized("Invalid member secret"));
    }
    let process = {
        let world = read(&state.world);
        let instance = world
            .instance(&request.process_instance_id)
            .filter(|instance| instance.organization == request.organization_id)
            .ok_or_else(Refusal::no_instance)?;
        instance.process.clone()
    };
    let workflow = state
        .catalogue
        .find(&request.workflow_id)
        .ok_or_else(|| Refusal::not_found("WORKFLOW_NOT_FOUND", "Workflow not found"))?;
    let payload = serde_json::value::to_raw_value(&json!({ "triggerData": request.trigger_data }))
        .map_err(|error| Refusal::internal(error.to_string()))?;
    let execution = state.create(NewExecution {
        instance: &request.process_instance_id,
        workflow,
        payload,
        received_at: state.now_ms(),
        runner: Runner::External,
    });
    let base = state.base_url.get().map_or("", String::as_str);
    Reply::json(&json!({
        "success": true,
        "executionId": execution.created.id,
        "executionSecret": execution.created.secret,
        "callbackUrl": format!("{base}/submitworkflowresult"),
        "errorCallbackUrl": format!("{base}/submitworkflowerror"),
        "processId": process,
        "userId": request.user_id,
    }))
}

/// *Submit Result*.
pub fn result(state: &State, asked: &Asked) -> Answer {
    let request: ResultRequest = asked.json()?;
    let execution = open(state, &request.execution_id, &request.execution_secret)?;
    let duration = request.execution_time_ms;
    finish(state, &execution, duration, request.n8n_execution_id, |finished| {
        finished.result = request.result_data;
    })
}

/// *Report Error*.
pub fn error(state: &State, asked: &Asked) -> Answer {
    let request: ErrorRequest = asked.json()?;
    let execution = open(state, &request.execution_id, &request.execution_secret)?;
    let told = request.error.map_or(request.flat, |nested| FlatError {
        error_type: nested.r#type,
        error_message: nested.message,
        failed_node_name: nested.failed_node_name,
        last_executed_node: nested.last_executed_node,
    });
    let duration = request.execution_time_ms;
    finish(state, &execution, duration, request.n8n_execution_id, |finished| {
        finished.error = Some(Box::new(ErrorDetails {
            r#type: told.error_type.unwrap_or_else(|| "node_failure".to_owned()),
            message: told.error_message.unwrap_or_else(|| "Unknown error".to_owned()),
            code: None,
            failed_node_name: told.failed_node_name,
            last_executed_node: told.last_executed_node,
        }));
    })
}

/// Document ingestion reports here; the emulator ingests nothing.
pub fn embedding(asked: &Asked) -> Answer {
    asked.json::<serde_json::Map<String, Value>>()?;
    Reply::json(&json!({ "success": true }))
}

/// The pending execution that `secret` opens.
pub fn open(state: &State, id: &str, secret: &str) -> Result<Arc<Execution>, Refusal> {
    let execution = state.execution(id).ok_or_else(Refusal::no_execution)?;
    let fits: bool = execution.created.secret.as_bytes().ct_eq(secret.as_bytes()).into();
    if !fits {
        return Err(Refusal::unauthorized("Invalid execution secret"));
    }
    if execution.finished().is_some() {
        return Err(not_pending());
    }
    Ok(execution)
}

fn not_pending() -> Refusal {
    Refusal::not_found("EXECUTION_NOT_PENDING", "Execution is not pending")
}

fn finish(
    state: &State,
    execution: &Arc<Execution>,
    told_ms: Option<f64>,
    n8n_execution_id: Option<String>,
    ending: impl FnOnce(&mut Finished),
) -> Answer {
    let now = state.now_ms();
    let measured = u64::try_from(now - execution.created.created_at).unwrap_or(0);
    let told = told_ms
        .filter(|ms| ms.is_finite() && *ms >= 0.0)
        .map(|ms| u64::try_from(std::time::Duration::try_from_secs_f64(ms / 1000.0).unwrap_or_default().as_millis()));
    let mut finished = Finished {
        finished_at: now,
        duration: told.and_then(Result::ok).unwrap_or(measured),
        n8n_execution_id: n8n_execution_id.map(Into::into),
        result: None,
        error: None,
        trace: Trace::default(),
    };
    ending(&mut finished);
    if state.finish(execution, finished) { Reply::json(&json!({ "success": true })) } else { Err(not_pending()) }
}
