use leptos::prelude::*;
use model::EnvKind;

/// The environment as a quiet chip; dev is marked.
#[component]
pub fn EnvDot(slug: String, kind: Option<EnvKind>) -> impl IntoView {
    view! {
        <span class="env-dot" data-env=kind.map(EnvKind::as_str)>
            {slug}
        </span>
    }
}
