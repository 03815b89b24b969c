use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::RunStatus;
use ui::{Icon, IconName};

use crate::{
    components::{heading::PageTitle, page::page},
    features::runs::{RunList, RunTable, list_runs},
    paths::RunsFilter,
    providers::live::use_live,
};

const STATUSES: [RunStatus; 7] = [
    RunStatus::Pending,
    RunStatus::Success,
    RunStatus::Failed,
    RunStatus::Rejected,
    RunStatus::NotSent,
    RunStatus::Unconfirmed,
    RunStatus::Stalled,
];

/// The history. Its filters live in the address; new runs wait behind a link instead of pushing.
#[component]
pub fn RunsPage() -> impl IntoView {
    let query = use_query_map();
    let filter = Memo::new(move |_| {
        let query = query.get();
        RunsFilter {
            status: query.get("status").and_then(|word| word.parse().ok()),
            environment: query.get("environment").and_then(|slug| slug.parse().ok()),
            workflow: query.get("workflow").and_then(|id| id.parse().ok()),
            after: query.get("after"),
        }
    });
    let live = use_live();
    let shown = RwSignal::new(0u32);
    view! {
        <Title text="Runs" />
        {page(
            move || (filter.get(), live.pulse(), shown.get()),
            |(filter, _, _)| Ok(list_runs(filter.status, filter.environment, filter.workflow, filter.after)),
            move |list| view! { <Content list filter=filter.get_untracked() shown /> }.into_any(),
        )}
    }
}

#[component]
fn Content(list: RunList, filter: RunsFilter, shown: RwSignal<u32>) -> impl IntoView {
    let RunList { page, environments } = list;
    let older = page.next.map(|after| RunsFilter { after: Some(after), ..filter.clone() }.path());
    let newest = filter.after.is_some().then(|| RunsFilter { after: None, ..filter.clone() }.path());
    let nothing = page.items.is_empty();
    let filtered = filter != RunsFilter::default();
    let workflow = filter.workflow.clone();
    let without_workflow = RunsFilter { workflow: None, after: None, ..filter.clone() }.path();
    view! {
        <div class="page">
            <header class="page-head">
                <div class="page-title">
                    <PageTitle>"Runs"</PageTitle>
                </div>
            </header>
            <div class="filters">
                <StatusFilters filter=filter.clone() />
                <span class="filters-sep"></span>
                {environments
                    .iter()
                    .map(|env| {
                        let chosen = filter.environment.as_ref() == Some(&env.slug);
                        let to = RunsFilter {
                            environment: (!chosen).then(|| env.slug.clone()),
                            after: None,
                            ..filter.clone()
                        };
                        view! {
                            <a class="filter" href=to.path() aria-current=chosen.then_some("true")>
                                {env.slug.to_string()}
                            </a>
                        }
                    })
                    .collect_view()}
                {workflow
                    .map(|workflow| {
                        view! {
                            <a class="filter" href=without_workflow aria-current="true">
                                {workflow.to_string()}
                                <Icon name=IconName::X class="icon small" />
                            </a>
                        }
                    })}
            </div>
            <NewRuns shown known=page.items.iter().map(|listed| listed.run.id.clone()).max() filter=filter.clone() />
            {if nothing {
                view! {
                    <div class="empty">
                        <Icon name=IconName::History />
                        <h2>{if filtered { "No runs match" } else { "No runs yet" }}</h2>
                        <p>
                            {if filtered {
                                "Take a filter away to see more."
                            } else {
                                "Pick a workflow and run it; it will be listed here."
                            }}
                        </p>
                        <a class="button" href=if filtered { "/runs" } else { "/" }>
                            {if filtered { "Show all runs" } else { "Go to Home" }}
                        </a>
                    </div>
                }
                    .into_any()
            } else {
                view! { <RunTable runs=page.items label="Runs" environments /> }.into_any()
            }}
            {(newest.is_some() || older.is_some())
                .then(|| {
                    view! {
                        <nav class="pager" aria-label="Pages">
                            {newest.map(|href| view! { <a class="button small" href=href>"Newest"</a> })}
                            {older.map(|href| view! { <a class="button small" href=href>"Older"</a> })}
                        </nav>
                    }
                })}
        </div>
    }
}

#[component]
fn StatusFilters(filter: RunsFilter) -> impl IntoView {
    let choice = move |status: Option<RunStatus>, label: &'static str| {
        let to = RunsFilter { status, after: None, ..filter.clone() };
        view! {
            <a class="filter" href=to.path() aria-current=(filter.status == status).then_some("true")>
                {label}
            </a>
        }
    };
    let all = choice(None, "All");
    let rest = STATUSES.into_iter().map(|status| choice(Some(status), status.label())).collect_view();
    view! {
        {all}
        {rest}
    }
}

/// How many runs have started since this page was shown.
#[component]
fn NewRuns(shown: RwSignal<u32>, known: Option<model::RunId>, filter: RunsFilter) -> impl IntoView {
    let live = use_live();
    let fresh = RwSignal::new(Vec::new());
    let first_page = filter.after.is_none();
    let newest = RunsFilter { after: None, ..filter.clone() }.path();
    Effect::new(move |_| {
        let Some(event) = live.newest() else { return };
        let newer = known.as_ref().is_none_or(|known| event.run.id > *known);
        let wanted = filter.environment.as_ref().is_none_or(|slug| *slug == event.run.environment)
            && filter.workflow.as_ref().is_none_or(|id| *id == event.run.workflow)
            && filter.status.is_none_or(|status| status == event.run.status);
        if newer && wanted && !fresh.with_untracked(|fresh: &Vec<_>| fresh.contains(&event.run.id)) {
            fresh.update(|fresh| fresh.push(event.run.id));
        }
    });
    let count = move || fresh.with(Vec::len);
    view! {
        <Show when=move || count() != 0>
            <div class="newrows">
                <a
                    href=newest.clone()
                    on:click=move |event| {
                        // Here the address stays as it is, so the list has to be asked for.
                        if first_page {
                            event.prevent_default();
                            shown.update(|times| *times += 1);
                        }
                    }
                >
                    {move || if count() == 1 { "1 new run".to_owned() } else { format!("{} new runs", count()) }}
                </a>
            </div>
        </Show>
    }
}
