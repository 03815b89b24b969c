//! `always-fails`: every way in which a workflow can fail, on request.

use serde_json::{Value, json};

use super::Workflow;
use crate::{
    execution::ErrorDetails,
    input::Input,
    run::{Outcome, Run},
};

const TYPES: [&str; 5] = ["node_failure", "validation_error", "external_api_error", "timeout", "unknown"];

pub fn workflow() -> Workflow {
    Workflow::http("always-fails", "Always fails", input_schema(), include_str!("always_fails.md"), |run| {
        Box::pin(work(run))
    })
}

fn input_schema() -> Value {
    json!([
        {
            "key": "error_type", "type": "select", "label": "How it fails",
            "defaultValue": "external_api_error",
            "options": [
                { "value": "node_failure", "label": "A node fails" },
                { "value": "validation_error", "label": "The input is refused" },
                { "value": "external_api_error", "label": "Another service answers with an error" },
                { "value": "timeout", "label": "Another service does not answer" },
                { "value": "unknown", "label": "Nobody knows" }
            ]
        },
        {
            "key": "message", "type": "string", "label": "Message", "maxLength": 500,
            "description": "What the error says, if it should say something of its own."
        }
    ])
}

async fn work(run: &mut Run) -> Outcome {
    let input = Input(&run.input);
    let read = input.choice("error_type", &TYPES).and_then(|kind| Ok((kind, input.optional_text("message", 500)?)));
    let (kind, message) = match read {
        Ok((kind, message)) => (
            kind.unwrap_or("external_api_error").to_owned(),
            message.filter(|text| !text.is_empty()).map(str::to_owned),
        ),
        Err(error) => return Err(run.fail("Validate input", 30, error).await),
    };
    run.step("Prepare", 200, json!({ "error_type": kind })).await;
    let (node, usual, code) = match kind.as_str() {
        "node_failure" => ("Transform rows", "Cannot read properties of undefined (reading 'map')", None),
        "validation_error" => ("Check input", "Field 'customer' is not known", None),
        "timeout" => ("Ask the model", "The service did not answer within 60 s", Some("ETIMEDOUT")),
        "unknown" => ("Finish", "Something went wrong", None),
        _ => ("Fetch contacts", "CRM answered 429: too many requests", Some("429")),
    };
    let error = ErrorDetails {
        r#type: kind,
        message: message.unwrap_or_else(|| usual.to_owned()),
        code: code.map(str::to_owned),
        ..ErrorDetails::default()
    };
    Err(run.fail(node, 900, error).await)
}
