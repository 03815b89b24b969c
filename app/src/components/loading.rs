use leptos::prelude::*;

/// The shape of a page while its content is on the way; shows itself only after a moment.
#[component]
pub fn Loading() -> impl IntoView {
    view! {
        <div class="page" aria-busy="true">
            <p class="sr-only">"Loading…"</p>
            <span class="skeleton w50"></span>
            <span class="skeleton w75"></span>
            <span class="skeleton block"></span>
        </div>
    }
}
