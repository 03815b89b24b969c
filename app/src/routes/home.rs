use leptos::prelude::*;
use leptos_meta::Title;
use model::EnvSlug;
use ui::{Icon, IconName};

use crate::{
    components::{environment::EnvState, heading::PageTitle, page::page},
    features::{
        runs::RunTable,
        workflows::{Attention, Home, Notices, WorkflowList, get_home},
    },
    paths,
    providers::live::use_live,
    routes::param,
};

/// The workflows of an environment and what happened lately.
#[component]
pub fn HomePage() -> impl IntoView {
    let environment = param::<EnvSlug>("env", "There is no page at this address.");
    let live = use_live();
    let changes = Memo::new(move |_| {
        let newest = live.newest().map(|event| (event.run.id, event.seq));
        (live.pulse(), newest)
    });
    page(
        move || (environment.get(), changes.get()),
        |(environment, _)| Ok(get_home(environment?)),
        |home| view! { <Content home /> }.into_any(),
    )
}

#[component]
fn Content(home: Home) -> impl IntoView {
    let env = home.catalog.environment;
    let slug = env.slug.clone();
    let add = paths::add_workflow(&slug);
    let nothing = home.catalog.workflows.is_empty();
    view! {
        <Title text=format!("Home · {slug}") />
        <div class="page">
            <header class="page-head">
                <div class="page-title">
                    <div class="row">
                        <PageTitle>"Home"</PageTitle>
                        <span class="env-dot" data-env=env.kind.as_str()>
                            {slug.to_string()}
                        </span>
                        <EnvState environment=env.clone() />
                    </div>
                    <p class="page-sub">"Pick one, fill in its form, and watch the result arrive."</p>
                </div>
                <div class="page-actions">
                    {home
                        .may_add
                        .then(|| {
                            view! {
                                <a class="button" href=add.clone()>
                                    <Icon name=IconName::Plus />
                                    "Add workflow"
                                </a>
                            }
                        })}
                </div>
            </header>
            <Notices notices=home.catalog.notices />
            {(!home.attention.is_empty()).then(|| view! { <Attention runs=home.attention /> })}
            {if nothing {
                view! {
                    <div class="empty">
                        <Icon name=IconName::Workflow />
                        <h2>"No workflows yet"</h2>
                        <p>"Workflows of this environment appear here; one whose id you know can be added by hand."</p>
                        {home
                            .may_add
                            .then(|| {
                                view! {
                                    <a class="button primary" href=add>
                                        "Add workflow"
                                    </a>
                                }
                            })}
                    </div>
                }
                    .into_any()
            } else {
                view! {
                    <section class="page-section" aria-labelledby="workflows">
                        <div class="section-head">
                            <h2 id="workflows">"Workflows"</h2>
                        </div>
                        <WorkflowList environment=slug.clone() workflows=home.catalog.workflows />
                    </section>
                }
                    .into_any()
            }}
            {(!home.recent.is_empty())
                .then(|| {
                    view! {
                        <section class="page-section" aria-labelledby="recent">
                            <div class="section-head">
                                <h2 id="recent">"Recent runs"</h2>
                                <a class="link push" href=paths::RUNS>
                                    "All runs"
                                </a>
                            </div>
                            <RunTable runs=home.recent label="Recent runs" environments=Vec::new() />
                        </section>
                    }
                })}
        </div>
    }
}
