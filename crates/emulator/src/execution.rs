//! One execution: what is known from its creation on, and the ending that is set once.

use std::sync::{Mutex, OnceLock};

use serde::{Deserialize, Serialize};
use serde_json::{Value, value::RawValue};
use sha2::{Digest, Sha256};

use crate::{hex, lock, text::Text};

/// What an execution is born with.
#[derive(Debug, Serialize, Deserialize)]
pub struct Created {
    pub id: Text,
    /// Counts all executions of this data folder; seeds the jitter of the demo workflows.
    pub number: u64,
    pub instance: Text,
    pub workflow: Text,
    pub trigger_id: Text,
    /// Exactly the object the workflow gets.
    pub payload: Box<RawValue>,
    /// When the request that led to it arrived, in milliseconds since the Unix epoch.
    pub received_at: i64,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    pub secret: Box<str>,
    pub runner: Runner,
}

/// Who carries the execution out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Runner {
    /// A demo workflow of this process: resumed after a restart.
    Demo,
    /// Somebody else, who reports through the callbacks.
    External,
}

/// Why a workflow failed, in the platform's spelling.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ErrorDetails {
    pub r#type: String,
    pub message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_node_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_executed_node: Option<String>,
}

/// How an execution ended. Never changes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Finished {
    /// Milliseconds since the Unix epoch.
    pub finished_at: i64,
    /// Milliseconds.
    pub duration: u64,
    pub n8n_execution_id: Option<Box<str>>,
    /// `resultData` byte for byte; absent on failure.
    pub result: Option<Box<RawValue>>,
    pub error: Option<Box<ErrorDetails>>,
    #[serde(default)]
    pub trace: Trace,
}

/// The steps of an execution as JSON text, if they were measured here and are not forgotten yet: details are
/// asked for rarely, and text takes a fifth of the memory.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Trace(Mutex<Option<Box<RawValue>>>);

impl Trace {
    /// What these steps left behind.
    #[must_use]
    pub fn of(nodes: &[Node]) -> Self {
        Self(Mutex::new(serde_json::value::to_raw_value(nodes).ok()))
    }

    /// The steps.
    #[must_use]
    pub fn nodes(&self) -> Vec<Node> {
        let text = lock(&self.0).clone();
        text.and_then(|text| serde_json::from_str(text.get()).ok()).unwrap_or_default()
    }

    /// Whether there is anything to forget.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        lock(&self.0).is_none()
    }

    /// Gives the memory back.
    pub fn forget(&self) {
        *lock(&self.0) = None;
    }
}

/// One step of a run, measured.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Node {
    pub name: String,
    /// n8n's name of the node type.
    pub kind: String,
    /// Milliseconds since the Unix epoch.
    pub started_at: i64,
    /// Milliseconds.
    pub took: u64,
    pub output: Vec<Value>,
    pub error: Option<ErrorDetails>,
    pub sub: Option<SubRun>,
}

/// The run of a sub-workflow inside one node.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SubRun {
    pub workflow: String,
    pub nodes: Vec<Node>,
}

/// One execution.
#[derive(Debug)]
pub struct Execution {
    pub created: Created,
    finished: OnceLock<Finished>,
}

impl Execution {
    /// A running execution.
    #[must_use]
    pub const fn new(created: Created) -> Self {
        Self { created, finished: OnceLock::new() }
    }

    /// Ends the execution; `false` if it had ended before, and then nothing changes.
    pub fn finish(&self, finished: Finished) -> bool {
        self.finished.set(finished).is_ok()
    }

    /// The ending, if there is one yet.
    #[must_use]
    pub fn finished(&self) -> Option<&Finished> {
        self.finished.get()
    }

    /// `pending`, `success` or `failed`.
    #[must_use]
    pub fn status(&self) -> &'static str {
        match self.finished() {
            None => "pending",
            Some(Finished { error: None, .. }) => "success",
            Some(_) => "failed",
        }
    }

    /// SHA-256 (hex) of the bytes of `resultData`.
    #[must_use]
    pub fn result_sha256(&self) -> Option<String> {
        let result = self.finished()?.result.as_ref()?;
        Some(hex(&Sha256::digest(result.get().as_bytes())))
    }
}
