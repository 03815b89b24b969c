use leptos::prelude::*;
use model::{Bar, RunStatus};

const WIDTH: usize = 100;
const HEIGHT: i64 = 24;

/// The last runs of a workflow: a bar's height is its duration, its colour the outcome.
#[component]
pub fn Sparkline(runs: Vec<Bar>) -> impl IntoView {
    let longest = runs.iter().filter_map(|run| run.duration_ms).max().unwrap_or(1).max(1);
    let step = WIDTH / 20;
    let offset = WIDTH - runs.len() * step;
    let good = runs.iter().filter(|run| run.status == RunStatus::Success).count();
    let label = match runs.len() {
        0 => "No runs yet".to_owned(),
        count => format!("Last {count} runs: {good} succeeded, {} did not", count - good),
    };
    view! {
        <svg class="spark" viewBox="0 0 100 24" role="img" aria-label=label>
            {runs
                .into_iter()
                .enumerate()
                .map(|(i, run)| {
                    let height = run.duration_ms.map_or(HEIGHT / 3, |ms| ms * HEIGHT / longest).clamp(3, HEIGHT);
                    view! {
                        <rect
                            class=fill(run.status)
                            x=offset + i * step
                            y=HEIGHT - height
                            width=step - 1
                            height=height
                            rx="1"
                        ></rect>
                    }
                })
                .collect_view()}
        </svg>
    }
}

const fn fill(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Success => "fill-success",
        RunStatus::Failed | RunStatus::Rejected | RunStatus::NotSent => "fill-failed",
        RunStatus::Submitting | RunStatus::Pending => "fill-pending",
        RunStatus::Unconfirmed | RunStatus::Stalled => "fill-warn",
        RunStatus::Queued | RunStatus::Cancelled => "fill-neutral",
    }
}
