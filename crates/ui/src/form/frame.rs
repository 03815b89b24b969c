//! What is around every control: label above; help, error and counter below.

use leptos::prelude::*;

use super::control::Control;
use crate::code::grouped;
use crate::icon::{Icon, IconName};

/// How much of a limit is used, in UTF-16 units.
#[derive(Clone, Copy)]
pub struct Counter {
    pub used: RwSignal<usize>,
    pub max: u64,
}

/// A field with one control.
pub fn field(control: &Control, counter: Option<Counter>, input: AnyView) -> AnyView {
    let label = label(control);
    let id = control.id.clone();
    view! {
        <div class="field">
            <label class="field-label" for=id>
                {label}
            </label>
            {input}
            {foot(control, counter)}
        </div>
    }
    .into_any()
}

/// The mark is for the eye: the control itself says that it is required.
pub fn label(control: &Control) -> impl IntoView + use<> {
    let mark = control.required.then(|| view! { <span class="field-mark" aria-hidden="true">"required"</span> });
    (format!("{} ", control.label), mark)
}

/// Keeps its line when it is empty, so that a message moves nothing.
pub fn foot(control: &Control, counter: Option<Counter>) -> impl IntoView + use<> {
    let id = control.foot_id();
    let (help, problem) = (control.help.clone(), control.problem);
    let message = move || match problem.get() {
        Some(message) => view! {
            <p class="field-error">
                <Icon name=IconName::CircleAlert />
                <span>{message}</span>
            </p>
        }
        .into_any(),
        None => help.clone().map(|help| view! { <p class="field-help">{help}</p> }).into_any(),
    };
    view! {
        <div class="field-foot" id=id>
            {message}
            {counter.map(count)}
        </div>
    }
}

fn count(Counter { used, max }: Counter) -> impl IntoView {
    let max = grouped(usize::try_from(max).unwrap_or(usize::MAX));
    view! { <span class="field-count">{move || format!("{} / {max}", grouped(used.get()))}</span> }
}
