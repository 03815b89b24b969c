use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, value::RawValue};

use crate::wire::lenient::spelled;

/// Why an execution failed.
///
/// `message` may hold third-party text; `extra` (stack traces, HTTP statuses) is for operators.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ErrorDetails {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// Open list: `node_failure`, `validation_error`, `external_api_error`, `timeout`, `unknown`, …
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failed_node_name: Option<String>,
    /// Every other member.
    #[serde(flatten)]
    pub extra: Map<String, Value>,
}

impl ErrorDetails {
    /// Reads the raw JSON of the member, whatever it is.
    ///
    /// A bare text becomes the message. A member that cannot be held (nested past 128 levels,
    /// numbers past `f64`) is left out: losing it is better than never learning of the failure.
    pub fn from_raw(raw: &str) -> Self {
        let Ok(members) = serde_json::from_str::<BTreeMap<String, &RawValue>>(raw) else {
            return Self { message: spelled(raw), ..Self::default() };
        };
        let mut details = Self::default();
        for (name, value) in members {
            let known = match name.as_str() {
                "message" => &mut details.message,
                "type" => &mut details.kind,
                "code" => &mut details.code,
                "failedNodeName" => &mut details.failed_node_name,
                _ => {
                    details.keep(name, value.get());
                    continue;
                }
            };
            *known = spelled(value.get());
            if known.is_none() && value.get() != "null" {
                details.keep(name, value.get());
            }
        }
        details
    }

    fn keep(&mut self, name: String, raw: &str) {
        if let Ok(value) = serde_json::from_str(raw) {
            self.extra.insert(name, value);
        }
    }
}

impl<'de> Deserialize<'de> for ErrorDetails {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(from)?;
        Ok(Self::from_raw(raw.get()))
    }
}
