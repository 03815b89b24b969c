use leptos::prelude::*;
use model::RunSummary;
use ui::{Icon, IconName};

use crate::paths;

/// To a form with the input of this run, which asks first where running it may be running it twice.
#[component]
pub fn AgainLink(
    run: RunSummary,
    doubtful: Memo<bool>,
    label: &'static str,
    #[prop(default = "button")] class: &'static str,
) -> impl IntoView {
    let icon = move || if doubtful.get() { IconName::TriangleAlert } else { IconName::RotateCw };
    view! {
        <a class=class href=paths::run_again(&run.environment, &run.workflow, &run.id)>
            {move || view! { <Icon name=icon() /> }}
            {label}
            <span class="sr-only">{move || doubtful.get().then_some(", which may do it twice")}</span>
        </a>
    }
}
