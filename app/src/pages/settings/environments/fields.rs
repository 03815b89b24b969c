use leptos::prelude::*;
use model::{EnvColour, EnvKind};
use serde::Deserialize;

use crate::{error::AppError, pages::text_field::TextField};

/// What an environment's form holds. Keys are read and never drawn.
#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct EnvironmentForm {
    pub slug: String,
    pub name: String,
    pub kind: String,
    pub colour: String,
    pub base_url: String,
    pub instance_id: String,
    pub instance_key: String,
    pub org_key: String,
    /// Stands for an organization key that was given a page before.
    pub pending: String,
    /// The button that was pressed.
    pub act: String,
    /// That somebody means it.
    pub sure: bool,
}

/// What is wrong with a field.
pub fn wrong(error: Option<&AppError>, path: &str) -> Option<String> {
    error?.fields.iter().find(|field| field.path == path).map(|field| field.message.clone())
}

#[component]
pub fn Choice(
    name: &'static str,
    label: &'static str,
    value: String,
    options: Vec<(&'static str, &'static str)>,
) -> impl IntoView {
    view! {
        <div class="field">
            <label class="field-label" for=name>
                {label}
            </label>
            <select class="input" id=name name=name>
                {options
                    .into_iter()
                    .map(|(word, label)| {
                        view! {
                            <option value=word selected=word == value>
                                {label}
                            </option>
                        }
                    })
                    .collect_view()}
            </select>
        </div>
    }
}

/// How it is told apart.
#[component]
pub fn Looks(form: EnvironmentForm, name_error: Option<String>) -> impl IntoView {
    let kinds = vec![(EnvKind::Dev.as_str(), "Development"), (EnvKind::Prod.as_str(), "Production")];
    let colours =
        [("", "None")].into_iter().chain(EnvColour::ALL.iter().map(|colour| (colour.as_str(), colour.as_str())));
    view! {
        <TextField name="name" label="Name" value=form.name help="What people see; the short name when it is empty." error=name_error />
        <Choice name="kind" label="Kind" value=form.kind options=kinds />
        <Choice name="colour" label="Colour" value=form.colour options=colours.collect() />
    }
}
