//! `never-answers`: a workflow none of whose paths reports an end.

use serde_json::{Value, json};

use super::Workflow;
use crate::run::{Outcome, Output, Run};

pub fn workflow() -> Workflow {
    Workflow::http("never-answers", "Never answers", input_schema(), include_str!("never_answers.md"), |run| {
        Box::pin(work(run))
    })
}

fn input_schema() -> Value {
    json!([
        { "key": "note", "type": "string", "label": "Note", "maxLength": 200 }
    ])
}

async fn work(run: &mut Run) -> Outcome {
    run.step("Wait for approval", 500, json!({ "approved": null })).await;
    Ok(Output::Silence)
}
