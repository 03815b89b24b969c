use leptos::prelude::*;

/// One of the drawings in `public/icons.svg`, by the name of its symbol. Says nothing to screen readers.
#[component]
pub fn Icon(name: &'static str, #[prop(default = "icon")] class: &'static str) -> impl IntoView {
    view! {
        <svg class=class viewBox="0 0 24 24" aria-hidden="true">
            <use href=format!("/icons.svg#{name}") />
        </svg>
    }
}
