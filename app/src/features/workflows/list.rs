use leptos::prelude::*;
use model::{EnvSlug, Notice, RunStatus, RunSummary, WorkflowCard};
use ui::{Icon, IconName, StatusChip};

use crate::{
    components::{spark::Sparkline, time},
    paths,
};

/// What an environment offers, one row a workflow.
#[component]
pub fn WorkflowList(environment: EnvSlug, workflows: Vec<WorkflowCard>) -> impl IntoView {
    let rows = workflows.into_iter().map(|card| {
        let href = paths::workflow(&environment, &card.id);
        let last = card.recent.last().copied();
        let is_new = last.is_none().then_some("");
        let usual = card.usual.map(|usual| time::usual(usual.p50));
        let run_label = format!("Run {}", card.name);
        view! {
            <li>
                <div class="wf" data-new=is_new>
                    <div class="wf-main">
                        <a class="wf-name" href=href.clone() dir="auto">
                            {card.name}
                        </a>
                        <p dir="auto">{card.description}</p>
                    </div>
                    {last
                        .map(|run| {
                            view! {
                                <Sparkline runs=card.recent />
                                <span class="wf-usual">{usual}</span>
                                <span class="wf-last">
                                    <StatusChip status=run.status />
                                    <time::Moment at=run.created_at />
                                </span>
                            }
                        })}
                    <a class="button small" href=href aria-label=run_label>
                        "Run"
                    </a>
                </div>
            </li>
        }
    });
    view! { <ul class="card wf-list">{rows.collect_view()}</ul> }
}

fn first_line(text: &str) -> String {
    match text.split_once('\n') {
        Some((first, _)) => format!("{first} …"),
        None => text.to_owned(),
    }
}

/// Runs that wait for a person.
#[component]
pub fn Attention(runs: Vec<RunSummary>) -> impl IntoView {
    let rows = runs.into_iter().map(|run| {
        let state = run.label();
        let why = run.error.map(|error| first_line(&error.message)).unwrap_or_default();
        let short = run.id.short();
        let verb = if run.status == RunStatus::Unconfirmed { "Decide" } else { "Look" };
        let label = format!("{verb}: run {short} of {}", run.workflow_name);
        view! {
            <li data-status=run.status.as_str()>
                <Icon name=IconName::TriangleAlert />
                <div>
                    <p>
                        <strong>{run.workflow_name}</strong>
                        " "
                        <span class="run-id">{short}</span>
                        " · "
                        {state}
                        " · "
                        <time::Moment at=run.created_at />
                    </p>
                    <p class="muted">{why}</p>
                </div>
                <a class="button small" href=paths::run(&run.id) aria-label=label>
                    {verb}
                </a>
            </li>
        }
    });
    view! {
        <section class="page-section" aria-labelledby="attention">
            <div class="section-head">
                <h2 id="attention">"Needs attention"</h2>
            </div>
            <div class="card">
                <ul class="attention">{rows.collect_view()}</ul>
            </div>
        </section>
    }
}

/// What to know about an environment, such as what could not be learned from Codika.
#[component]
pub fn Notices(notices: Vec<Notice>) -> impl IntoView {
    notices
        .into_iter()
        .map(|notice| {
            let (tone, icon) =
                if notice.warning { (Some("warn"), IconName::TriangleAlert) } else { (None, IconName::Info) };
            view! {
                <div class="notice" data-tone=tone>
                    <Icon name=icon />
                    <div class="notice-body">
                        <h2>{notice.title}</h2>
                        <p>{notice.why} " " {notice.hint}</p>
                    </div>
                </div>
            }
        })
        .collect_view()
}
