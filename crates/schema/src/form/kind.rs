use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Item;

/// What a field holds and how it is entered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// One line of text.
    String(TextRules),
    /// Several lines of text; `rows` is the height of the control.
    Text {
        rules: TextRules,
        rows: u32,
    },
    Number(NumberRules),
    Boolean {
        enabled_label: String,
        disabled_label: String,
    },
    /// `YYYY-MM-DD`; both ends inclusive.
    Date {
        min: Option<String>,
        max: Option<String>,
    },
    Select {
        options: Vec<Choice>,
    },
    Radio {
        options: Vec<Choice>,
    },
    Multiselect {
        options: Vec<Choice>,
        min: Option<u64>,
        max: Option<u64>,
    },
    File(FileRules),
    /// A list of single values.
    Array {
        item: Box<Kind>,
        min: Option<u64>,
        max: Option<u64>,
    },
    Object {
        items: Vec<Item>,
    },
    /// A list of objects with the same fields.
    ObjectArray {
        items: Vec<Item>,
        min: Option<u64>,
        max: Option<u64>,
    },
    /// Edited as JSON: an unknown type word, or an `object`/`objectArray` whose members nobody described.
    Json {
        declared: String,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

/// Lengths are in UTF-16 units, as in the browser and upstream.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TextRules {
    pub min_length: Option<u64>,
    pub max_length: Option<u64>,
    /// JavaScript syntax, unanchored. Skipped where it cannot be compiled.
    pub pattern: Option<String>,
    /// The author's message for a text that does not match `pattern`.
    pub pattern_message: Option<String>,
}

/// Both ends inclusive; `step` is only a hint for the control.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NumberRules {
    pub integer: bool,
    pub min: Option<f64>,
    pub max: Option<f64>,
    pub step: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRules {
    /// Bytes.
    pub max_size: Option<u64>,
    /// MIME types, `image/*` or extensions such as `.docx`.
    pub allowed: Vec<String>,
    pub show_preview: bool,
    pub tags: Vec<String>,
    pub max_files: Option<u64>,
}

impl Kind {
    /// Whether the value is written as JSON in a text area.
    pub fn is_json_text(&self) -> bool {
        matches!(
            self,
            Kind::File(_) | Kind::Array { .. } | Kind::Object { .. } | Kind::ObjectArray { .. } | Kind::Json { .. }
        )
    }
}

/// What a JSON value is, in words that fit after "not".
pub(crate) fn word_of(v: &Value) -> &'static str {
    match v {
        Value::Null => "empty (null)",
        Value::Bool(_) => "yes or no (true or false)",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}
