use leptos::prelude::*;
use model::{Activity, EnvKind, Environment};

/// The environment as a quiet chip; dev is marked.
#[component]
pub fn EnvDot(slug: String, kind: Option<EnvKind>) -> impl IntoView {
    view! {
        <span class="env-dot" data-env=kind.map(EnvKind::as_str)>
            {slug}
        </span>
    }
}

/// Whether runs can be started in it, as far as that is unusual, and the version that runs.
#[component]
pub fn EnvState(environment: Environment) -> impl IntoView {
    let Environment { enabled, state, .. } = environment;
    let (activity, version) = state.map(|state| (state.activity, state.version)).unzip();
    let unusual =
        if enabled { activity.filter(|it| *it != Activity::Active).map(|it| it.label()) } else { Some("disabled") };
    view! {
        {unusual
            .map(|word| {
                view! {
                    <span class="tag" data-tone="warn">
                        {word}
                    </span>
                }
            })}
        {version
            .flatten()
            .map(|version| {
                view! {
                    <span class="tag" title="Version of the process">
                        {version}
                    </span>
                }
            })}
    }
}
