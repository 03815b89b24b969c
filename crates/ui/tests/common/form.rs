//! One form with every kind of field, shared by the server's and the browser's tests.

use schema::{ErrorCode, FieldError, Form};
use serde_json::json;

pub fn form() -> Form {
    Form::parse(&json!([
        {"key": "text", "type": "text", "label": "Text", "required": true, "maxLength": 5000, "rows": 6, "description": "The text to summarise."},
        {"key": "subject", "type": "string", "label": "Subject", "placeholder": "Invoices", "tooltip": "Shown in the mail."},
        {"key": "count", "type": "number", "numberType": "integer", "label": "Sentences", "min": 1, "max": 10},
        {"key": "tone", "type": "select", "label": "Tone", "options": [{"value": "n", "label": "Neutral"}, {"value": "p", "label": "Plain"}]},
        {"key": "prio", "type": "radio", "label": "Priority", "required": true, "options": ["low", "high"]},
        {"key": "regions", "type": "multiselect", "label": "Regions", "options": ["eu", "us"]},
        {"type": "section", "title": "Delivery", "description": "Where it goes.", "inputSchema": [
            {"key": "mail", "type": "boolean", "label": "Send mail", "enabledLabel": "Every Monday", "disabledLabel": "Only this once"},
            {"key": "day", "type": "date", "label": "Not before", "minDate": "2026-01-01"}]},
        {"type": "section", "title": "Advanced options", "collapsible": true, "inputSchema": [
            {"key": "tags", "type": "array", "label": "Tags"},
            {"key": "lines", "type": "objectArray", "label": "Lines", "itemSchema": [{"key": "sku", "type": "string"}, {"key": "qty", "type": "number"}]},
            {"key": "odd key", "type": "color", "label": "Colour"},
            {"key": "doc", "type": "file", "label": "Attachment"}]},
    ]))
    .expect("a form")
}

pub fn pairs() -> Vec<(String, String)> {
    [
        ("text", "\n  <b>\"a\" & b</b>"),
        ("subject", "\"><script>"),
        ("count", "12a"),
        ("tone", "p"),
        ("prio", "low"),
        ("regions", "us"),
        ("regions", "gone"),
        ("mail", "true"),
        ("day", "2026-03-09"),
        ("tags", "[\"x\"]"),
        ("lines", "[{\"sku\": 3}]"),
    ]
    .map(|(key, value)| (schema::field_name(key), value.to_owned()))
    .to_vec()
}

pub fn errors() -> Vec<FieldError> {
    let error = |path: &str, code, message: &str| FieldError { path: path.into(), code, message: message.into() };
    vec![
        error("count", ErrorCode::NotANumber, "Enter a whole number, for example 12."),
        error("prio", ErrorCode::NotAnOption, "Choose one of the options."),
        error("regions[1]", ErrorCode::NotAnOption, "Choose only from the options."),
        error("lines[0].sku", ErrorCode::WrongType, "This must be text, not a number."),
        error("", ErrorCode::WrongType, "The whole is odd."),
        error("other", ErrorCode::UnknownField, "This workflow has no field “other”."),
    ]
}
