use std::time::Duration;

use leptos::prelude::*;

use crate::icon::{Icon, IconName};

const SHOWN: Duration = Duration::from_millis(1500);

/// Copies a text; says so for a moment.
#[component]
pub fn CopyButton(
    #[prop(into)] text: String,
    /// What is copied, for people who do not see the button: "Copy …".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    let copied = RwSignal::new(false);
    let copy = move |_| {
        let clipboard = window().navigator().clipboard();
        // The browser shows its own refusal; there is nothing to add to it.
        let _ = clipboard.write_text(&text);
        copied.set(true);
        set_timeout(
            move || {
                let _ = copied.try_set(false);
            },
            SHOWN,
        );
    };
    let label = move || {
        if copied.get() { "Copied".to_owned() } else { format!("Copy {what}") }
    };
    view! {
        <button
            class="button quiet small icon-only copy"
            type="button"
            aria-label=label
            data-copied=move || copied.get().then_some("")
            on:click=copy
        >
            {move || {
                let name = if copied.get() { IconName::Check } else { IconName::Copy };
                view! { <Icon name class="icon small" /> }
            }}
        </button>
    }
}
