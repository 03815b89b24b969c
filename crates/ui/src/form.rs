mod choice;
mod control;
mod frame;
mod hint;
mod json_editor;
mod section;
mod summary;
mod text;

use std::sync::Arc;

use leptos::prelude::*;
use schema::{Field, FieldError, Form, Item, Kind};

pub use json_editor::JsonEditor;
pub use summary::ErrorSummary;
pub use text::area_text;

use control::Control;

/// The fields of a workflow's input. The caller's `<form class="form" novalidate>` is around it: the
/// browser's own checks would hide the messages that stand beside the fields.
///
/// Mistakes that belong to no field are shown above them.
#[component]
pub fn SchemaForm(
    form: Form,
    /// Pairs as [`schema::prefill`] makes them or as they were submitted.
    values: Vec<(String, String)>,
    #[prop(into)] errors: Signal<Vec<FieldError>>,
    /// Distinguishes several forms of one page; part of every control's id.
    #[prop(default = "f")]
    prefix: &'static str,
) -> impl IntoView {
    let keys: Arc<[String]> = form.fields().map(|field| field.key.clone()).collect();
    let homeless = move || {
        errors.with(|all| {
            let lost = |e: &&FieldError| keys.iter().all(|key| !e.concerns(key));
            all.iter().filter(lost).map(|e| e.message.clone()).collect::<Vec<_>>()
        })
    };
    let context = Context { values: values.into(), errors, prefix };
    view! {
        {move || summary::notice(homeless())}
        {items(&context, form.items)}
    }
}

/// The id of a field's control: a target for links from a list of mistakes.
pub fn control_id(prefix: &str, key: &str) -> String {
    let mut id = format!("{prefix}-");
    for c in key.chars() {
        match c {
            c if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') => id.push(c),
            // An id must not hold spaces, and two keys must not share one.
            c => id.push_str(&format!(".{:x}", u32::from(c))),
        }
    }
    id
}

/// What every field needs to know of its form.
#[derive(Clone)]
pub(crate) struct Context {
    values: Arc<[(String, String)]>,
    errors: Signal<Vec<FieldError>>,
    prefix: &'static str,
}

fn items(context: &Context, items: Vec<Item>) -> Vec<AnyView> {
    items
        .into_iter()
        .map(|item| match item {
            Item::Section(section) => section::view(context, section),
            Item::Field(field) => field_view(context, field),
        })
        .collect()
}

fn field_view(context: &Context, field: Field) -> AnyView {
    let control = Control::new(context, &field);
    match field.kind {
        Kind::String(rules) => text::line(control, &rules),
        Kind::Text { rules, rows } => text::area(control, &rules, rows),
        Kind::Number(rules) => text::number(control, &rules),
        Kind::Date { min, max } => text::date(control, min, max),
        Kind::Boolean { enabled_label, disabled_label } => choice::switch(control, enabled_label, disabled_label),
        Kind::Select { options } => choice::select(control, options),
        Kind::Radio { options } => choice::radios(control, options),
        Kind::Multiselect { options, .. } => choice::checkboxes(control, options),
        Kind::File(_) => text::file_id(control),
        kind => text::json(control, &kind),
    }
}
