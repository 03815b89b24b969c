//! The vendor's conformance list, statement by statement; the wire side of those about its command line tool.

#[path = "conformance/callbacks.rs"]
mod callbacks;
#[path = "conformance/details.rs"]
mod details;
#[path = "conformance/lists.rs"]
mod lists;
#[path = "conformance/routing.rs"]
mod routing;
#[path = "conformance/signatures.rs"]
mod signatures;
#[path = "conformance/skills.rs"]
mod skills;
#[path = "conformance/status.rs"]
mod status;
#[path = "conformance/trigger.rs"]
mod trigger;

use reqwest::Method;
use serde_json::Value;

/// Every endpoint: method, its path in lower case, in mixed case, and how it spells errors.
pub struct Door {
    pub method: Method,
    pub function: String,
    pub documented: String,
    pub flat: bool,
}

/// All endpoints that want a key, with `instance`, `workflow` and `execution` in their paths.
pub fn doors(instance: &str, workflow: &str, execution: &str) -> Vec<Door> {
    let door = |method: Method, name: &str, rest: String, flat: bool| Door {
        method,
        function: format!("/{}{rest}", name.to_lowercase()),
        documented: format!("/{name}{rest}"),
        flat,
    };
    let one = format!("/{instance}");
    let run = format!("/{instance}/{workflow}");
    let read = format!("/{instance}/{execution}");
    let none = String::new;
    vec![
        door(Method::POST, "triggerWebhookPublic", run.clone(), true),
        door(Method::GET, "getExecutionStatusPublic", read.clone(), true),
        door(Method::POST, "webhook", run, true),
        door(Method::GET, "status", read.clone(), true),
        door(Method::GET, "getExecutionDetailsPublic", read, true),
        door(Method::GET, "getProcessSkillsPublic", one.clone(), false),
        door(Method::GET, "listExecutionsPublic", one, false),
        door(Method::POST, "getProcessInstancePublic", none(), false),
        door(Method::POST, "verifyApiKey", none(), false),
        door(Method::GET, "listProcessInstancesPublic", none(), false),
        door(Method::POST, "activateProcessInstancePublic", none(), false),
        door(Method::POST, "deactivateProcessInstancePublic", none(), false),
        door(Method::GET, "listProjectsPublic", none(), false),
        door(Method::POST, "getProjectPublic", none(), false),
        door(Method::POST, "getMetadataDocumentsEndpoint", none(), false),
    ]
}

/// The endpoints that running workflows call.
pub const CALLBACKS: [&str; 5] = [
    "/createWorkflowExecution",
    "/submitWorkflowResult",
    "/submitWorkflowError",
    "/uploadWorkflowOutput",
    "/submitEmbeddingResult",
];

/// The text of an error in the family it must have.
pub fn error_text(body: &Value, flat: bool) -> &str {
    assert_eq!(body["success"], false, "{body}");
    let (text, code) = if flat {
        (&body["error"], &body["code"])
    } else {
        assert!(body["requestId"].is_string(), "{body}");
        (&body["error"]["message"], &body["error"]["code"])
    };
    assert!(code.is_string(), "{body}");
    text.as_str().unwrap_or_else(|| panic!("no text in {body}"))
}

/// The names of an object's members.
pub fn members(value: &Value) -> Vec<&str> {
    let object = value.as_object().unwrap_or_else(|| panic!("no object: {value}"));
    object.keys().map(String::as_str).collect()
}
