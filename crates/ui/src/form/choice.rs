use leptos::prelude::*;
use schema::Choice;

use super::control::Control;
use super::frame;

/// Short options stand side by side.
const INLINE_CHARS: usize = 48;

pub fn switch(control: Control, on: String, off: String) -> AnyView {
    let label_id = format!("{}-label", control.id);
    let checked = control.values.last().is_some_and(|v| !matches!(v.as_str(), "" | "false" | "off" | "0"));
    let invalid = control.invalid();
    // Never "required": off is an answer too.
    view! {
        <div class="field">
            <span class="field-label" id=label_id.clone()>
                {control.label.clone()}
            </span>
            <label class="switch">
                <input
                    type="checkbox"
                    role="switch"
                    id=control.id.clone()
                    name=control.name.clone()
                    value="true"
                    checked=checked
                    aria-labelledby=label_id
                    aria-describedby=control.foot_id()
                    aria-invalid=invalid
                />
                <span class="on">{on}</span>
                <span class="off">{off}</span>
            </label>
            {frame::foot(&control, None)}
        </div>
    }
    .into_any()
}

pub fn select(control: Control, options: Vec<Choice>) -> AnyView {
    let value = control.value();
    let invalid = control.invalid();
    // Without it the browser would choose the first option for somebody who has not chosen.
    let first = (!control.required || value.is_empty()).then(|| {
        let words = if control.required { "Choose…" } else { "No choice" };
        view! {
            <option value="" selected=value.is_empty()>
                {words}
            </option>
        }
    });
    let options = with_current(options, &value);
    let input = view! {
        <select
            class="input"
            id=control.id.clone()
            name=control.name.clone()
            aria-describedby=control.foot_id()
            aria-required=control.aria_required()
            aria-invalid=invalid
        >
            {first}
            {options
                .into_iter()
                .map(|option| {
                    let selected = option.value == value;
                    view! {
                        <option value=option.value selected=selected>
                            {option.label}
                        </option>
                    }
                })
                .collect_view()}
        </select>
    };
    frame::field(&control, None, input.into_any())
}

pub fn radios(control: Control, options: Vec<Choice>) -> AnyView {
    let value = control.value();
    let mut options = with_current(options, &value);
    if !control.required {
        options.insert(0, Choice { value: String::new(), label: "No choice".into() });
    }
    let choices = choices(&control, "radio", options, |option| option.value == value);
    let (invalid, label) = (control.invalid(), frame::label(&control));
    view! {
        <fieldset
            class="field"
            role="radiogroup"
            aria-describedby=control.foot_id()
            aria-required=control.aria_required()
            aria-invalid=invalid
        >
            <legend class="field-label">{label}</legend>
            {choices}
            {frame::foot(&control, None)}
        </fieldset>
    }
    .into_any()
}

pub fn checkboxes(control: Control, mut options: Vec<Choice>) -> AnyView {
    for value in &control.values {
        options = with_current(options, value);
    }
    let choices = choices(&control, "checkbox", options, |option| control.values.contains(&option.value));
    // A group of checkboxes cannot say that it is required, so its legend does.
    let mark = control.required.then(|| view! { <span class="field-mark">"required"</span> });
    view! {
        <fieldset class="field" aria-describedby=control.foot_id()>
            <legend class="field-label">{format!("{} ", control.label)} {mark}</legend>
            {choices}
            {frame::foot(&control, None)}
        </fieldset>
    }
    .into_any()
}

/// The first one carries the field's id, so that a link to a mistake ends where it can be mended.
fn choices(control: &Control, kind: &'static str, options: Vec<Choice>, is_on: impl Fn(&Choice) -> bool) -> AnyView {
    let length: usize = options.iter().map(|option| option.label.chars().count() + 4).sum();
    let class = if length <= INLINE_CHARS { "choices inline" } else { "choices" };
    let invalid = control.invalid();
    let one = |(i, option): (usize, Choice)| {
        let checked = is_on(&option);
        // Radios state it once, on their group.
        let invalid = move || if kind == "checkbox" { invalid() } else { None };
        view! {
            <label class="choice">
                <input
                    type=kind
                    id=(i == 0).then(|| control.id.clone())
                    name=control.name.clone()
                    value=option.value
                    checked=checked
                    aria-invalid=invalid
                />
                <span>{option.label}</span>
            </label>
        }
    };
    view! { <div class=class>{options.into_iter().enumerate().map(one).collect_view()}</div> }.into_any()
}

/// A value from an earlier input stays visible even if it is no option any more.
fn with_current(mut options: Vec<Choice>, value: &str) -> Vec<Choice> {
    if !value.is_empty() && options.iter().all(|option| option.value != value) {
        options.push(Choice { value: value.to_owned(), label: value.to_owned() });
    }
    options
}
