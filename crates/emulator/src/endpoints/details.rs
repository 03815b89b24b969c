//! §3.6: the n8n trace of one execution, secrets and all.

use serde::Serialize;
use serde_json::Value;

use super::{Asked, status::registered};
use crate::{
    auth::query,
    reply::{Answer, Reply, request_id},
    state::State,
    text::Text,
    trace::{Depth, trace},
};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Body {
    success: bool,
    request_id: String,
    execution: View,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct View {
    codika_execution_id: Text,
    n8n_execution_id: Option<Box<str>>,
    status: &'static str,
    n8n_execution: Option<Value>,
}

pub fn answer(state: &State, asked: &Asked, instance: &str, execution: &str) -> Answer {
    asked.key_and_instance(state, instance, "executions:read")?;
    let execution = registered(state, instance, execution)?;
    let flag = |name| query(&asked.parts.uri, name).as_deref() == Some("true");
    let depth = Depth { deep: flag("deep"), slim: flag("slim") };
    Reply::json(&Body {
        success: true,
        request_id: request_id(),
        execution: View {
            codika_execution_id: execution.created.id.clone(),
            n8n_execution_id: execution.finished().and_then(|finished| finished.n8n_execution_id.clone()),
            status: execution.status(),
            n8n_execution: trace(state, &execution, depth),
        },
    })
}
