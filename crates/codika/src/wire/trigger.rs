use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::lenient;

/// `POST` body of a trigger, in the wrapped form: the workflow gets exactly the members of `payload`.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct TriggerRequest<'a> {
    pub payload: &'a Map<String, Value>,
}

/// Answer to an accepted trigger. Errors are [`FamilyAError`](super::FamilyAError).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TriggerReply {
    #[serde(default = "lenient::yes", deserialize_with = "lenient::unless_false")]
    pub success: bool,
    #[serde(default, deserialize_with = "lenient::text_or_empty")]
    pub execution_id: String,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}
