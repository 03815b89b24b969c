//! Runs that ended without a result.

use leptos::prelude::*;
use model::{Candidates, ErrorKind, Rerun, RunAction, RunId, RunStatus, RunSummary};
use ui::{CodeBlock, Icon, IconName};

use crate::{components::time, features::workflows::Notices, paths};

use super::{RunActions, RunView, act::Acts};

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
    let node = error.as_ref().and_then(|error| error.failed_node.clone());
    let detail = error.as_ref().and_then(|error| error.detail.clone());
    let request_id = error.as_ref().and_then(|error| error.request_id.clone());
    view! {
        <Notices notices=run.notice.into_iter().collect() />
        <section class="explain" data-status=status.as_str()>
            <div class="explain-head">
                <Icon name=IconName::TriangleAlert />
                <div>
                    <h2>{title(&run.summary)}</h2>
                    {said(message)}
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

/// In one line as prose; in several each keeps its own, and how many there are is said where some are out of sight.
fn said(message: String) -> AnyView {
    match message.lines().count() {
        0 | 1 if message.len() < LONG => view! { <p>{message}</p> }.into_any(),
        0 | 1 => view! { <CodeBlock text=message label="Error" wrap=true /> }.into_any(),
        lines => view! { <CodeBlock text=message label=format!("Error, {lines} lines") wrap=true /> }.into_any(),
    }
}

/// Longer messages scroll, and have a button that copies them.
const LONG: usize = 600;

fn title(run: &RunSummary) -> &'static str {
    let too_large = run.error.as_ref().is_some_and(|error| error.kind == ErrorKind::ResultTooLarge);
    match run.status {
        RunStatus::Failed => "The workflow failed",
        RunStatus::Rejected => "Codika refused the run",
        RunStatus::NotSent => "Not sent, safe to send again",
        RunStatus::Unconfirmed => "This run may have started",
        RunStatus::Stalled if too_large => "The result is too large",
        RunStatus::Stalled => "No answer yet",
        RunStatus::Cancelled => "Cancelled",
        RunStatus::Queued | RunStatus::Submitting | RunStatus::Pending | RunStatus::Success => "",
    }
}
