use leptos::prelude::*;
use model::EnvSlug;
use serde::Deserialize;
use ui::{Icon, IconName};

use crate::{components::error::ErrorNotice, error::AppError, paths};

use super::{Page, text_field::TextField};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct AddWorkflowForm {
    pub id: String,
    pub name: String,
    /// As JSON.
    pub schema: String,
}

/// For workflows that Codika does not list to this environment's key. `error`: why the form is shown again.
pub fn page(environment: &EnvSlug, typed: AddWorkflowForm, error: Option<AppError>) -> Page {
    let wrong = |path: &str| {
        let fields = &error.as_ref()?.fields;
        fields.iter().find(|field| field.path == path).map(|field| field.message.clone())
    };
    let (id, name, schema) = (wrong("id"), wrong("name"), wrong("schema"));
    let general = error.clone().filter(|error| error.fields.is_empty());
    let view = move || {
        view! {
            <div class="page narrow">
                <nav class="crumbs" aria-label="Breadcrumb">
                    <a href=paths::home(environment)>"Workflows"</a>
                    <Icon name=IconName::ChevronRight class="icon small" />
                    <span>"Add workflow"</span>
                </nav>
                <header class="page-head">
                    <div class="page-title">
                        <h1 tabindex="-1">"Add workflow"</h1>
                        <p class="page-sub">
                            "For a workflow of " {environment.to_string()}
                            " whose id you know and that Codika does not list to this environment's key."
                        </p>
                    </div>
                </header>
                <form class="form" method="post" action=paths::add_workflow(environment) novalidate>
                    {general.map(|error| view! { <ErrorNotice error /> })}
                    <TextField
                        name="id"
                        label="Workflow id"
                        value=typed.id
                        help="As its author wrote it, for example score-lead."
                        error=id
                        autocomplete="off"
                        marked=true
                        mono=true
                    />
                    <TextField
                        name="name"
                        label="Name"
                        value=typed.name
                        help="What people see; the id when it is empty."
                        error=name
                    />
                    <TextField
                        name="schema"
                        label="Form schema"
                        value=typed.schema
                        help="Codika's inputSchema as JSON. Without it the input is typed as JSON."
                        error=schema
                        mono=true
                        rows=8
                    />
                    <div class="form-actions">
                        <button class="button primary">"Add workflow"</button>
                    </div>
                </form>
            </div>
        }
        .into_any()
    };
    Page::new("Add workflow", view)
}
