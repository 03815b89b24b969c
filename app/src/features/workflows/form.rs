//! The form of one submission. The browser reads its controls only when it is sent, so what was typed
//! before wasm arrived is part of it.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_navigate;
use model::{Again, EnvKind, RunId};
use schema::{FieldError, Form, JSON_FIELD, prefill, representable};
use serde_json::Value;
use ui::{ErrorSummary, Icon, IconName, JsonEditor, SchemaForm};
use wasm_bindgen::JsCast;
use web_sys::{HtmlFormElement, SubmitEvent};

use crate::{
    components::{composing::is_composing, error::ErrorNotice, time},
    error::AppError,
    features::runs::start_run,
    paths,
};

use super::{
    ALTHOUGH, WorkflowView,
    doubt::{DoubtBox, DoubtNotice},
};

/// The controls of an input: as a form where that can hold it, else as JSON.
pub fn filled(form: Option<&Form>, input: &Value, as_json: bool) -> Vec<(String, String)> {
    match form.filter(|form| !as_json && representable(form, input)) {
        Some(form) => prefill(form, input),
        None => vec![(JSON_FIELD.to_owned(), pretty(input))],
    }
}

/// The controls of a new form: what the author gave as defaults.
#[cfg(feature = "ssr")]
pub fn fresh(form: Option<&Form>, as_json: bool) -> Vec<(String, String)> {
    let defaults = form.map_or_else(|| Value::Object(serde_json::Map::new()), schema::defaults);
    filled(form, &defaults, as_json)
}

#[cfg(feature = "ssr")]
pub fn is_json(values: &[(String, String)]) -> bool {
    values.iter().any(|(name, _)| name == JSON_FIELD)
}

fn pretty(input: &Value) -> String {
    serde_json::to_string_pretty(input).unwrap_or_default()
}

#[component]
pub fn WorkflowForm(view: WorkflowView) -> impl IntoView {
    let environment = view.detail.environment.slug.clone();
    let workflow = view.detail.card.id.clone();
    let form = StoredValue::new(view.detail.form.clone());
    let draft = StoredValue::new(view.draft.clone());
    let target = StoredValue::new((environment.clone(), workflow.clone()));
    let from = StoredValue::new(view.from.clone());
    let ticked = view.from.as_ref().is_some_and(|from| confirms(&view.values, from));
    let values = RwSignal::new(view.values);
    let as_json = RwSignal::new(view.as_json);
    let errors = RwSignal::new(view.error.as_ref().map(|error| error.fields.clone()).unwrap_or_default());
    let refused = RwSignal::new(view.error.as_ref().filter(|error| error.doubt.is_some()).map(|e| e.message.clone()));
    let notice = RwSignal::new(view.error.filter(belongs_above));
    let doubt = RwSignal::new(view.doubt);
    let busy = RwSignal::new(false);
    let element = NodeRef::<leptos::html::Form>::new();
    let navigate = use_navigate();

    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        let Some(element) = element.get_untracked() else { return };
        let (input, mistakes) = read(&element, form);
        let again = from.get_value().map(|from| Again { confirmed: confirms(&ui::read_form(&element), &from), from });
        notice.set(None);
        refused.set(None);
        errors.set(mistakes.clone());
        if !mistakes.is_empty() {
            return;
        }
        busy.set(true);
        let navigate = navigate.clone();
        let (environment, workflow) = target.get_value();
        spawn_local(async move {
            let answer = start_run(environment, workflow, draft.get_value(), input, again).await;
            match answer {
                Ok(run) => navigate(&paths::run(&run.id), leptos_router::NavigateOptions::default()),
                Err(error) => {
                    let _ = busy.try_set(false);
                    let _ = errors.try_set(error.fields.clone());
                    if let Some(known) = &error.doubt {
                        let _ = doubt.try_maybe_update(|doubt| {
                            let is_new = doubt.as_ref() != Some(&**known);
                            *doubt = Some((**known).clone());
                            (is_new, ())
                        });
                        let _ = refused.try_set(Some(error.message.clone()));
                    }
                    let _ = notice.try_set(Some(error).filter(belongs_above));
                }
            }
        });
    };
    Effect::new(move |_| {
        let wrong = !errors.with(Vec::is_empty) || refused.with(Option::is_some);
        if let (true, Some(element)) = (wrong, element.get_untracked()) {
            // Once the messages are there.
            request_animation_frame(move || ui::focus_first_error(&element));
        }
    });
    Effect::new(move |_| {
        if let (true, Some(element)) = (notice.with(Option::is_some), element.get_untracked())
            && let Ok(Some(told)) = element.query_selector(".notice[role=alert]")
        {
            // The notice may be far above the button that was pressed.
            let _ = told.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    });
    let switch = move |to_json: bool| {
        let Some(element) = element.get_untracked() else { return };
        match switched(&element, form, to_json) {
            Ok(now) => {
                errors.set(Vec::new());
                values.set(now);
                as_json.set(to_json);
            }
            Err(mistakes) => errors.set(mistakes),
        }
    };
    let has_form = view.detail.form.is_some();
    let base = paths::draft(&environment, &workflow, &view.draft, view.from.as_ref());
    let usual = view.detail.card.usual.map(|usual| time::usual(usual.p50));
    // What spends money or changes data in earnest says where.
    let label = match view.detail.environment.kind {
        EnvKind::Prod => format!("Run workflow in {environment}"),
        EnvKind::Dev => "Run workflow".to_owned(),
    };
    let cost = view.detail.card.cost.filter(|cost| *cost > 0.0).map(credits);
    let note = [usual, cost].into_iter().flatten().collect::<Vec<_>>().join(" · ");
    view! {
        {has_form
            .then(|| {
                view! {
                    <div class="form-toolbar">
                        <ModeSwitch base=base.clone() as_json switch />
                    </div>
                }
            })}
        <form
            class="form"
            method="post"
            action=base
            node_ref=element
            on:submit=submit
            on:keydown=move |event| {
                if event.key() == "Enter" && !is_composing(&event) && (event.ctrl_key() || event.meta_key())
                    && let Some(form) = element.get_untracked() {
                        event.prevent_default();
                        let _ = form.request_submit();
                    }
            }
            novalidate
        >
            {move || doubt.get().map(|doubt| view! { <DoubtNotice doubt /> })}
            {move || notice.get().map(|error| view! { <ErrorNotice error /> })}
            {move || {
                // A single mistake is seen beside its field.
                (errors.with(Vec::len) > 1)
                    .then(|| view! { <ErrorSummary form=form.get_value().unwrap_or_default() errors /> })
            }}
            {move || {
                let errors = Signal::from(errors);
                if as_json.get() {
                    let text = values.get().into_iter().find(|(name, _)| name == JSON_FIELD);
                    view! { <JsonEditor text=text.map(|(_, text)| text).unwrap_or_default() errors /> }.into_any()
                } else {
                    let form = form.get_value().unwrap_or_default();
                    view! { <SchemaForm form values=values.get() errors /> }.into_any()
                }
            }}
            {move || doubt.get().map(|doubt| view! { <DoubtBox doubt ticked refused /> })}
            <div class="form-actions">
                <button class="button primary" type="submit" aria-busy=move || busy.get().then_some("true")>
                    {move || {
                        if busy.get() {
                            view! { <span class="spinner"></span> }.into_any()
                        } else {
                            view! { <Icon name=IconName::Play /> }.into_any()
                        }
                    }}
                    {label}
                </button>
                <span class="form-note">{note}</span>
            </div>
        </form>
    }
}

/// What is shown above all fields, not beside one of them.
fn belongs_above(error: &AppError) -> bool {
    error.fields.is_empty() && error.doubt.is_none()
}

fn confirms(pairs: &[(String, String)], from: &RunId) -> bool {
    pairs.iter().any(|(name, value)| name == ALTHOUGH && value == from.as_str())
}

#[component]
fn ModeSwitch(
    base: String,
    as_json: RwSignal<bool>,
    switch: impl Fn(bool) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let link = move |to_json: bool, label: &'static str, href: String| {
        view! {
            <a
                href=href
                aria-current=move || (as_json.get() == to_json).then_some("true")
                on:click=move |event| {
                    event.prevent_default();
                    if as_json.get_untracked() != to_json {
                        switch(to_json);
                    }
                }
            >
                {label}
            </a>
        }
    };
    view! {
        <div class="segmented" role="group" aria-label="How to enter the input">
            {link(false, "Form", base.clone())}
            {link(true, "JSON", format!("{base}&as=json"))}
        </div>
    }
}

/// What was typed, and what is wrong with it.
fn read(element: &HtmlFormElement, form: StoredValue<Option<Form>>) -> (Value, Vec<FieldError>) {
    let pairs = ui::read_form(element);
    form.with_value(|form| {
        let decoded = schema::read_submission(form.as_ref(), &pairs);
        let mistakes = form.as_ref().map_or_else(|| decoded.errors.clone(), |form| decoded.check(form));
        (decoded.input, mistakes)
    })
}

/// The same input in the other kind of controls, or why it cannot be carried over.
fn switched(
    element: &HtmlFormElement,
    form: StoredValue<Option<Form>>,
    to_json: bool,
) -> Result<Vec<(String, String)>, Vec<FieldError>> {
    let pairs = ui::read_form(element);
    form.with_value(|form| {
        let decoded = schema::read_submission(form.as_ref(), &pairs);
        if !to_json && !decoded.errors.is_empty() {
            return Err(decoded.errors);
        }
        match form {
            Some(form) if !to_json && !representable(form, &decoded.input) => Err(vec![FieldError {
                path: String::new(),
                code: schema::ErrorCode::WrongType,
                message: "The form cannot show all of this input; stay with JSON to keep it.".to_owned(),
            }]),
            form => Ok(filled(form.as_ref(), &decoded.input, to_json)),
        }
    })
}

fn credits(cost: f64) -> String {
    let hundredths = (cost * 100.0).round() as i64;
    match (hundredths / 100, hundredths % 100) {
        (1, 0) => "1 credit".to_owned(),
        (whole, 0) => format!("{whole} credits"),
        (whole, part) => format!("{whole}.{part:02} credits"),
    }
}

/// Shown instead of a form whose draft was used.
#[component]
pub fn AlreadyRun(view: WorkflowView, run: model::RunSummary) -> impl IntoView {
    let another = paths::workflow(&view.detail.environment.slug, &view.detail.card.id);
    view! {
        <div class="notice" data-tone="busy">
            <Icon name=IconName::Info />
            <div class="notice-body">
                <h2>"Already run"</h2>
                <p>"This form was sent; sending it again would not start a second run."</p>
                <div class="row">
                    <a class="button small primary" href=paths::run(&run.id)>
                        "Open the run"
                    </a>
                    <a class="button small" href=another>
                        "Start another"
                    </a>
                </div>
            </div>
        </div>
    }
}
