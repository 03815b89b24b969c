use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use model::{RunAction, RunId, RunSummary};

use crate::{components::error::ErrorNotice, error::AppError, paths};

use super::act_on_run;

/// The buttons that fit a run's state. Without wasm each is a plain form.
#[component]
pub fn RunActions(run: RunSummary, #[prop(into)] done: Callback<()>) -> impl IntoView {
    let acts = RunAction::offered(&run);
    view! { <Acts id=run.id acts done /> }
}

#[component]
pub fn Acts(id: RunId, acts: &'static [RunAction], done: Callback<()>) -> impl IntoView {
    let error = RwSignal::new(None::<AppError>);
    let busy = RwSignal::new(false);
    let buttons = acts.iter().map(|act| view! { <ActButton id=id.clone() act=act busy error done /> }).collect_view();
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
    act: &'static RunAction,
    busy: RwSignal<bool>,
    error: RwSignal<Option<AppError>>,
    done: Callback<()>,
) -> impl IntoView {
    let action = paths::run(&id);
    let navigate = use_navigate();
    let submit = move |event: web_sys::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        error.set(None);
        let (id, navigate) = (id.clone(), navigate.clone());
        spawn_local(async move {
            let answer = act_on_run(id.clone(), act.clone()).await;
            let _ = busy.try_set(false);
            match answer {
                Ok(run) if run.id != id => navigate(&paths::run(&run.id), Default::default()),
                answer => {
                    let _ = error.try_set(answer.err());
                    let _ = done.try_run(());
                }
            }
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
