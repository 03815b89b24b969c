use leptos::prelude::*;
use model::{RunStatus, RunSummary};
use ui::{Icon, IconName};

use crate::paths;

/// To a form with the input of this run, which asks first where running it may be running it twice.
#[component]
pub fn AgainLink(
    run: RunSummary,
    label: &'static str,
    #[prop(default = "button")] class: &'static str,
) -> impl IntoView {
    let doubtful = matches!(run.status, RunStatus::Unconfirmed | RunStatus::Stalled);
    let icon = if doubtful { IconName::TriangleAlert } else { IconName::RotateCw };
    view! {
        <a class=class href=paths::run_again(&run.environment, &run.workflow, &run.id)>
            <Icon name=icon />
            {label}
            {doubtful.then(|| view! { <span class="sr-only">", which may do it twice"</span> })}
        </a>
    }
}
