use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Envelope, lenient};

mod workflow;

pub use workflow::{Trigger, Workflow};

/// `POST` body of get instance, activate and deactivate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceRequest {
    pub process_instance_id: String,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub include_workflow_details: bool,
}

/// `POST /getprocessinstancepublic`.
pub type InstanceReply = Envelope<Instance>;

/// One installation of a process: what a dashboard talks to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Instance {
    pub process_instance_id: String,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    /// `dev` or `prod`.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    /// `X.Y`; not a number (`1.50` is not `1.5`).
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub current_version: Option<String>,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub installed_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub last_executed_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe")]
    pub deployment: Option<Deployment>,
}

/// The running copy behind an [`Instance`].
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Deployment {
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub deployment_instance_id: Option<String>,
    /// `pending`, `deploying`, `deployed`, `updating`, `failed`.
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub deployment_status: Option<String>,
    /// May hold business data: not for browsers.
    #[serde(deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub deployment_parameters: Option<Value>,
    #[serde(deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub deployment_input_schema: Option<Value>,
    #[serde(deserialize_with = "lenient::items")]
    pub workflows: Vec<Workflow>,
}

/// `GET /listprocessinstancespublic`.
pub type InstanceListReply = Envelope<InstanceList>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct InstanceList {
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub organization_id: String,
    /// How many `instances` follow; not a total.
    #[serde(deserialize_with = "lenient::or_default")]
    pub count: u64,
    #[serde(deserialize_with = "lenient::items")]
    pub instances: Vec<InstanceSummary>,
}

/// An instance in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct InstanceSummary {
    pub process_instance_id: String,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub process_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    #[serde(default, deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub archived: Option<bool>,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub current_version: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub installed_at: Option<String>,
    #[serde(default, deserialize_with = "lenient::text")]
    pub last_executed_at: Option<String>,
    /// Only on inactive ones; `user_paused` is the only word known.
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub inactive_reason: Option<String>,
}

/// `POST /activateprocessinstancepublic` and `/deactivateprocessinstancepublic`.
pub type ActivationReply = Envelope<Activation>;

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Activation {
    #[serde(deserialize_with = "lenient::text_or_empty")]
    pub process_instance_id: String,
    #[serde(deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    #[serde(deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub workflow_count: Option<u64>,
}
