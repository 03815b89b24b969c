use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::{EnvSlug, WorkflowId};
use ui::{Icon, IconName};

use crate::{components::error::ErrorNotice, error::AppError, paths};

use super::remove_workflow;

/// Takes away a workflow that was added by hand, after saying what goes with it.
#[component]
pub fn RemoveWorkflow(environment: EnvSlug, id: WorkflowId) -> impl IntoView {
    let error = RwSignal::new(None::<AppError>);
    let navigate = use_navigate();
    let action = paths::remove_workflow(&environment, &id);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        let (environment, id, navigate) = (environment.clone(), id.clone(), navigate.clone());
        spawn_local(async move {
            match remove_workflow(environment.clone(), id).await {
                Ok(()) => navigate(&paths::home(&environment), NavigateOptions::default()),
                Err(refused) => {
                    let _ = error.try_set(Some(refused));
                }
            }
        });
    };
    view! {
        <button class="button" popovertarget="remove-menu">
            "Remove"
            <Icon name=IconName::ChevronDown class="icon small" />
        </button>
        <div class="menu" id="remove-menu" popover="auto">
            <form class="stack" method="post" action=action on:submit=submit>
                <p class="menu-note">"Its name and form schema are forgotten here. Its runs stay, and nothing changes at Codika."</p>
                {move || error.get().map(|error| view! { <ErrorNotice error /> })}
                <button class="button danger">"Remove workflow"</button>
            </form>
        </div>
    }
}
