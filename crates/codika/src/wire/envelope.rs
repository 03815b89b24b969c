use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::lenient;

/// Success envelope of family B (instance, lists, projects, activate, verify, skills).
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Envelope<T> {
    #[serde(default = "lenient::yes", deserialize_with = "lenient::unless_false")]
    pub success: bool,
    pub data: T,
    #[serde(default, deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

impl<T> Envelope<T> {
    /// A success with a request id.
    pub fn success(data: T, request_id: impl Into<String>) -> Self {
        Self { success: true, data, request_id: Some(request_id.into()) }
    }
}

/// Error of family A (trigger, status, details, callbacks): `error` is a text.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FamilyAError {
    pub success: bool,
    pub error: String,
    pub code: String,
}

impl FamilyAError {
    pub fn new(code: impl Into<String>, error: impl Into<String>) -> Self {
        Self { success: false, error: error.into(), code: code.into() }
    }
}

/// Error of family B: `error` is an object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FamilyBError {
    pub success: bool,
    pub error: ErrorBody,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// The `error` member of a [`FamilyBError`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ErrorBody {
    pub code: String,
    pub message: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Value>,
}

impl FamilyBError {
    pub fn new(code: impl Into<String>, message: impl Into<String>, request_id: impl Into<String>) -> Self {
        let error = ErrorBody { code: code.into(), message: message.into(), details: None };
        Self { success: false, error, request_id: Some(request_id.into()) }
    }
}
