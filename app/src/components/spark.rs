use leptos::prelude::*;
use model::{RecentRun, RunStatus};

const WIDTH: usize = 100;
const HEIGHT: f64 = 24.0;

/// The last runs of a workflow: a bar's height is its duration, its colour the outcome.
#[component]
pub fn Sparkline(runs: Vec<RecentRun>) -> impl IntoView {
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
                    let share = run.duration_ms.map_or(0.3, |ms| ms as f64 / longest as f64);
                    let height = (share * HEIGHT).clamp(3.0, HEIGHT);
                    view! {
                        <rect
                            class=fill(run.status)
                            x=offset + i * step
                            y=format!("{:.1}", HEIGHT - height)
                            width=step - 1
                            height=format!("{height:.1}")
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
