use leptos::{prelude::*, task::spawn_local};
use leptos_meta::Title;
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::EnvSlug;
use ui::{Icon, IconName, area_text};

use crate::{
    components::error::{ErrorNotice, ErrorPage},
    error::{AppError, Kind},
    features::{
        accounts::Session,
        workflows::{AddWorkflowForm, add_workflow},
    },
    paths,
    providers::session::use_session,
    routes::param,
    wire,
};

/// For workflows that Codika does not list to this environment's key.
#[component]
pub fn AddWorkflowPage() -> impl IntoView {
    let environment = param::<EnvSlug>("env", "There is no page at this address.");
    let form = wire::handed_in(use_context::<AddWorkflowForm>).unwrap_or_default();
    let form = StoredValue::new(form);
    let session = StoredValue::new(use_session());
    view! {
        <Title text="Add workflow" />
        {move || match known(environment.get(), session.get_value()) {
            Ok(environment) => view! { <Content environment form=form.get_value() /> }.into_any(),
            Err(error) => view! { <ErrorPage error /> }.into_any(),
        }}
    }
}

/// Only environments that are there have workflows.
fn known(environment: Result<EnvSlug, AppError>, session: Option<Session>) -> Result<EnvSlug, AppError> {
    let environment = environment?;
    let environments = session.map(|session| session.environments).unwrap_or_default();
    if environments.iter().any(|known| known.slug == environment) {
        return Ok(environment);
    }
    #[cfg(feature = "ssr")]
    crate::services::not_found();
    Err(AppError::new(Kind::NotFound, format!("There is no environment “{environment}”.")))
}

#[component]
fn Content(environment: EnvSlug, form: AddWorkflowForm) -> impl IntoView {
    let error = RwSignal::new(form.error.clone());
    let busy = RwSignal::new(false);
    let id = NodeRef::<leptos::html::Input>::new();
    let name = NodeRef::<leptos::html::Input>::new();
    let schema = NodeRef::<leptos::html::Textarea>::new();
    let navigate = use_navigate();
    let target = environment.clone();
    let submit = move |event: web_sys::SubmitEvent| {
        let (Some(id), Some(name), Some(schema)) = (id.get_untracked(), name.get_untracked(), schema.get_untracked())
        else {
            return;
        };
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let (environment, navigate) = (target.clone(), navigate.clone());
        let typed = (id.value(), name.value(), schema.value());
        spawn_local(async move {
            match add_workflow(environment.clone(), typed.0, typed.1, typed.2).await {
                Ok(id) => navigate(&paths::workflow(&environment, &id), NavigateOptions::default()),
                Err(refused) => {
                    let _ = busy.try_set(false);
                    let _ = error.try_set(Some(refused));
                }
            }
        });
    };
    let wrong = move |path: &'static str| {
        error.with(|error| {
            let fields = &error.as_ref()?.fields;
            fields.iter().find(|field| field.path == path).map(|field| field.message.clone())
        })
    };
    let general = move || error.get().filter(|error: &AppError| error.fields.is_empty());
    view! {
        <div class="page narrow">
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::home(&environment)>"Workflows"</a>
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
            <form class="form" method="post" action=paths::add_workflow(&environment) on:submit=submit novalidate>
                {move || general().map(|error| view! { <ErrorNotice error /> })}
                <div class="field">
                    <label class="field-label" for="wf-id">
                        "Workflow id "
                        <span class="field-mark">"required"</span>
                    </label>
                    <input
                        class="input mono"
                        id="wf-id"
                        name="id"
                        node_ref=id
                        value=form.id
                        autocomplete="off"
                        spellcheck="false"
                        aria-describedby="wf-id-foot"
                        aria-invalid=move || wrong("id").map(|_| "true")
                    />
                    <Foot id="wf-id-foot" help="As its author wrote it, for example score-lead." wrong=move || wrong("id") />
                </div>
                <div class="field">
                    <label class="field-label" for="wf-name">
                        "Name"
                    </label>
                    <input
                        class="input"
                        id="wf-name"
                        name="name"
                        node_ref=name
                        value=form.name
                        aria-describedby="wf-name-foot"
                        aria-invalid=move || wrong("name").map(|_| "true")
                    />
                    <Foot id="wf-name-foot" help="What people see; the id when it is empty." wrong=move || wrong("name") />
                </div>
                <div class="field">
                    <label class="field-label" for="wf-schema">
                        "Form schema"
                    </label>
                    <textarea
                        class="input mono"
                        id="wf-schema"
                        name="schema"
                        rows="8"
                        node_ref=schema
                        spellcheck="false"
                        aria-describedby="wf-schema-foot"
                        aria-invalid=move || wrong("schema").map(|_| "true")
                        inner_html=area_text(&form.schema)
                    ></textarea>
                    <Foot
                        id="wf-schema-foot"
                        help="Codika's inputSchema as JSON. Without it the input is typed as JSON."
                        wrong=move || wrong("schema")
                    />
                </div>
                <div class="form-actions">
                    <button class="button primary" aria-busy=move || busy.get().then_some("true")>
                        "Add workflow"
                    </button>
                </div>
            </form>
        </div>
    }
}

#[component]
fn Foot(
    id: &'static str,
    help: &'static str,
    wrong: impl Fn() -> Option<String> + Send + Sync + 'static,
) -> impl IntoView {
    view! {
        <div class="field-foot" id=id>
            {move || match wrong() {
                Some(message) => {
                    view! {
                        <p class="field-error">
                            <Icon name=IconName::CircleAlert />
                            {message}
                        </p>
                    }
                        .into_any()
                }
                None => view! { <p class="field-help">{help}</p> }.into_any(),
            }}
        </div>
    }
}
