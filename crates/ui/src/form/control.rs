use leptos::prelude::*;
use schema::{Field, FieldError, field_name};

use super::{Context, control_id, hint};
use crate::words::readable;

/// Messages about the inside of one JSON value; more would push the next field off the page.
const MAX_MESSAGES: usize = 4;

/// One field, independent of how it is entered.
pub struct Control {
    pub id: String,
    pub name: String,
    pub label: String,
    pub required: bool,
    pub help: Option<String>,
    pub placeholder: Option<String>,
    /// Everything that was given under this name.
    pub values: Vec<String>,
    pub problem: Memo<Option<String>>,
}

impl Control {
    pub fn new(context: &Context, field: &Field) -> Self {
        let name = field_name(&field.key);
        let values = context.values.iter().filter(|(n, _)| *n == name).map(|(_, v)| v.clone()).collect();
        let (errors, key) = (context.errors, field.key.clone());
        Self {
            id: control_id(context.prefix, &field.key),
            name,
            label: label(field),
            required: field.required,
            help: hint::help(field),
            placeholder: field.placeholder.clone(),
            values,
            problem: Memo::new(move |_| errors.with(|all| message(all, &key))),
        }
    }

    pub fn value(&self) -> String {
        self.values.first().cloned().unwrap_or_default()
    }

    pub fn foot_id(&self) -> String {
        format!("{}-foot", self.id)
    }

    pub fn invalid(&self) -> impl Fn() -> Option<&'static str> + Copy + Send + Sync + 'static {
        let problem = self.problem;
        move || problem.with(|p| p.is_some().then_some("true"))
    }

    /// For controls; fieldsets of checkboxes have no such state.
    pub fn aria_required(&self) -> Option<&'static str> {
        self.required.then_some("true")
    }
}

/// What the author wrote, else the key in words.
pub fn label(field: &Field) -> String {
    if field.label == field.key { readable(&field.key) } else { field.label.clone() }
}

/// The message about the field, or about what is inside its value: "lines[0].sku: Enter the sku."
fn message(errors: &[FieldError], key: &str) -> Option<String> {
    let mine = errors.iter().filter(|e| e.concerns(key));
    let said: Vec<String> = mine
        .take(MAX_MESSAGES)
        .map(|e| if e.path == key { e.message.clone() } else { format!("{}: {}", e.path, e.message) })
        .collect();
    (!said.is_empty()).then(|| said.join(" "))
}
