use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{EnvSlug, RunId, WorkflowDetail, WorkflowId};
use schema::FormSource;
use ui::{CodeBlock, Icon, IconName, StatusChip};

use crate::{
    components::{heading::PageTitle, page::page, time},
    features::workflows::{AlreadyRun, RemoveWorkflow, WorkflowForm, WorkflowRequest, WorkflowView, workflow_page},
    paths,
    routes::param,
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
    page(move || request.get(), |request| Ok(workflow_page(request?)), |view| view! { <Content view /> }.into_any())
}

#[component]
fn Content(view: WorkflowView) -> impl IntoView {
    keep_draft_in_address(&view);
    let detail = view.detail.clone();
    let source = form_source(&detail);
    let card = detail.card;
    let env = detail.environment;
    let last = detail.last_run;
    let runs = paths::RunsFilter {
        environment: Some(env.slug.clone()),
        workflow: Some(card.id.clone()),
        ..paths::RunsFilter::default()
    };
    let used_by = view.used_by.clone();
    let curl = view.curl.clone();
    let removable = view.may_remove.then(|| (env.slug.clone(), card.id.clone()));
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
                        <PageTitle>
                            <span dir="auto">{card.name.clone()}</span>
                        </PageTitle>
                        <span class="env-dot" data-env=env.kind.as_str()>
                            {env.slug.to_string()}
                        </span>
                    </div>
                    <p class="page-sub" dir="auto">
                        {card.description}
                    </p>
                    <div class="facts">
                        {last
                            .map(|run| {
                                view! {
                                    <span class="last-run">
                                        "Last run " <StatusChip status=run.status word=run.label() />
                                        <a class="link" href=paths::run(&run.id)>
                                            <time::Moment at=run.created_at />
                                        </a>
                                    </span>
                                }
                            })}
                        {source.map(|source| view! { <span>{source}</span> })}
                        {detail.scheduled.then(|| view! { <span>"Runs on a schedule; this runs it now"</span> })}
                    </div>
                </div>
                <div class="page-actions">
                    <a class="button" href=runs.path()>
                        <Icon name=IconName::History />
                        "Past runs"
                    </a>
                    {removable.map(|(environment, id)| view! { <RemoveWorkflow environment id /> })}
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
                    {match detail.about_html {
                        Some(html) => view! { <div class="markdown compact" inner_html=html></div> }.into_any(),
                        None => {
                            view! {
                                <p class="muted">"Its author has not described this workflow."</p>
                            }
                                .into_any()
                        }
                    }}
                    <details class="fold">
                        <summary>"For developers"</summary>
                        <div class="fold-body">
                            <p class="muted small">
                                "A program starts this workflow with a token of this dashboard, in "<code>"$TOKEN"</code>":"
                            </p>
                            <CodeBlock text=curl label="curl" wrap=true />
                        </div>
                    </details>
                </aside>
            </div>
        </div>
    }
}

/// Where the form comes from, unless its author made it.
const fn form_source(detail: &WorkflowDetail) -> Option<&'static str> {
    match detail.form_source {
        FormSource::Trigger => None,
        FormSource::None => Some("Its form is not known, so the input is given as JSON"),
        FormSource::SkillSchedule => Some("It takes no input"),
        FormSource::Operator => Some("Its form was given in this dashboard"),
        FormSource::SkillFrontmatter | FormSource::SkillTable | FormSource::SkillExample => {
            Some("Its form was read from the author's description")
        }
    }
}

/// The draft key belongs into the address, so that reload, Back and a duplicated tab keep it.
fn keep_draft_in_address(view: &WorkflowView) {
    #[cfg(feature = "hydrate")]
    {
        let address =
            paths::draft(&view.detail.environment.slug, &view.detail.card.id, &view.draft, view.from.as_ref());
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
