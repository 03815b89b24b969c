//! The trace of an execution in n8n's own shape, made from the steps that were measured.

use serde_json::{Map, Value, json};

use crate::{
    clock::iso,
    execution::{Execution, Finished, Node},
    state::State,
};

/// How much of the trace is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    /// With the runs of sub-workflows.
    pub deep: bool,
    /// Without `pairedItem` and `workflowData`.
    pub slim: bool,
}

/// The trace; nothing while the execution runs, or when nobody measured it here.
pub fn trace(state: &State, execution: &Execution, depth: Depth) -> Option<Value> {
    let finished = execution.finished()?;
    let nodes = finished.trace.nodes();
    let first = nodes.first()?;
    let created = &execution.created;
    let n8n_id =
        state.catalogue.find(&created.workflow).map(|workflow| workflow.n8n_id(&created.instance)).unwrap_or_default();
    let id = finished.n8n_execution_id.as_deref().unwrap_or_default();
    let mut trace = one_run(id, &created.workflow, &nodes, depth);
    trace["mode"] = "webhook".into();
    trace["startedAt"] = iso(first.started_at).into();
    trace["stoppedAt"] = iso(finished.finished_at).into();
    trace["workflowId"] = n8n_id.into();
    trace["customData"] = json!({
        "codikaExecutionId": created.id,
        "codikaExecutionSecret": created.secret,
        "codikaStartTimeMs": first.started_at.to_string(),
    });
    if let Some(error) = error_of(finished) {
        trace["data"]["resultData"]["error"] = error;
    }
    Some(trace)
}

fn error_of(finished: &Finished) -> Option<Value> {
    let error = finished.error.as_ref()?;
    Some(json!({
        "message": error.message,
        "name": "NodeOperationError",
        "node": { "name": error.failed_node_name },
    }))
}

fn one_run(id: &str, workflow: &str, nodes: &[Node], depth: Depth) -> Value {
    let mut run_data: Map<String, Value> = Map::new();
    for (index, node) in nodes.iter().enumerate() {
        let previous = index.checked_sub(1).and_then(|index| nodes.get(index));
        let run = node_run(id, index, node, previous, depth);
        match run_data.get_mut(&node.name).and_then(Value::as_array_mut) {
            Some(runs) => runs.push(run),
            None => {
                run_data.insert(node.name.clone(), json!([run]));
            }
        }
    }
    let failed = nodes.iter().any(|node| node.error.is_some());
    let mut run = json!({
        "id": id,
        "status": if failed { "error" } else { "success" },
        "finished": !failed,
        "data": { "resultData": {
            "lastNodeExecuted": nodes.last().map(|node| &node.name),
            "runData": run_data,
        } },
    });
    if !depth.slim {
        run["workflowData"] = workflow_data(workflow, nodes);
    }
    run
}

fn node_run(id: &str, index: usize, node: &Node, previous: Option<&Node>, depth: Depth) -> Value {
    let items: Vec<Value> = node
        .output
        .iter()
        .enumerate()
        .map(|(place, output)| {
            let json = if output.is_object() { output.clone() } else { json!({ "data": output }) };
            let mut item = json!({ "json": json });
            if !depth.slim && previous.is_some() {
                item["pairedItem"] = json!({ "item": place });
            }
            item
        })
        .collect();
    let source = previous.map(|previous| json!({ "previousNode": previous.name }));
    let mut run = json!({
        "startTime": node.started_at,
        "executionTime": node.took,
        "executionIndex": index,
        "executionStatus": if node.error.is_some() { "error" } else { "success" },
        "source": source.into_iter().collect::<Vec<_>>(),
    });
    match &node.error {
        Some(error) => {
            run["error"] = json!({
                "message": error.message,
                "name": "NodeOperationError",
                "httpCode": error.code,
                "node": { "name": node.name, "type": node.kind },
            });
        }
        None => run["data"] = json!({ "main": [items] }),
    }
    if let Some(sub) = &node.sub {
        let sub_id = format!("{id}{index:02}");
        run["metadata"] = json!({
            "subExecution": { "executionId": sub_id, "workflowId": sub.workflow },
        });
        if depth.deep {
            run["_subExecutions"] = json!([one_run(&sub_id, &sub.workflow, &sub.nodes, depth)]);
        }
    }
    run
}

fn workflow_data(workflow: &str, nodes: &[Node]) -> Value {
    let list: Vec<Value> = nodes
        .iter()
        .enumerate()
        .map(|(index, node)| {
            json!({
                "name": node.name, "type": node.kind, "typeVersion": 1,
                "position": [220 * index, 0], "parameters": {},
            })
        })
        .collect();
    let connections: Map<String, Value> = nodes
        .windows(2)
        .filter_map(|pair| match pair {
            [from, to] => {
                Some((from.name.clone(), json!({ "main": [[{ "node": to.name, "type": "main", "index": 0 }]] })))
            }
            _ => None,
        })
        .collect();
    json!({ "name": workflow, "active": true, "nodes": list, "connections": connections })
}
