//! Runs without a result: still under way, or in trouble.

use leptos::prelude::*;
use model::{Candidates, Rerun, RunAction, RunId, RunStatus, Usual};
use ui::{CodeBlock, Icon, IconName};

use crate::{components::time, features::workflows::Notices, paths};

use super::{RunActions, RunView, act::Acts};

/// Elapsed time against the usual one. Never a percentage: nobody knows how far the run is.
#[component]
pub fn Waiting(run: RunView, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let status = run.summary.status;
    let since = run.summary.accepted_at.unwrap_or(run.summary.created_at);
    let elapsed = RwSignal::new((run.now - since).max(0));
    tick(elapsed, changed);
    let usual = run.usual;
    let full = usual.map_or(60_000, |usual| usual.p90.max(1_000));
    let title = if status == RunStatus::Pending { "Waiting for Codika" } else { "Submitting…" };
    view! {
        <div class="run-wait">
            <div class="run-wait-line">
                <h2>{title}</h2>
                <span class="num">
                    {move || seconds(elapsed.get())}
                    {usual.map(|usual| format!(" · {}", time::usual(usual.p50)))}
                </span>
            </div>
            <progress
                class="progress thick"
                max="1000"
                value=move || share(elapsed.get(), full)
                aria-label="Elapsed against the usual time"
            ></progress>
            <p class="run-wait-note">{move || note(elapsed.get(), usual)}</p>
            <Notices notices=run.notice.into_iter().collect() />
            {(status == RunStatus::Pending)
                .then(|| {
                    view! {
                        <div class="run-stop">
                            <RunActions run=run.summary.clone() done=changed />
                            <p class="muted small">
                                "Codika cannot stop a run. “Stop waiting” only ends the asking; the run goes on there."
                            </p>
                        </div>
                    }
                })}
        </div>
    }
}

/// Whole seconds: what changes every second must not flicker.
fn seconds(ms: i64) -> String {
    if ms < 60_000 { format!("{} s", ms / 1_000) } else { time::duration(ms) }
}

/// Runs along with the time and slows near the end, which it never reaches by itself. In thousandths.
fn share(elapsed: i64, full: i64) -> i64 {
    let straight = elapsed * 1_000 / full;
    if straight < 800 { straight } else { 980 - 180 * 200 / (straight - 600) }
}

fn note(elapsed: i64, usual: Option<Usual>) -> &'static str {
    match usual {
        None if elapsed > 1_800_000 => {
            "Probably stuck: no answer for half an hour. Often the workflow has no Submit Result step on the path it took."
        }
        None if elapsed > 120_000 => "This takes a while. You can leave this page; the run goes on.",
        None => "You can leave this page; the run goes on and its result will be here.",
        Some(usual) if elapsed > usual.p99.saturating_mul(5).max(60_000) => {
            "Probably stuck: much longer than ever before. Often the workflow has no Submit Result step on the path it took."
        }
        Some(usual) if elapsed > usual.p90.saturating_mul(3) / 2 => "Longer than usual.",
        Some(_) => "You can leave this page; the run goes on and its result will be here.",
    }
}

#[cfg(not(feature = "hydrate"))]
fn tick(_elapsed: RwSignal<i64>, _changed: Callback<()>) {}

/// Counts on from the server's figure by the browser's own steps, so a wrong clock does not matter. How asking goes
/// makes no event of the run, so every five seconds the page is read again.
#[cfg(feature = "hydrate")]
fn tick(elapsed: RwSignal<i64>, changed: Callback<()>) {
    let from = elapsed.get_untracked();
    let started = js_sys::Date::now();
    let timer = StoredValue::new_local(None);
    Effect::new(move |_| {
        let mut steps = 0;
        timer.set_value(Some(gloo_timers::callback::Interval::new(250, move || {
            let _ = elapsed.try_set(from + (js_sys::Date::now() - started) as i64);
            steps += 1;
            if steps % 20 == 0 {
                let _ = changed.try_run(());
            }
        })));
    });
    on_cleanup(move || timer.dispose());
}

/// What failed, what it means, what to do.
#[component]
pub fn Explain(run: RunView, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let status = run.summary.status;
    let can_act = !(RunAction::offered(&run.summary).is_empty() || run.rerun.is_some());
    let error = run.summary.error.clone();
    let (message, hint) = match &error {
        Some(error) => (error.message.clone(), error.hint.clone()),
        None => (status.label().to_owned(), String::new()),
    };
    // Then it scrolls, which the keyboard needs the focus for.
    let is_long = message.len() > 600 || message.lines().count() > 10;
    let node = error.as_ref().and_then(|error| error.failed_node.clone());
    let detail = error.as_ref().and_then(|error| error.detail.clone());
    let request_id = error.as_ref().and_then(|error| error.request_id.clone());
    view! {
        <Notices notices=run.notice.into_iter().collect() />
        <section class="explain" data-status=status.as_str()>
            <div class="explain-head">
                <Icon name=IconName::TriangleAlert />
                <div>
                    <h2>{title(status)}</h2>
                    <p tabindex=is_long.then_some("0")>{message}</p>
                </div>
            </div>
            <dl class="explain-facts">
                {node
                    .map(|node| {
                        view! {
                            <div>
                                <dt>"Where"</dt>
                                <dd>"Step “" {node} "”"</dd>
                            </div>
                        }
                    })} <div>
                    <dt>"What to do"</dt>
                    <dd>{hint}</dd>
                </div>
            </dl>
            {can_act
                .then(|| {
                    view! {
                        <div class="explain-actions">
                            <RunActions run=run.summary.clone() done=changed />
                        </div>
                    }
                })}
            {run.candidates.map(|candidates| view! { <Adopt id=run.summary.id.clone() candidates /> })}
            {(status == RunStatus::Unconfirmed)
                .then(|| view! { <Again id=run.summary.id.clone() rerun=run.rerun done=changed /> })}
            {(detail.is_some() || request_id.is_some())
                .then(|| {
                    view! {
                        <details class="fold">
                            <summary>"What Codika said"</summary>
                            <div class="fold-body">
                                {detail.map(|detail| view! { <CodeBlock text=detail label="Codika's words" wrap=true /> })}
                                {request_id
                                    .map(|id| view! { <p class="small muted">"Request id " <code>{id}</code></p> })}
                            </div>
                        </details>
                    }
                })}
        </section>
    }
}

/// The way out for whoever would rather have it twice than not at all; or that somebody took it.
#[component]
fn Again(id: RunId, rerun: Option<Rerun>, done: Callback<()>) -> impl IntoView {
    let Some(rerun) = rerun else {
        return view! {
            <details class="fold">
                <summary>"Run it again anyway"</summary>
                <div class="fold-body stack">
                    <p>
                        "If it did start, the workflow then runs twice, with everything it does. Codika cannot take back either."
                    </p>
                    <Acts id acts=&[RunAction::RunAgainAnyway] done />
                </div>
            </details>
        }
        .into_any();
    };
    let link = rerun.run.map(|run| {
        let words = format!("Open run {}", run.short());
        view! { <a class="link" href=paths::run(&run)>{words}</a> }
    });
    view! {
        <div class="explain-actions">
            <p>"Run again anyway by " <span dir="auto">{rerun.by}</span> " " <time::Moment at=rerun.at /></p>
            {link}
        </div>
    }
    .into_any()
}

/// The executions that the run may have become. A plain form each, also with wasm: the page is loaded anew.
#[component]
fn Adopt(id: RunId, candidates: Candidates) -> impl IntoView {
    let action = paths::run(&id);
    let none = candidates.found.is_empty() && candidates.why_not.is_none();
    let rows = candidates
        .found
        .into_iter()
        .map(|one| {
            view! {
                <form class="row small" method="post" action=action.clone()>
                    <input type="hidden" name="act" value="adopt" />
                    <input type="hidden" name="execution" value=one.execution.clone() />
                    <code>{one.execution}</code>
                    <span class="muted">{one.status}</span>
                    {one.created_at.map(|at| view! { <time::Moment at /> })}
                    <button class="button small">"This is it"</button>
                </form>
            }
        })
        .collect_view();
    view! {
        <div class="stack explain-actions">
            <h3>"Executions of this workflow since it was sent"</h3>
            {none.then(|| view! { <p>"Codika lists none."</p> })}
            {candidates.why_not.map(|why| view! { <p>{why}</p> })}
            {rows}
        </div>
    }
}

const fn title(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Failed => "The workflow failed",
        RunStatus::Rejected => "Codika refused the run",
        RunStatus::NotSent => "Not sent, safe to send again",
        RunStatus::Unconfirmed => "This run may have started",
        RunStatus::Stalled => "No answer yet",
        RunStatus::Cancelled => "Cancelled",
        RunStatus::Queued | RunStatus::Submitting | RunStatus::Pending | RunStatus::Success => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_slows_and_never_arrives() {
        let at = |elapsed| share(elapsed, 10_000);
        assert_eq!(at(4_000), 400);
        assert_eq!(at(8_000), 800);
        assert!(at(9_000) > at(8_000));
        assert!(at(9_000) - at(8_000) < 100);
        assert!(at(1_000_000) <= 980, "of 1000");
    }

    #[test]
    fn words_get_worried_late() {
        let usual = Some(Usual { p50: 2_000, p90: 4_000, p99: 5_000, count: 50 });
        assert!(note(3_000, usual).starts_with("You can leave"));
        assert_eq!(note(7_000, usual), "Longer than usual.");
        assert!(note(70_000, usual).starts_with("Probably stuck"));
        assert!(note(1_900_000, None).starts_with("Probably stuck"), "a workflow that never answered");
    }
}
