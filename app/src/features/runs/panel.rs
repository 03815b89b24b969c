//! What the tabs of a run show.

use leptos::prelude::*;
use model::{EventKind, RunEvent, RunStatus};
use ui::{Icon, IconName, JsonBlock};

use crate::{components::time, paths};

use super::{
    AgainLink, RunView,
    outcome::{Explain, Waiting},
};

/// The answer, or why there is none yet.
#[component]
pub fn ResultTab(run: RunView, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let status = run.summary.status;
    match status {
        status if status.is_moving() => view! { <Waiting run changed /> }.into_any(),
        RunStatus::Success => view! { <Answer run /> }.into_any(),
        _ => view! { <Explain run changed /> }.into_any(),
    }
}

#[component]
fn Answer(run: RunView) -> impl IntoView {
    let size = run.result_bytes.map(size).unwrap_or_default();
    match run.result_html {
        Some(html) => view! {
            <section class="card">
                <div class="result-bar">
                    <span class="muted small">{size}</span>
                    <a class="button small push" href=paths::run_result(&run.summary.id) download rel="external">
                        <Icon name=IconName::Download />
                        "Download JSON"
                    </a>
                </div>
                <div inner_html=html></div>
            </section>
        }
        .into_any(),
        None if run.result_bytes.is_some() => view! {
            <div class="empty">
                <Icon name=IconName::CircleCheck />
                <h2>"This result is no longer kept"</h2>
                <p>"The run succeeded. Its result was removed because of its age; input and details are still here."</p>
            </div>
        }
        .into_any(),
        None => view! {
            <div class="empty">
                <Icon name=IconName::CircleCheck />
                <h2>"The run succeeded without a result"</h2>
                <p>"The workflow ended well and returned nothing."</p>
            </div>
        }
        .into_any(),
    }
}

/// The input, as it was sent.
#[component]
pub fn InputPanel(run: RunView) -> impl IntoView {
    let text = serde_json::to_string_pretty(&run.input).unwrap_or_default();
    view! {
        <div class="stack">
            <JsonBlock text />
            <div class="row">
                <AgainLink run=run.summary label="Run again with this input" class="button small" />
            </div>
        </div>
    }
}

/// Ids and times, for people who compare with Codika.
#[component]
pub fn RawPanel(run: RunView) -> impl IntoView {
    let summary = run.summary;
    let rows = [
        ("Run", Some(summary.id.to_string())),
        ("Execution at Codika", summary.execution_id),
        ("Workflow", Some(summary.workflow.to_string())),
        ("Environment", Some(summary.environment.to_string())),
        ("Status", Some(summary.status.as_str().to_owned())),
        ("Result size", run.result_bytes.map(size)),
    ];
    let rows = rows.into_iter().filter_map(|(label, value)| {
        let value = value?;
        Some(view! {
            <div>
                <dt>{label}</dt>
                <dd>
                    <code>{value}</code>
                </dd>
            </div>
        })
    });
    view! { <dl class="kv">{rows.collect_view()}</dl> }
}

#[component]
pub fn EventList(events: Vec<RunEvent>) -> impl IntoView {
    if events.is_empty() {
        return view! { <p class="muted">"The history of this run is no longer kept."</p> }.into_any();
    }
    let first = events.first().map_or(0, |event| event.at);
    let items = events.into_iter().map(|event| {
        view! {
            <li class="timeline-item" data-status=tone(event.kind)>
                <div>{event.text}</div>
                <span class="num muted">"+" {time::duration(event.at - first)}</span>
            </li>
        }
    });
    view! { <ol class="timeline">{items.collect_view()}</ol> }.into_any()
}

const fn tone(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Succeeded => "success",
        EventKind::Failed | EventKind::Rejected => "failed",
        EventKind::Unconfirmed | EventKind::Stalled => "unconfirmed",
        _ => "queued",
    }
}

fn size(bytes: u64) -> String {
    match bytes {
        0..1_000 => format!("{bytes} bytes"),
        1_000..1_000_000 => format!("{}.{} kB", bytes / 1_000, bytes % 1_000 / 100),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes % 1_000_000 / 100_000),
    }
}
