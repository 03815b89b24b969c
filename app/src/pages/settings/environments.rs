//! Where workflows run: the list, one environment, and a new one.

mod fields;
mod keys;
mod new;
mod one;

use engine::{Access, ManagedEnvironment};
use leptos::prelude::*;
use model::EnvSource;

use crate::{components::environment::EnvState, pages::Page, paths};

use super::{Card, page};

pub use fields::EnvironmentForm;
pub use new::new;
pub use one::one;

pub fn list(who: &Access, environments: Vec<ManagedEnvironment>) -> Page {
    page(who, paths::ENVIRONMENTS, || {
        view! {
            <Card title="Environments" about="One process instance at Codika each, with its keys.">
                {environments.into_iter().map(row).collect_view()}
                <div class="setting">
                    <div></div>
                    <a class="button primary" href=paths::NEW_ENVIRONMENT>
                        "Add environment"
                    </a>
                </div>
            </Card>
        }
        .into_any()
    })
}

fn row(managed: ManagedEnvironment) -> impl IntoView {
    let ManagedEnvironment { environment, key_refused, .. } = managed;
    let source = match environment.source {
        EnvSource::Env => "from the server's settings",
        EnvSource::Ui => "added here",
    };
    view! {
        <div class="setting">
            <div>
                <div class="row">
                    <span class="env-dot" data-env=environment.kind.as_str()>
                        {environment.slug.to_string()}
                    </span>
                    <EnvState environment=environment.clone() />
                    {key_refused
                        .then(|| {
                            view! {
                                <span class="tag" data-tone="bad">
                                    "key refused"
                                </span>
                            }
                        })}
                </div>
                <p>{environment.name.clone()} ", " {source}</p>
            </div>
            <a class="button" href=paths::environment(&environment.slug)>
                "Open" <span class="sr-only">" " {environment.slug.to_string()}</span>
            </a>
        </div>
    }
}
