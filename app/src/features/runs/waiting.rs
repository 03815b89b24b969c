//! Runs that are under way.

use leptos::prelude::*;
use model::{RunStatus, Usual};

use crate::{components::time, features::workflows::Notices};

use super::{RunActions, RunView};

/// Elapsed time against the usual one. Never a percentage: nobody knows how far the run is.
#[component]
pub fn Waiting(run: RwSignal<RunView>, #[prop(into)] changed: Callback<()>) -> impl IntoView {
    let elapsed = RwSignal::new(0);
    tick(run, elapsed, changed);
    let usual = Memo::new(move |_| run.with(|run| run.usual));
    let pending = Memo::new(move |_| run.with(|run| run.summary.status == RunStatus::Pending));
    view! {
        <div class="run-wait">
            <div class="run-wait-line">
                <h2>{move || if pending.get() { "Waiting for Codika" } else { "Submitting…" }}</h2>
                <span class="num">
                    {move || seconds(elapsed.get())}
                    {move || usual.get().map(|usual| format!(" · {}", time::usual(usual.p50)))}
                </span>
            </div>
            <progress
                class="progress thick"
                max="1000"
                // Without one it only moves: nobody knows how long it takes.
                value=move || usual.get().map(|usual| share(elapsed.get(), usual.p90.max(1_000)))
                aria-label=move || if usual.get().is_some() { "Elapsed against the usual time" } else { "Under way" }
            ></progress>
            <p class="run-wait-note">{move || note(elapsed.get(), usual.get())}</p>
            {move || view! { <Notices notices=run.with(|run| run.notice.clone()).into_iter().collect() /> }}
            {move || {
                pending
                    .get()
                    .then(|| {
                        view! {
                            <div class="run-stop">
                                <RunActions run=run.with_untracked(|run| run.summary.clone()) done=changed />
                                <p class="muted small">
                                    "Codika cannot stop a run. “Stop waiting” only ends the asking; the run goes on there."
                                </p>
                            </div>
                        }
                    })
            }}
        </div>
    }
}

/// At the server's time `now`.
fn elapsed_at(run: &RunView, now: i64) -> i64 {
    (now - run.summary.accepted_at.unwrap_or(run.summary.created_at)).max(0)
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
fn tick(run: RwSignal<RunView>, elapsed: RwSignal<i64>, _changed: Callback<()>) {
    elapsed.set(run.with_untracked(|run| elapsed_at(run, run.now)));
}

/// Counts on from the server's figure by the browser's own steps, so a wrong clock does not matter. How asking goes
/// makes no event of the run, so every five seconds the page is read again.
#[cfg(feature = "hydrate")]
fn tick(run: RwSignal<RunView>, elapsed: RwSignal<i64>, changed: Callback<()>) {
    let now = run.with_untracked(|run| run.now);
    elapsed.set(run.with_untracked(|run| elapsed_at(run, now)));
    let started = js_sys::Date::now();
    let timer = StoredValue::new_local(None);
    Effect::new(move |_| {
        let mut steps = 0;
        timer.set_value(Some(gloo_timers::callback::Interval::new(250, move || {
            let now = now + (js_sys::Date::now() - started) as i64;
            if let Some(so_far) = run.try_with_untracked(|run| elapsed_at(run, now)) {
                let _ = elapsed.try_set(so_far);
            }
            steps += 1;
            if steps % 20 == 0 {
                let _ = changed.try_run(());
            }
        })));
    });
    on_cleanup(move || timer.dispose());
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
