//! The recorder: asks a Codika what a client may ask, and writes the answers down as a scenario.

use std::{collections::BTreeMap, time::Duration};

use reqwest::{Client, Method, redirect};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    fixtures,
    redact::{redact, without_keys},
    workflows::Trigger,
};

const TIMEOUT: Duration = Duration::from_secs(30);

/// What to record.
pub struct Recording<'a> {
    /// The Codika, or another emulator.
    pub base_url: &'a str,
    /// The process instance.
    pub instance: &'a str,
    /// An organization key with `instances:read`, `skills:read`, `executions:read` and `workflows:trigger`.
    pub key: &'a str,
    /// At most so many executions, the newest; the platform tells no more than 100.
    pub limit: u8,
}

/// Why nothing could be recorded.
#[derive(Debug, thiserror::Error)]
pub enum RecordError {
    #[error("{url} cannot be reached for {what}")]
    Unreachable {
        url: String,
        what: &'static str,
        #[source]
        source: reqwest::Error,
    },
    #[error("no HTTP client")]
    Client(#[source] reqwest::Error),
    #[error("{0} answered {1}: {2}")]
    Refused(&'static str, u16, String),
}

impl RecordError {
    /// What can be done about it, as a sentence.
    #[must_use]
    pub const fn remedy(&self) -> Option<&'static str> {
        match self {
            Self::Unreachable { .. } => Some("Name the Codika with --base-url or CODIKA_BASE_URL."),
            Self::Refused(_, 401, _) => Some("Name a key that is valid there in CODIKA_API_KEY."),
            Self::Refused(_, 403, _) => Some(
                "The key needs the scopes instances:read, skills:read, executions:read and workflows:trigger, \
                 and its owner access to the instance.",
            ),
            Self::Refused(_, 404, _) => Some("Name a process instance that exists there with --instance."),
            Self::Refused(..) | Self::Client(_) => None,
        }
    }
}

/// What was recorded.
pub struct Recorded {
    /// The scenario file's content.
    pub scenario: Value,
    /// Executions with an end.
    pub executions: usize,
    /// What could not be had, as sentences.
    pub gaps: Vec<String>,
}

/// Reads instance, skills and executions; triggers nothing.
///
/// # Errors
/// When instance or executions cannot be read. What else cannot be had is a gap.
pub async fn record(recording: &Recording<'_>) -> Result<Recorded, RecordError> {
    let caller = Caller::new(recording)?;
    let pi = recording.instance;
    let wanted = json!({ "processInstanceId": pi, "includeWorkflowDetails": true });
    let instance = caller.call("get instance", Method::POST, "getprocessinstancepublic", Some(wanted)).await?;
    let mut gaps = Vec::new();
    let skills = match caller.call("get skills", Method::GET, &format!("getprocessskillspublic/{pi}"), None).await {
        Ok(answer) => skills(&answer),
        Err(error) => {
            gaps.push(error.to_string());
            BTreeMap::new()
        }
    };
    let path = format!("listexecutionspublic/{pi}?limit={}", recording.limit.min(100));
    let list = caller.call("list executions", Method::GET, &path, None).await?;
    let mut answers: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut executions = 0;
    // Oldest first, as they happened.
    for item in list["data"]["executions"].as_array().into_iter().flatten().rev() {
        let (Some(id), Some(workflow)) = (item["executionId"].as_str(), item["workflowId"].as_str()) else { continue };
        match caller.answer(pi, id).await {
            Ok(Some((answer, without_input))) => {
                gaps.extend(without_input);
                answers.entry(workflow.to_owned()).or_default().push(answer);
                executions += 1;
            }
            Ok(None) => {}
            Err(error) => gaps.push(format!("execution {id}: {error}")),
        }
    }
    let data = &instance["data"];
    let shown = data["deployment"]["workflows"].as_array().into_iter().flatten();
    let workflows: Vec<Value> = shown.filter_map(|one| workflow(one, &skills, &mut answers, &mut gaps)).collect();
    let mut scenario = json!({
        "demo": false,
        "instances": { fixtures::DEV_INSTANCE: { "title": data["title"].as_str(), "current_version": data["currentVersion"].as_str() } },
        "workflows": workflows,
    });
    redact(&mut scenario);
    Ok(Recorded { scenario, executions, gaps })
}

fn skills(answer: &Value) -> BTreeMap<String, String> {
    let list = answer["data"]["skills"].as_array().into_iter().flatten();
    list.filter_map(|skill| {
        let (id, text) = (skill["workflowTemplateId"].as_str()?, skill["contentMarkdown"].as_str()?);
        Some((id.to_owned(), without_keys(text)))
    })
    .collect()
}

/// A workflow as scenarios spell it; nothing for one without an id.
fn workflow(
    shown: &Value,
    skills: &BTreeMap<String, String>,
    answers: &mut BTreeMap<String, Vec<Value>>,
    gaps: &mut Vec<String>,
) -> Option<Value> {
    let id = shown["workflowId"].as_str().filter(|id| !id.is_empty())?;
    let integrations = shown["integrationUids"].as_array().into_iter().flatten().filter(|uid| uid.is_string());
    let mut triggers = Vec::new();
    for one in shown["triggers"].as_array().into_iter().flatten() {
        match trigger(one) {
            Ok(trigger) => triggers.push(trigger),
            Err(error) => {
                gaps.push(format!("workflow {id}: without a trigger of type {}, because {error}", one["type"]))
            }
        }
    }
    let mut workflow = json!({
        "id": id,
        "name": shown["workflowName"].as_str(),
        "cost": shown["cost"].as_f64().unwrap_or(0.0),
        "integrations": integrations.collect::<Vec<_>>(),
        "triggers": triggers,
        "answers": answers.remove(id).unwrap_or_default(),
    });
    if let Some(skill) = skills.get(id) {
        workflow["skill"] = skill.as_str().into();
    }
    Some(workflow)
}

/// The members of a trigger summary that a scenario knows.
fn trigger(shown: &Value) -> Result<Value, serde_json::Error> {
    const KNOWN: [&str; 6] = ["type", "inputSchema", "cronExpression", "timezone", "service", "eventType"];
    let members = shown.as_object().into_iter().flatten();
    let known: Map<_, _> = members
        .filter(|(name, value)| KNOWN.contains(&name.as_str()) && !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let trigger = Value::from(known);
    Trigger::deserialize(&trigger)?;
    Ok(trigger)
}

struct Caller<'a> {
    http: Client,
    recording: &'a Recording<'a>,
}

impl<'a> Caller<'a> {
    fn new(recording: &'a Recording<'a>) -> Result<Self, RecordError> {
        // Somebody else in this process may have chosen a provider already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(TIMEOUT)
            .build()
            .map_err(RecordError::Client)?;
        Ok(Self { http, recording })
    }

    async fn call(
        &self,
        what: &'static str,
        method: Method,
        path: &str,
        body: Option<Value>,
    ) -> Result<Value, RecordError> {
        let Recording { base_url, key, .. } = self.recording;
        let header = if key.starts_with("ck_") { "X-API-Key" } else { "X-Process-Manager-Key" };
        let mut request = self.http.request(method, format!("{}/{path}", base_url.trim_end_matches('/')));
        request = request.header(header, *key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let unreachable = |error: reqwest::Error| {
            let url = without_keys(base_url);
            RecordError::Unreachable { url, what, source: error.without_url() }
        };
        let answer = request.send().await.map_err(unreachable)?;
        let status = answer.status();
        let text = answer.text().await.map_err(unreachable)?;
        let refused = |message: &str| RecordError::Refused(what, status.as_u16(), without_keys(message));
        let body: Value = serde_json::from_str(&text).map_err(|error| refused(&error.to_string()))?;
        if status.is_success() && body["success"] != false {
            return Ok(body);
        }
        let message = body["error"].as_str().or_else(|| body["error"]["message"].as_str());
        Err(refused(message.unwrap_or("no reason")))
    }

    /// How an execution ended; nothing if it has not. And what is missing of it.
    async fn answer(&self, pi: &str, id: &str) -> Result<Option<(Value, Option<String>)>, RecordError> {
        let status = self.call("status", Method::GET, &format!("status/{pi}/{id}"), None).await?;
        let execution = &status["execution"];
        let mut answer = json!({ "duration_ms": execution["duration"].as_u64().unwrap_or(0) });
        match execution["status"].as_str() {
            Some("success") => answer["result"] = execution["resultData"].clone(),
            Some("failed") => answer["error"] = error(&execution["errorDetails"]),
            _ => return Ok(None),
        }
        let path = format!("getexecutiondetailspublic/{pi}/{id}?slim=true");
        let gap = match self.call("get execution", Method::GET, &path, None).await {
            Ok(details) => match input(&details) {
                Some(input) => {
                    answer["input"] = input;
                    None
                }
                None => Some(format!("execution {id}: its input is not in its details")),
            },
            Err(error) => Some(format!("execution {id}: without its input, because {error}")),
        };
        Ok(Some((answer, gap)))
    }
}

fn error(details: &Value) -> Value {
    let mut error = json!({ "message": details["message"].as_str().unwrap_or("Unknown error") });
    for name in ["type", "code", "failedNodeName"] {
        if let Some(text) = details[name].as_str() {
            error[name] = text.into();
        }
    }
    error
}

/// The fields of the first node that shows `executionMetadata` beside them: the webhook.
fn input(details: &Value) -> Option<Value> {
    let nodes = details["execution"]["n8nExecution"]["data"]["resultData"]["runData"].as_object()?;
    nodes.values().find_map(|runs| {
        let mut body = runs[0]["data"]["main"][0][0]["json"]["body"].as_object()?.clone();
        body.remove("executionMetadata")?;
        Some(body.into())
    })
}
