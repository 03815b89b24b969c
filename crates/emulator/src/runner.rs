//! Carries executions out, and takes up those that an earlier process left pending.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use crate::{
    execution::{Execution, Finished, Runner, Trace},
    fixtures,
    input::invalid,
    n8n::hand_over,
    run::{Outcome, Output, Run},
    state::State,
    workflows::Work,
};

/// Starts a fresh execution, in a task of its own: here or in n8n.
pub fn start(state: &State, execution: Arc<Execution>) {
    if execution.created.runner == Runner::Demo {
        spawn(state, execution);
        return;
    }
    let workflow = state.catalogue.find(&execution.created.workflow);
    let endpoint = workflow.and_then(|workflow| workflow.endpoint.clone());
    if let (Some(n8n), Some(endpoint)) = (state.n8n.clone(), endpoint) {
        let owned = state.clone();
        state.tasks.spawn(async move {
            tokio::select! {
                () = owned.shutdown.cancelled() => {}
                () = hand_over(&owned, &n8n, execution, &endpoint) => {}
            }
        });
    }
}

fn spawn(state: &State, execution: Arc<Execution>) {
    let owned = state.clone();
    state.tasks.spawn(async move {
        tokio::select! {
            () = owned.shutdown.cancelled() => {}
            () = carry_out(&owned, &execution) => {}
        }
    });
}

/// Takes up every pending execution of a demo workflow. What was handed over is n8n's business.
pub fn resume(state: &State) {
    let ours = |execution: &Execution| execution.finished().is_none() && execution.created.runner == Runner::Demo;
    for execution in state.newest(usize::MAX, ours) {
        spawn(state, execution);
    }
}

async fn carry_out(state: &State, execution: &Arc<Execution>) {
    let created = &execution.created;
    let Some(work) = state.catalogue.find(&created.workflow).and_then(|workflow| workflow.work.as_ref()) else {
        return;
    };
    let input = serde_json::from_str::<Map<String, Value>>(created.payload.get());
    let mut run = Run::new(state, created, input.as_ref().cloned().unwrap_or_default());
    preamble(state, execution, &mut run).await;
    let outcome = match input {
        Ok(_) => match work {
            Work::Code(code) => code(&mut run).await,
            Work::Answers(answers) => answers.play(&mut run).await,
        },
        Err(error) => {
            let error = invalid(format!("The input cannot be read: {error}"));
            Err(run.fail("Read input", 5, error).await)
        }
    };
    conclude(state, execution, run, outcome).await;
}

/// The nodes every workflow starts with. A real trace holds these secrets too.
async fn preamble(state: &State, execution: &Execution, run: &mut Run) {
    let created = &execution.created;
    let metadata = metadata(state, execution);
    let mut body = run.input.clone();
    body.insert("executionMetadata".to_owned(), metadata.clone());
    let item = json!({
        "headers": {
            "content-type": "application/json",
            "x-codika-webhook-auth": format!("demo-webhook-auth-{}", created.instance),
        },
        "params": {}, "query": {}, "body": body, "webhookUrl": "", "executionMode": "production",
    });
    run.node("HTTP Trigger", "n8n-nodes-base.webhook", 3, vec![item]).await;
    let mut init = metadata;
    init["_startTimeMs"] = created.created_at.into();
    init["_mode"] = "passthrough".into();
    run.node("Codika Init", "n8n-nodes-codika.codika", 8, vec![init]).await;
}

/// What the platform tells a workflow about its execution.
pub fn metadata(state: &State, execution: &Execution) -> Value {
    let created = &execution.created;
    let base = state.base_url.get().map_or("", String::as_str);
    json!({
        "executionId": created.id,
        "executionSecret": created.secret,
        "callbackUrl": format!("{base}/submitworkflowresult"),
        "errorCallbackUrl": format!("{base}/submitworkflowerror"),
        "workflowId": created.workflow,
        "processId": fixtures::PROCESS,
        "processInstanceId": created.instance,
        "userId": fixtures::USER,
        "organizationId": fixtures::ORGANIZATION,
    })
}

async fn conclude(state: &State, execution: &Arc<Execution>, mut run: Run, outcome: Outcome) {
    let (result, error) = match outcome {
        Ok(Output::Silence) => return,
        Ok(Output::Raw(raw)) => (Some(raw), None),
        Ok(Output::Value(value)) => (serde_json::value::to_raw_value(&value).ok(), None),
        Err(error) => (None, Some(error)),
    };
    let (name, answer) = match &error {
        None => ("Codika Submit Result", json!({ "success": true })),
        Some(error) => ("Codika Report Error", json!({ "success": true, "errorType": error.r#type })),
    };
    run.node(name, "n8n-nodes-codika.codika", 15, vec![answer]).await;
    let nodes = run.into_nodes();
    let finished = Finished {
        finished_at: state.now_ms(),
        duration: nodes.iter().map(|node| node.took).sum(),
        n8n_execution_id: Some((4000 + execution.created.number).to_string().into()),
        result,
        error: error.map(Box::new),
        trace: Trace::of(&nodes),
    };
    state.finish(execution, finished);
}
