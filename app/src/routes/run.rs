use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use model::{Millis, RunId, RunStatus};
use ui::{Icon, IconName, StatusChip};

use crate::{
    components::{
        heading::{self, PageTitle},
        page::page_in_place,
        time,
    },
    features::runs::{AgainLink, DetailPanel, EventList, InputPanel, ResultTab, RunView, get_run},
    paths,
    providers::live::use_live,
    routes::param,
};

const TABS: [(&str, &str); 4] =
    [("result", "Result"), ("input", "Input"), ("events", "Events"), ("details", "Details")];

/// One run, live. What changes is put into the page that is there, so that focus and selection survive it.
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
    page_in_place(
        move || (id.get(), changes.get()),
        |(id, _)| Ok(get_run(id?)),
        move |run| view! { <Content run changed /> }.into_any(),
    )
}

#[component]
fn Content(run: RwSignal<RunView>, changed: Callback<()>) -> impl IntoView {
    let status = Memo::new(move |_| run.with(|run| run.summary.status));
    favicon(status);
    let query = use_query_map();
    let tab = Memo::new(move |_| query.with(|query| query.get("tab")).unwrap_or_else(|| "result".to_owned()));
    let took = move || run.with(|run| run.summary.duration_ms.map(time::duration));
    let word = move || run.with(|run| run.summary.label());
    let news = move || match took() {
        Some(took) => format!("{} after {took}", word()),
        None => word().to_owned(),
    };
    let accepted =
        move || run.with(|run| run.summary.accepted_at.and_then(|at| slow_to_accept(at - run.summary.created_at)));
    let usual = move || run.with(|run| run.usual.map(|usual| time::usual(usual.p50)));
    let doubtful = Memo::new(move |_| matches!(status.get(), RunStatus::Unconfirmed | RunStatus::Stalled));
    let RunView { summary, repeats, .. } = run.get_untracked();
    let title = summary.workflow_name.clone();
    let (name, workflow) = (title.clone(), paths::workflow(&summary.environment, &summary.workflow));
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
    let repeats = repeats.map(|first| {
        let words = format!("Run again instead of {}", first.short());
        view! {
            <span>
                <a class="link" href=paths::run(&first)>{words}</a>
            </span>
        }
    });
    let panel = NodeRef::new();
    let drawn_with = status.get_untracked();
    view! {
        <Title text=heading::title(move || format!("{} {title}", mark(status.try_get().unwrap_or(drawn_with)))) />
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
                        <StatusChip status word=Signal::derive(word) large=true />
                        <span class="duration">{took}</span>
                    </div>
                    <div class="facts">
                        <span>"Run " {summary.id.short()}</span>
                        <span>{summary.environment.to_string()}</span>
                        <span>
                            "Submitted " <time::Moment at=summary.created_at exact=true /> " by "
                            {summary.owner_name.clone()}
                        </span>
                        {move || accepted().map(|words| view! { <span>{words}</span> })}
                        {move || usual().map(|usual| view! { <span>{usual}</span> })} {repeats}
                    </div>
                </div>
                <div class="page-actions">
                    <AgainLink run=summary doubtful label="Run again" />
                </div>
            </header>
            <nav class="tabs" aria-label="Run">
                {tabs}
            </nav>
            // The news alone, not the seconds that tick.
            <p class="sr-only" role="status">
                {news}
            </p>
            <div class="run-panel" tabindex="-1" node_ref=panel>
                {move || match tab.get().as_str() {
                    "input" => view! { <InputPanel run=run.get_untracked() doubtful /> }.into_any(),
                    "events" => {
                        (move || view! { <EventList events=run.with(|run| run.events.clone()) /> }).into_any()
                    }
                    "details" => view! { <DetailPanel run /> }.into_any(),
                    _ => view! { <ResultTab run panel changed /> }.into_any(),
                }}
            </div>
        </div>
    }
}

/// Nothing where it was quick, as it should be.
fn slow_to_accept(after: Millis) -> Option<String> {
    (after >= 1_000).then(|| format!("Codika took {} to accept it", time::duration(after)))
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
fn favicon(status: Memo<RunStatus>) {
    #[cfg(feature = "hydrate")]
    {
        Effect::new(move |_| {
            set_favicon(match status.get() {
                RunStatus::Success => "/favicon-done.svg",
                RunStatus::Unconfirmed | RunStatus::Stalled => "/favicon-unclear.svg",
                status if status.is_moving() => "/favicon-pending.svg",
                _ => "/favicon-failed.svg",
            });
        });
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
