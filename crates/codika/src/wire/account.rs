use serde::{Deserialize, Serialize};

use super::{Envelope, lenient};

/// `POST /verifyapikey` with an empty body.
pub type VerifyReply = Envelope<KeyInfo>;

/// What a key is and may do. All but `kind` is optional.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct KeyInfo {
    /// `org-api-key`, `admin-api-key`, `personal-api-key`, …
    #[serde(rename = "type", deserialize_with = "lenient::text_or_empty")]
    pub kind: String,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub key_name: Option<String>,
    /// The kind prefix and the first few characters: fit to be shown.
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub key_prefix: Option<String>,
    #[serde(deserialize_with = "lenient::maybe_items", skip_serializing_if = "Option::is_none")]
    pub scopes: Option<Vec<String>>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub organization_id: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub organization_name: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub created_at: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<String>,
    #[serde(deserialize_with = "lenient::text", skip_serializing_if = "Option::is_none")]
    pub last_used_at: Option<String>,
}
