//! `enrich-company`: the sub-workflow that `lead-score` calls. Nobody else can start it.

use serde_json::json;

use super::{Trigger, Work, Workflow};
use crate::input::invalid;

pub const ID: &str = "enrich-company";

pub fn workflow() -> Workflow {
    Workflow {
        id: ID.to_owned(),
        name: "Enrich company".to_owned(),
        cost: 0.0,
        integrations: Vec::new(),
        triggers: vec![Trigger::Subworkflow { input_schema: json!([{ "key": "email", "type": "string" }]) }],
        skill: None,
        work: Some(Work::Code(|run| {
            Box::pin(async move {
                let error = invalid("This workflow only runs inside another one");
                Err(run.fail("Sub-workflow trigger", 5, error).await)
            })
        })),
        endpoint: None,
    }
}
