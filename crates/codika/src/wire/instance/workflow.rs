use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use crate::wire::lenient;

/// A workflow of an instance: three members, or seven when the details were asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Workflow {
    /// The author's id, the one the trigger call takes; stable across versions.
    pub workflow_id: String,
    #[serde(default, deserialize_with = "lenient::text")]
    pub n8n_workflow_id: Option<String>,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub workflow_name: String,
    #[serde(default, deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub n8n_workflow_is_active: Option<bool>,
    #[serde(default, deserialize_with = "lenient::maybe_items", skip_serializing_if = "Option::is_none")]
    pub triggers: Option<Vec<Trigger>>,
    /// Display credits per execution: an estimate.
    #[serde(
        default,
        deserialize_with = "lenient::maybe",
        serialize_with = "credits",
        skip_serializing_if = "Option::is_none"
    )]
    pub cost: Option<f64>,
    #[serde(default, deserialize_with = "lenient::maybe_items", skip_serializing_if = "Option::is_none")]
    pub integration_uids: Option<Vec<String>>,
}

/// How a workflow is started.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Trigger {
    /// `http`, `schedule`, `service_event`, `subworkflow`, `data_ingestion`, …
    #[serde(rename = "type", deserialize_with = "lenient::text_or_empty")]
    pub kind: String,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub trigger_id: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The method of the webhook inside n8n; triggers are always started with `POST`.
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub cron_expression: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub timezone: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub event_type: Option<String>,
    /// The form's fields and sections as sent; often missing.
    #[serde(deserialize_with = "lenient::maybe", skip_serializing_if = "Option::is_none")]
    pub input_schema: Option<Value>,
}

/// Whole credits as integers, as upstream writes them.
fn credits<S: Serializer>(cost: &Option<f64>, to: S) -> Result<S::Ok, S::Error> {
    match *cost {
        Some(whole) if whole.fract() == 0.0 && whole.abs() < 9e15 => to.serialize_i64(whole as i64),
        other => other.serialize(to),
    }
}
