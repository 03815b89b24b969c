use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::{Envelope, lenient};

mod error_details;
mod status_word;

pub use error_details::ErrorDetails;
pub use status_word::StatusWord;

/// `GET /status/{instance}/{execution}`; errors are [`FamilyAError`](super::FamilyAError).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct StatusEnvelope {
    #[serde(default = "lenient::yes", deserialize_with = "lenient::unless_false")]
    pub success: bool,
    pub execution: Execution,
}

/// One execution as the status call shows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Execution {
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<String>,
    #[serde(default)]
    pub status: StatusWord,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    /// Milliseconds.
    #[serde(default, deserialize_with = "lenient::millis", skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    /// Any JSON, byte for byte as it was received or is to be sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result_data: Option<Box<RawValue>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_details: Option<ErrorDetails>,
}

pub type ExecutionListReply = Envelope<ExecutionList>;

/// `GET /listexecutionspublic/{instance}`: at most the newest 100, newest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ExecutionList {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub process_instance_id: String,
    /// How many `executions` follow; not a total.
    #[serde(default, deserialize_with = "lenient::or_default")]
    pub count: u64,
    #[serde(default, deserialize_with = "lenient::items")]
    pub executions: Vec<ListedExecution>,
}

/// An execution in a list: no result.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedExecution {
    pub execution_id: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub workflow_id: String,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub trigger_id: String,
    #[serde(default)]
    pub status: StatusWord,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub created_at: String,
    /// Milliseconds.
    #[serde(default, deserialize_with = "lenient::millis", skip_serializing_if = "Option::is_none")]
    pub duration: Option<u64>,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub n8n_execution_id: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_details: Option<ErrorDetails>,
}

/// `GET /getexecutiondetailspublic/{instance}/{execution}`; errors are
/// [`FamilyAError`](super::FamilyAError).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DetailsReply {
    #[serde(default = "lenient::yes", deserialize_with = "lenient::unless_false")]
    pub success: bool,
    pub execution: Trace,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// The n8n trace of one execution.
///
/// It holds live secrets (request headers, the execution secret): redact it before anyone sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trace {
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub codika_execution_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub n8n_execution_id: Option<String>,
    #[serde(default)]
    pub status: StatusWord,
    /// n8n's own document, raw; absent for old workflows and once n8n has forgotten the run.
    #[serde(default)]
    pub n8n_execution: Option<Box<RawValue>>,
}
