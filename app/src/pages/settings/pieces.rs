//! What several sections of the settings show.

use leptos::prelude::*;
use ui::{CopyButton, Icon, IconName};

/// That something is done.
pub fn told(words: Option<&'static str>) -> impl IntoView {
    words.map(|words| {
        view! {
            <div class="notice slim" data-tone="ok" role="status" tabindex="-1">
                <Icon name=IconName::Check />
                <div class="notice-body">
                    <p>{words}</p>
                </div>
            </div>
        }
    })
}

/// Why something is not done, where it belongs to no field.
#[component]
pub fn Refused(message: String) -> impl IntoView {
    view! {
        <div class="notice slim" data-tone="bad" role="alert" tabindex="-1">
            <Icon name=IconName::CircleAlert />
            <div class="notice-body">
                <p>{message}</p>
            </div>
        </div>
    }
}

/// A secret that is shown this once.
#[component]
pub fn Once(
    title: &'static str,
    /// What it is, for people who do not see the button.
    what: &'static str,
    #[prop(optional)] about: Option<&'static str>,
    value: String,
) -> impl IntoView {
    view! {
        <section class="card" role="status" tabindex="-1">
            <div class="card-head">
                <h2>{title}</h2>
                <p>{about} " Copy it now: it is not shown again."</p>
            </div>
            <div class="card-body copyable">
                <code class="code-inline">{value}</code>
                <CopyButton what=what />
            </div>
        </section>
    }
}
