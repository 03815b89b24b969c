use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{EnvSlug, RunId, WorkflowId};
use ui::{Icon, IconName, StatusChip};

use crate::{
    components::{error::ErrorPage, loading::Loading, time},
    features::workflows::{AlreadyRun, WorkflowForm, WorkflowRequest, WorkflowView, workflow_page},
    paths,
    routes::param,
    wire,
};

/// One workflow: its form and what its author says about it.
#[component]
pub fn WorkflowPage() -> impl IntoView {
    let environment = param::<EnvSlug>("env", "There is no page at this address.");
    let workflow = param::<WorkflowId>("id", "There is no such workflow.");
    let query = use_query_map();
    let request = Memo::new(move |_| {
        let query = query.get();
        Ok(WorkflowRequest {
            environment: environment.get()?,
            workflow: workflow.get()?,
            draft: query.get("draft"),
            from: query.get("from").and_then(|id| RunId::parse(id).ok()),
            as_json: query.get("as").as_deref() == Some("json"),
        })
    });
    let page = wire::resource(move || request.get(), |request| async move { workflow_page(request?).await });
    view! {
        <Transition fallback=Loading>
            {move || Suspend::new(async move {
                match page.await {
                    Ok(view) => view! { <Content view /> }.into_any(),
                    Err(error) => view! { <ErrorPage error /> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Content(view: WorkflowView) -> impl IntoView {
    keep_draft_in_address(&view);
    let detail = view.detail.clone();
    let card = detail.card;
    let env = detail.environment;
    let usual = card.usual.map(|usual| time::usual(usual.p50));
    let cost = card.cost.map(|cost| format!("{cost} credits a run"));
    let source = detail.form_source.label();
    let runs = paths::RunsFilter {
        environment: Some(env.slug.clone()),
        workflow: Some(card.id.clone()),
        ..paths::RunsFilter::default()
    };
    let used_by = view.used_by.clone();
    view! {
        <Title text=card.name.clone() />
        <div class="page">
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::home(&env.slug)>"Workflows"</a>
                <Icon name=IconName::ChevronRight class="icon small" />
                <span>{card.name.clone()}</span>
            </nav>
            <header class="page-head">
                <div class="page-title">
                    <div class="row">
                        <h1 tabindex="-1">{card.name.clone()}</h1>
                        <span class="env-dot" data-env=env.kind.as_str()>
                            {env.slug.to_string()}
                        </span>
                    </div>
                    <p class="page-sub">{card.description}</p>
                    <div class="facts">
                        {usual.map(|usual| view! { <span>{usual}</span> })}
                        {cost.map(|cost| view! { <span>{cost}</span> })}
                        <span>"Form " {source}</span>
                        {detail.scheduled.then(|| view! { <span>"Runs on a schedule; this runs it now"</span> })}
                    </div>
                </div>
                <div class="page-actions">
                    <a class="button" href=runs.path()>
                        <Icon name=IconName::History />
                        "Its runs"
                    </a>
                </div>
            </header>
            <div class="wf-layout">
                <div>
                    {match used_by {
                        Some(run) => view! { <AlreadyRun view run /> }.into_any(),
                        None => view! { <WorkflowForm view /> }.into_any(),
                    }}
                </div>
                <aside class="wf-about" tabindex="0" aria-label="About">
                    {detail
                        .last_run
                        .map(|run| {
                            view! {
                                <p class="row">
                                    <span class="muted small">"Last run"</span>
                                    <StatusChip status=run.status />
                                    <a class="link small" href=paths::run(&run.id)>
                                        <time::Moment at=run.created_at />
                                    </a>
                                </p>
                            }
                        })}
                    {match detail.about_html {
                        Some(html) => view! { <div class="markdown compact" inner_html=html></div> }.into_any(),
                        None => {
                            view! {
                                <p class="muted">
                                    "Its author has not described this workflow, so the input is given as JSON."
                                </p>
                            }
                                .into_any()
                        }
                    }}
                </aside>
            </div>
        </div>
    }
}

/// The draft key belongs into the address, so that reload, Back and a duplicated tab keep it.
fn keep_draft_in_address(view: &WorkflowView) {
    #[cfg(feature = "hydrate")]
    {
        let address = paths::draft(&view.detail.environment.slug, &view.detail.card.id, &view.draft);
        let fresh = view.used_by.is_none();
        Effect::new(move |_| {
            let window = web_sys::window();
            let here = window.as_ref().and_then(|window| window.location().search().ok()).unwrap_or_default();
            let named = here.contains("draft=");
            if let (true, false, Some(history)) = (fresh, named, window.and_then(|window| window.history().ok())) {
                let state = history.state().unwrap_or_default();
                let _ = history.replace_state_with_url(&state, "", Some(&address));
            }
        });
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = view;
}
