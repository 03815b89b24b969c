//! What the tabs of a run show.

use leptos::prelude::*;
use model::{EventKind, Millis, RunEvent, RunStatus};
use ui::{Icon, IconName, JsonBlock};

use crate::{components::time, paths};

use super::{AgainLink, RunView, outcome::Explain, waiting::Waiting};

/// The answer, or why there is none yet. `panel` is what stands around it.
#[component]
pub fn ResultTab(
    run: RwSignal<RunView>,
    panel: NodeRef<leptos::html::Div>,
    #[prop(into)] changed: Callback<()>,
) -> impl IntoView {
    let moving = Memo::new(move |_| run.with(|run| run.summary.status.is_moving()));
    // The clock alone changes nothing of a run that has ended.
    let ended = Memo::new(move |_| RunView { now: 0, ..run.get() });
    move || {
        keep_focus(panel);
        if moving.get() {
            return view! { <Waiting run changed /> }.into_any();
        }
        let outcome = move || match ended.get() {
            run if run.summary.status == RunStatus::Success => view! { <Answer run /> }.into_any(),
            run => view! { <Explain run changed /> }.into_any(),
        };
        outcome.into_any()
    }
}

/// A button that goes with the state it belonged to leaves the focus where it was.
fn keep_focus(panel: NodeRef<leptos::html::Div>) {
    let within = |panel: &web_sys::HtmlDivElement| panel.contains(document().active_element().as_deref());
    if let Some(panel) = panel.get_untracked().filter(within) {
        request_animation_frame(move || {
            if !within(&panel) {
                let _ = panel.focus();
            }
        });
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
pub fn InputPanel(run: RunView, doubtful: Memo<bool>) -> impl IntoView {
    let text = serde_json::to_string_pretty(&run.input).unwrap_or_default();
    view! {
        <div class="stack">
            <JsonBlock text />
            <div class="row">
                <AgainLink run=run.summary doubtful label="Run again with this input" class="button small" />
            </div>
        </div>
    }
}

/// Ids and times, for people who compare with Codika.
#[component]
pub fn DetailPanel(run: RwSignal<RunView>) -> impl IntoView {
    type Of<T> = fn(&RunView) -> Option<T>;
    let times: [(&str, Of<Millis>); 3] = [
        ("Submitted", |run| Some(run.summary.created_at)),
        ("Accepted by Codika", |run| run.summary.accepted_at),
        ("Ended", |run| run.summary.finished_at),
    ];
    let words: [(&str, Of<String>); 6] = [
        ("Run", |run| Some(run.summary.id.to_string())),
        ("Execution at Codika", |run| run.summary.execution_id.clone()),
        ("Workflow", |run| Some(run.summary.workflow.to_string())),
        ("Environment", |run| Some(run.summary.environment.to_string())),
        ("Status", |run| Some(run.summary.status.as_str().to_owned())),
        ("Result size", |run| run.result_bytes.map(size)),
    ];
    let times = times.map(|(label, of)| {
        let at = Memo::new(move |_| run.with(of));
        move || at.get().map(|at| fact(label, view! { <time::Exact at /> }.into_any()))
    });
    let words =
        words.map(|(label, of)| move || run.with(of).map(|word| fact(label, view! { <code>{word}</code> }.into_any())));
    view! { <dl class="kv">{times.into_iter().collect_view()} {words.into_iter().collect_view()}</dl> }
}

fn fact(label: &'static str, value: AnyView) -> AnyView {
    view! {
        <div>
            <dt>{label}</dt>
            <dd>{value}</dd>
        </div>
    }
    .into_any()
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
