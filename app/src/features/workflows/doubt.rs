//! An input that is offered again although an earlier run may have done the same with it.

use leptos::prelude::*;
use model::Doubt;
use ui::{Icon, IconName};

use crate::paths;

use super::ALTHOUGH;

/// Above the form.
#[component]
pub fn DoubtNotice(doubt: Doubt) -> impl IntoView {
    let open = format!("Open run {}", doubt.run.short());
    view! {
        <div class="notice" data-tone="warn">
            <Icon name=IconName::TriangleAlert />
            <div class="notice-body">
                <h2>{doubt.title}</h2>
                <p>{doubt.why}</p>
                <div class="row">
                    <a class="button small" href=paths::run(&doubt.run)>
                        {open}
                    </a>
                </div>
            </div>
        </div>
    }
}

/// Beside the button. The engine refuses the run without it.
#[component]
pub fn DoubtBox(
    doubt: Doubt,
    /// As it was sent.
    ticked: bool,
    /// Why the form came back.
    refused: RwSignal<Option<String>>,
) -> impl IntoView {
    let foot = move || {
        refused.get().map(|words| {
            view! {
                <p class="field-error">
                    <Icon name=IconName::CircleAlert />
                    <span>{words}</span>
                </p>
            }
        })
    };
    doubt.confirm.map(|label| {
        view! {
            <div class="field">
                <label class="choice">
                    <input
                        type="checkbox"
                        name=ALTHOUGH
                        value=doubt.run.to_string()
                        checked=ticked
                        required
                        aria-describedby="although-foot"
                        aria-invalid=move || refused.with(Option::is_some).then_some("true")
                    />
                    <span>{label}</span>
                </label>
                <div class="field-foot" id="although-foot">
                    {foot}
                </div>
            </div>
        }
    })
}
