mod kind;
mod parse;
mod read;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) use kind::word_of;
pub use kind::{Choice, FileRules, Kind, NumberRules, TextRules};

use crate::SchemaError;

/// The input of a workflow in display order.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Form {
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
// Only where pointers are wide is the difference large enough to be noticed.
#[cfg_attr(
    target_pointer_width = "64",
    expect(clippy::large_enum_variant, reason = "forms are short, and nearly every item is a field")
)]
pub enum Item {
    Section(Section),
    Field(Field),
}

/// A heading over fields. It adds no level to the input: its fields belong to the enclosing object.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub title: String,
    pub description: Option<String>,
    pub collapsible: bool,
    /// Whether a collapsible section starts open.
    pub default_open: bool,
    pub items: Vec<Item>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    pub key: String,
    /// The key where the author gave no label.
    pub label: String,
    pub description: Option<String>,
    pub tooltip: Option<String>,
    pub placeholder: Option<String>,
    pub required: bool,
    /// As the author wrote it; [`crate::defaults`] ignores what does not fit the field.
    pub default: Option<Value>,
    /// The limits were read from prose: exceeding them is a warning (see [`crate::warnings`]) and
    /// never blocks a run.
    pub advisory: bool,
    pub kind: Kind,
}

impl Form {
    /// Reads a form description in any of the spellings that are in use.
    ///
    /// Unknown members are ignored, `null` counts as absent, a field of an unknown type becomes
    /// [`Kind::Json`] and of two fields with one key the first stays.
    ///
    /// # Errors
    /// When the value is not a list, an entry is no object or has no key, or the whole is deeper or
    /// longer than any real form.
    pub fn parse(v: &Value) -> Result<Form, SchemaError> {
        parse::form(v)
    }

    /// All fields of the root object in display order, those inside sections included.
    pub fn fields(&self) -> impl Iterator<Item = &Field> {
        fields_of(&self.items)
    }

    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields().find(|field| field.key == key)
    }

    /// True for a workflow that takes no input.
    pub fn is_empty(&self) -> bool {
        self.fields().next().is_none()
    }
}

/// The fields of one object level, sections flattened.
pub(crate) fn fields_of(items: &[Item]) -> impl Iterator<Item = &Field> {
    let mut stack = vec![items.iter()];
    std::iter::from_fn(move || {
        loop {
            match stack.last_mut()?.next() {
                Some(Item::Field(field)) => return Some(field),
                Some(Item::Section(section)) => stack.push(section.items.iter()),
                None => {
                    stack.pop();
                }
            }
        }
    })
}

#[cfg(test)]
mod tests;
