//! `every-field`: every type of field a form can have; the answer tells what arrived.

use serde_json::{Value, json};

use super::Workflow;
use crate::{
    input::Input,
    run::{Outcome, Run},
};

pub fn workflow() -> Workflow {
    Workflow::http("every-field", "Every field", input_schema(), include_str!("every_field.md"), |run| {
        Box::pin(work(run))
    })
}

fn input_schema() -> Value {
    let colours = json!([
        { "value": "red", "label": "Red" },
        { "value": "green", "label": "Green" },
        { "value": "blue", "label": "Blue" }
    ]);
    json!([
        { "type": "section", "title": "Words", "description": "Fields that hold text", "inputSchema": [
            {
                "key": "a_string", "type": "string", "label": "A string", "required": true,
                "minLength": 2, "maxLength": 40, "regex": "^[A-Za-z]", "regexError": "Start with a letter",
                "placeholder": "Anything", "tooltip": "Shown on demand", "description": "Shown below"
            },
            { "key": "a_text", "type": "text", "label": "A text", "rows": 3, "maxLength": 2000 },
            { "key": "a_date", "type": "date", "label": "A date", "minDate": "2020-01-01", "maxDate": "2030-12-31" }
        ] },
        { "type": "section", "title": "Numbers and switches", "collapsible": true, "inputSchema": [
            {
                "key": "an_integer", "type": "number", "numberType": "integer", "label": "An integer",
                "min": -10, "max": 10, "step": 2, "defaultValue": 4
            },
            { "key": "a_double", "type": "number", "numberType": "double", "label": "A double", "step": 0.1 },
            {
                "key": "a_boolean", "type": "boolean", "label": "A boolean", "defaultValue": true,
                "enabledLabel": "On", "disabledLabel": "Off"
            }
        ] },
        { "type": "section", "title": "Choices", "collapsible": true, "defaultOpen": true, "inputSchema": [
            { "key": "a_select", "type": "select", "label": "A select", "options": colours },
            { "key": "a_radio", "type": "radio", "label": "A radio", "options": colours, "defaultValue": "green" },
            {
                "key": "a_multiselect", "type": "multiselect", "label": "A multiselect", "options": colours,
                "minSelections": 1, "maxSelections": 2, "defaultValue": ["red"]
            }
        ] },
        { "type": "section", "title": "Lists and groups", "inputSchema": [
            {
                "key": "an_array", "type": "array", "label": "An array", "minItems": 0, "maxItems": 5,
                "itemField": { "type": "number", "min": 0 }
            },
            { "key": "an_object", "type": "object", "label": "An object", "schema": [
                { "key": "name", "type": "string", "label": "Name" },
                { "type": "section", "title": "Inside", "inputSchema": [
                    { "key": "amount", "type": "number", "label": "Amount" }
                ] }
            ] },
            { "key": "an_object_array", "type": "objectArray", "label": "A list of objects", "maxItems": 4, "itemSchema": [
                { "key": "sku", "type": "string", "label": "SKU", "required": true },
                { "key": "gift", "type": "boolean", "label": "Gift" }
            ] },
            {
                "key": "a_file", "type": "file", "label": "A file", "maxSize": 1_000_000,
                "allowedMimeTypes": ["application/pdf", "image/*", ".docx"], "showPreview": true
            }
        ] }
    ])
}

async fn work(run: &mut Run) -> Outcome {
    let read = Input(&run.input).text("a_string", 40);
    if let Err(error) = read {
        return Err(run.fail("Validate input", 30, error).await);
    }
    let received: Vec<Value> = run
        .input
        .iter()
        .map(|(field, value)| json!({ "field": field, "json_type": json_type(value), "value": value.to_string() }))
        .collect();
    run.node("Look at every field", "n8n-nodes-base.code", 800, received.clone()).await;
    let echo = Value::Object(run.input.clone());
    Ok(json!({ "count": received.len(), "received": received, "echo": echo }).into())
}

const fn json_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}
