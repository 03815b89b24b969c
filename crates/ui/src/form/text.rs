use leptos::prelude::*;
use schema::{Kind, NumberRules, TextRules};
use wasm_bindgen::JsValue;

use super::control::Control;
use super::frame::{self, Counter};
use super::hint;

pub fn line(control: Control, rules: &TextRules) -> AnyView {
    // A one-line control would silently drop line ends of an earlier input.
    if control.value().contains('\n') {
        return area(control, rules, 4);
    }
    let counter = counter(&control, rules);
    one_line(control, counter, "input", None)
}

pub fn area(control: Control, rules: &TextRules, rows: u32) -> AnyView {
    let counter = counter(&control, rules);
    let placeholder = control.placeholder.clone();
    text_area(control, counter, "input", rows, placeholder, None)
}

/// A text control, because a number control forgets what it cannot read ("12a").
pub fn number(control: Control, rules: &NumberRules) -> AnyView {
    // The digit keypads of phones have no minus.
    let keypad = rules.min.filter(|min| *min >= 0.0).map(|_| if rules.integer { "numeric" } else { "decimal" });
    one_line(control, None, "input short num", keypad)
}

pub fn date(control: Control, min: Option<String>, max: Option<String>) -> AnyView {
    let value = control.value();
    // A date control shows nothing at all for a text that is no date.
    let kind = if value.is_empty() || is_day(&value) { "date" } else { "text" };
    let invalid = control.invalid();
    let input = view! {
        <input
            class="input short"
            type=kind
            id=control.id.clone()
            name=control.name.clone()
            value=value
            min=min.filter(|day| is_day(day))
            max=max.filter(|day| is_day(day))
            aria-describedby=control.foot_id()
            aria-required=control.aria_required()
            aria-invalid=invalid
        />
    };
    frame::field(&control, None, input.into_any())
}

pub fn file_id(control: Control) -> AnyView {
    if control.value().contains('\n') {
        return text_area(control, None, "input mono", 4, None, Some("false"));
    }
    one_line(control, None, "input mono", None)
}

pub fn json(control: Control, kind: &Kind) -> AnyView {
    let placeholder = control.placeholder.clone().or_else(|| Some(hint::sample(kind)));
    text_area(control, None, "input mono", 6, placeholder, Some("false"))
}

fn one_line(control: Control, counter: Option<Counter>, class: &'static str, keypad: Option<&'static str>) -> AnyView {
    let invalid = control.invalid();
    let input = view! {
        <input
            class=class
            type="text"
            id=control.id.clone()
            name=control.name.clone()
            value=control.value()
            placeholder=control.placeholder.clone()
            inputmode=keypad
            autocomplete="off"
            aria-describedby=control.foot_id()
            aria-required=control.aria_required()
            aria-invalid=invalid
            on:input=move |event| counter.iter().for_each(|c| c.used.set(units(&event_target_value(&event))))
        />
    };
    frame::field(&control, counter, input.into_any())
}

fn text_area(
    control: Control,
    counter: Option<Counter>,
    class: &'static str,
    rows: u32,
    placeholder: Option<String>,
    spellcheck: Option<&'static str>,
) -> AnyView {
    let invalid = control.invalid();
    let input = view! {
        <textarea
            class=class
            id=control.id.clone()
            name=control.name.clone()
            rows=rows
            placeholder=placeholder
            spellcheck=spellcheck
            aria-describedby=control.foot_id()
            aria-required=control.aria_required()
            aria-invalid=invalid
            on:input=move |event| counter.iter().for_each(|c| c.used.set(units(&event_target_value(&event))))
            inner_html=area_text(&control.value())
        ></textarea>
    };
    frame::field(&control, counter, input.into_any())
}

/// The content of a text area. As a child it would be a single space when it is empty.
pub fn area_text(text: &str) -> String {
    let escaped = text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    // The parser of a page drops a line end right after the tag.
    if cfg!(feature = "ssr") && escaped.starts_with('\n') { format!("\n{escaped}") } else { escaped }
}

fn counter(control: &Control, rules: &TextRules) -> Option<Counter> {
    let max = rules.max_length?;
    let used = RwSignal::new(units(&control.value()));
    let id = control.id.clone();
    // Somebody may have typed before the script arrived, or the browser restored a text.
    Effect::new(move |_| {
        let Some(element) = document().get_element_by_id(&id) else {
            return;
        };
        let value = js_sys::Reflect::get(&element, &JsValue::from_str("value"));
        if let Some(value) = value.ok().and_then(|v| v.as_string()) {
            used.set(units(&value));
        }
    });
    Some(Counter { used, max })
}

fn units(text: &str) -> usize {
    text.encode_utf16().count()
}

fn is_day(text: &str) -> bool {
    text.len() == 10
        && text.bytes().enumerate().all(|(i, b)| if matches!(i, 4 | 7) { b == b'-' } else { b.is_ascii_digit() })
}
