use leptos::{prelude::*, task::spawn_local};
use model::{RunId, RunSummary};

use crate::{components::error::ErrorNotice, error::AppError, paths};

use super::{RunAct, act_on_run};

/// The buttons that fit a run's state. Without wasm each is a plain form.
#[component]
pub fn RunActions(run: RunSummary, #[prop(into)] done: Callback<()>) -> impl IntoView {
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let buttons = RunAct::offered(run.status, run.execution_id.is_some())
        .iter()
        .map(|act| view! { <ActButton id=run.id.clone() act=*act busy error done /> })
        .collect_view();
    view! {
        <div class="stack">
            <div class="row">{buttons}</div>
            {move || error.get().map(|error| view! { <ErrorNotice error /> })}
        </div>
    }
}

#[component]
fn ActButton(
    id: RunId,
    act: RunAct,
    busy: RwSignal<bool>,
    error: RwSignal<Option<AppError>>,
    done: Callback<()>,
) -> impl IntoView {
    let action = paths::run(&id);
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let id = id.clone();
        spawn_local(async move {
            let answer = act_on_run(id, act).await;
            let _ = busy.try_set(false);
            let _ = error.try_set(answer.err());
            let _ = done.try_run(());
        });
    };
    view! {
        <form method="post" action=action on:submit=submit>
            <input type="hidden" name="act" value=act.as_str() />
            <button class="button" aria-busy=move || busy.get().then_some("true")>
                {act.label()}
            </button>
        </form>
    }
}
