use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{RunId, RunStatus};
use ui::{Icon, IconName, StatusChip};

use crate::{
    components::{heading::PageTitle, page::page, time},
    features::runs::{AgainLink, EventList, InputPanel, RawPanel, ResultTab, RunView, get_run},
    paths,
    providers::live::use_live,
    routes::param,
};

const TABS: [(&str, &str); 4] = [("result", "Result"), ("input", "Input"), ("events", "Events"), ("raw", "Ids")];

/// One run, live.
#[component]
pub fn RunPage() -> impl IntoView {
    let id = param::<RunId>("id", "There is no such run.");
    let live = use_live();
    let acted = RwSignal::new(0u32);
    let changes = Memo::new(move |before: Option<&(u32, u32, i64)>| {
        let seen = before.map_or(0, |(_, _, seq)| *seq);
        let mine = live.newest().filter(|event| id.get().is_ok_and(|id| id == event.run.id));
        (live.pulse(), acted.get(), mine.map_or(seen, |event| event.seq))
    });
    let changed = Callback::new(move |()| acted.update(|count| *count += 1));
    page(
        move || (id.get(), changes.get()),
        |(id, _)| Ok(get_run(id?)),
        move |run| view! { <Content run changed /> }.into_any(),
    )
}

#[component]
fn Content(run: RunView, changed: Callback<()>) -> impl IntoView {
    let summary = run.summary.clone();
    let status = summary.status;
    favicon(status);
    let query = use_query_map();
    let tab = Memo::new(move |_| query.with(|query| query.get("tab")).unwrap_or_else(|| "result".to_owned()));
    let workflow = paths::workflow(&summary.environment, &summary.workflow);
    let name = summary.workflow_name.clone();
    let again = summary.clone();
    let accepted = summary.accepted_at.map(|at| time::duration(at - summary.created_at));
    let usual = run.usual.map(|usual| time::usual(usual.p50));
    let took = summary.duration_ms.map(time::duration);
    let news = match &took {
        Some(took) => format!("{} after {took}", status.label()),
        None => status.label().to_owned(),
    };
    let tabs = TABS
        .into_iter()
        .map(|(name, label)| {
            view! {
                <a
                    class="tab"
                    href=paths::run_tab(&summary.id, name)
                    aria-current=move || (tab.get() == name).then_some("page")
                >
                    {label}
                </a>
            }
        })
        .collect_view();
    let repeats = run.repeats.clone().map(|first| {
        let words = format!("Run again instead of {}", first.short());
        view! {
            <span>
                <a class="link" href=paths::run(&first)>{words}</a>
            </span>
        }
    });
    let panel = StoredValue::new(run);
    view! {
        <Title text=format!("{} {}", mark(status), summary.workflow_name) />
        <div class="page">
            <nav class="crumbs" aria-label="Breadcrumb">
                <a href=paths::RUNS>"Runs"</a>
                <Icon name=IconName::ChevronRight class="icon small" />
                <span>{summary.id.short()}</span>
            </nav>
            <header class="page-head run-head">
                <div class="page-title">
                    <div class="row">
                        <PageTitle>
                            <a href=workflow dir="auto">
                                {name}
                            </a>
                        </PageTitle>
                        <StatusChip status large=true />
                        <span class="duration">{took.clone()}</span>
                    </div>
                    <div class="facts">
                        <span>"Run " {summary.id.short()}</span>
                        <span>{summary.environment.to_string()}</span>
                        <span>
                            "Submitted " <time::Moment at=summary.created_at /> " by "
                            {summary.owner_name.clone()}
                        </span>
                        {accepted.map(|after| view! { <span>"accepted after " {after}</span> })}
                        {usual.map(|usual| view! { <span>{usual}</span> })} {repeats}
                    </div>
                </div>
                <div class="page-actions">
                    <AgainLink run=again label="Run again" />
                </div>
            </header>
            <nav class="tabs" aria-label="Run">
                {tabs}
            </nav>
            // The news alone, not the seconds that tick.
            <p class="sr-only" role="status">
                {news}
            </p>
            <div class="run-panel">
                {move || {
                    let run = panel.get_value();
                    match tab.get().as_str() {
                        "input" => view! { <InputPanel run /> }.into_any(),
                        "events" => view! { <EventList events=run.events /> }.into_any(),
                        "raw" => view! { <RawPanel run /> }.into_any(),
                        _ => view! { <ResultTab run changed /> }.into_any(),
                    }
                }}
            </div>
        </div>
    }
}

/// The state as the first character of the tab's title.
const fn mark(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Success => "✓",
        RunStatus::Failed | RunStatus::Rejected | RunStatus::NotSent => "✗",
        RunStatus::Unconfirmed | RunStatus::Stalled => "?",
        RunStatus::Queued | RunStatus::Submitting | RunStatus::Pending => "…",
        RunStatus::Cancelled => "–",
    }
}

/// The browser tab's icon shows the state too; leaving the page restores it.
fn favicon(status: RunStatus) {
    #[cfg(feature = "hydrate")]
    {
        let icon = match status {
            RunStatus::Success => "/favicon-done.svg",
            RunStatus::Unconfirmed | RunStatus::Stalled => "/favicon-unclear.svg",
            status if status.is_moving() => "/favicon-pending.svg",
            _ => "/favicon-failed.svg",
        };
        Effect::new(move |_| set_favicon(icon));
        on_cleanup(|| set_favicon("/favicon.svg"));
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = status;
}

#[cfg(feature = "hydrate")]
fn set_favicon(href: &str) {
    let link =
        web_sys::window().and_then(|window| window.document()).and_then(|page| page.get_element_by_id("favicon"));
    if let Some(link) = link {
        let _ = link.set_attribute("href", href);
    }
}
