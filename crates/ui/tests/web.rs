//! What the browser does with the form.
//! `cargo test -p ui --features hydrate --target wasm32-unknown-unknown --test web`
#![cfg(all(target_arch = "wasm32", feature = "hydrate"))]

#[path = "common/form.rs"]
mod common;

use leptos::mount::{hydrate_from, mount_to};
use leptos::prelude::*;
use leptos::task::tick;
use schema::{FieldError, decode};
use serde_json::{Value, json};
use ui::{JsonEditor, SchemaForm, Timestamp, focus_first_error, read_form};
use wasm_bindgen::JsCast;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};
use web_sys::{
    Element, Event, EventInit, HtmlDetailsElement, HtmlElement, HtmlFormElement, HtmlInputElement, HtmlTextAreaElement,
};

wasm_bindgen_test_configure!(run_in_browser);

/// A place in the page of its own; control ids repeat from test to test, so the last one goes.
fn place() -> HtmlElement {
    if let Some(last) = document().get_element_by_id("place") {
        last.remove();
    }
    let place: HtmlElement = document().create_element("div").expect("a div").unchecked_into();
    place.set_id("place");
    document().body().expect("a body").append_child(&place).expect("appended");
    place
}

fn find<E: JsCast>(place: &Element, selector: &str) -> E {
    let found = place.query_selector(selector).expect("a selector");
    found.unwrap_or_else(|| panic!("nothing matches {selector}")).unchecked_into()
}

fn text(place: &Element, selector: &str) -> String {
    find::<Element>(place, selector).text_content().unwrap_or_default()
}

fn has(place: &Element, selector: &str) -> bool {
    place.query_selector(selector).expect("a selector").is_some()
}

fn fire(target: &Element, name: &str) {
    let init = EventInit::new();
    init.set_bubbles(true);
    init.set_cancelable(true);
    let event = Event::new_with_event_init_dict(name, &init).expect("an event");
    target.dispatch_event(&event).expect("dispatched");
}

fn type_into(place: &Element, selector: &str, value: &str) {
    if let Ok(area) = find::<Element>(place, selector).dyn_into::<HtmlTextAreaElement>() {
        area.set_value(value);
        fire(&area, "input");
    } else {
        let input: HtmlInputElement = find(place, selector);
        input.set_value(value);
        fire(&input, "input");
    }
}

/// The page's part: read, check, show.
fn mount_page(place: &HtmlElement) -> (RwSignal<Vec<FieldError>>, RwSignal<Option<Value>>) {
    let (errors, sent) = (RwSignal::new(Vec::new()), RwSignal::new(None));
    let handle = mount_to(place.clone(), move || {
        let submit = move |event: leptos::ev::SubmitEvent| {
            event.prevent_default();
            let form: HtmlFormElement = event.target().expect("a target").unchecked_into();
            let decoded = decode(&common::form(), &read_form(&form));
            errors.set(decoded.check(&common::form()));
            sent.set(errors.with_untracked(Vec::is_empty).then_some(decoded.input));
        };
        view! {
            <form novalidate on:submit=submit>
                <SchemaForm form=common::form() values=Vec::new() errors />
            </form>
        }
    });
    handle.forget();
    (errors, sent)
}

#[wasm_bindgen_test]
async fn mistakes_stand_beside_their_fields_and_nothing_typed_is_lost() {
    let place = place();
    let (_, sent) = mount_page(&place);
    type_into(&place, "#f-count", "12a");
    type_into(&place, "#f-subject", "Invoices");
    type_into(&place, "#f-tags", "[1,");
    fire(&find(&place, "form"), "submit");
    tick().await;

    assert_eq!(text(&place, "#f-text-foot .field-error"), "Enter the text.");
    assert_eq!(text(&place, "#f-count-foot .field-error"), "Enter a whole number, for example 12.");
    assert!(text(&place, "#f-tags-foot .field-error").contains("Line 1, column 3"));
    assert_eq!(text(&place, "#f-prio-foot .field-error"), "Choose one of the options.");
    assert!(!has(&place, "#f-subject-foot .field-error"));
    assert_eq!(find::<Element>(&place, "#f-count").get_attribute("aria-invalid").as_deref(), Some("true"));
    assert!(!has(&place, "#f-subject[aria-invalid]"));
    assert_eq!(find::<HtmlInputElement>(&place, "#f-count").value(), "12a");
    assert_eq!(find::<HtmlInputElement>(&place, "#f-subject").value(), "Invoices");
    assert_eq!(find::<HtmlTextAreaElement>(&place, "#f-tags").value(), "[1,");
    assert!(find::<HtmlDetailsElement>(&place, "details").open(), "the mistake inside opens its section");
    assert_eq!(sent.get_untracked(), None);

    focus_first_error(&find(&place, "form"));
    assert_eq!(document().active_element().map(|e| e.id()).as_deref(), Some("f-text"));

    type_into(&place, "#f-text", "  A text\n");
    type_into(&place, "#f-count", "3");
    type_into(&place, "#f-tags", "");
    find::<HtmlInputElement>(&place, "[name='in.prio'][value='high']").set_checked(true);
    find::<HtmlInputElement>(&place, "[name='in.regions'][value='eu']").set_checked(true);
    find::<HtmlInputElement>(&place, "[name='in.regions'][value='us']").set_checked(true);
    fire(&find(&place, "form"), "submit");
    tick().await;
    assert!(!has(&place, ".field-error") && !has(&place, "[aria-invalid]"));
    assert_eq!(text(&place, "#f-text-foot .field-help"), "The text to summarise.", "help is back");
    let want = json!({"text": "  A text\n", "subject": "Invoices", "count": 3, "prio": "high", "regions": ["eu", "us"], "mail": false});
    assert_eq!(sent.get_untracked(), Some(want));
}

#[wasm_bindgen_test]
async fn the_counter_counts_as_upstream_does() {
    let place = place();
    let _ = mount_page(&place);
    tick().await;
    assert_eq!(text(&place, "#f-text-foot .field-count"), "0 / 5,000");
    type_into(&place, "#f-text", "a😀");
    tick().await;
    assert_eq!(text(&place, "#f-text-foot .field-count"), "3 / 5,000");
}

/// The server's own output, as its tests keep it.
fn server_html() -> &'static str {
    let file = include_str!("snapshots/server__for_hydration.snap");
    file.splitn(3, "---\n").nth(2).expect("a body").trim_end()
}

#[wasm_bindgen_test]
async fn hydration_takes_over_what_the_server_sent() {
    let place = place();
    place.set_inner_html(server_html());
    let before: Vec<Element> =
        ["#f-text", "#f-count", "#f-tone", "details", "#f-lines-foot .field-error"].map(|s| find(&place, s)).into();
    find::<HtmlInputElement>(&place, "#f-subject").set_value("typed before the script");
    type_into(&place, "#f-text", "typed too");

    let errors = RwSignal::new(common::errors());
    let form = move || view! { <SchemaForm form=common::form() values=common::pairs() errors /> };
    hydrate_from(place.clone(), form).forget();
    tick().await;

    assert!(before.iter().all(|element| place.contains(Some(element))), "nothing was rebuilt");
    assert_eq!(find::<HtmlInputElement>(&place, "#f-subject").value(), "typed before the script");
    assert_eq!(text(&place, "#f-text-foot .field-count"), "9 / 5,000", "what was typed before counts");
    errors.set(Vec::new());
    tick().await;
    assert!(!has(&place, ".field-error") && !has(&place, "[role='alert']"));
    assert_eq!(find::<HtmlInputElement>(&place, "#f-count").value(), "12a");
    assert!(find::<HtmlDetailsElement>(&place, "details").open(), "stays open for its reader");
}

#[wasm_bindgen_test]
async fn what_the_server_sent_reads_back_as_it_was() {
    let place = place();
    place.set_inner_html(&format!("<form>{}</form>", server_html()));
    let sent: Vec<_> = common::pairs();
    assert_eq!(read_form(&find(&place, "form")).into_iter().filter(|(_, v)| !v.is_empty()).collect::<Vec<_>>(), sent);
}

#[wasm_bindgen_test]
async fn a_mounted_form_shows_its_values_too() {
    let place = place();
    let errors = Signal::stored(Vec::new());
    let form = move || view! { <form><SchemaForm form=common::form() values=common::pairs() errors /></form> };
    mount_to(place.clone(), form).forget();
    let read = read_form(&find(&place, "form"));
    assert_eq!(read.into_iter().filter(|(_, v)| !v.is_empty()).collect::<Vec<_>>(), common::pairs());
}

#[wasm_bindgen_test]
async fn the_json_editor_keeps_its_text() {
    let place = place();
    let errors = RwSignal::new(Vec::new());
    let form = move || view! { <form><JsonEditor text="{\"a\": \"<b>\"}" errors /></form> };
    mount_to(place.clone(), form).forget();
    let pair = |text: &str| vec![(schema::JSON_FIELD.to_owned(), text.to_owned())];
    assert_eq!(read_form(&find(&place, "form")), pair("{\"a\": \"<b>\"}"));
    type_into(&place, "textarea", "[");
    errors.set(schema::read_submission(None, &read_form(&find(&place, "form"))).errors);
    tick().await;
    assert!(text(&place, ".field-error").contains("not valid JSON"));
    assert_eq!(read_form(&find(&place, "form")), pair("["));
}

#[wasm_bindgen_test]
async fn moments_are_put_into_the_readers_zone() {
    let place = place();
    mount_to(place.clone(), || view! { <Timestamp iso="2026-03-04T14:30:01.000Z" /> }).forget();
    tick().await;
    let date = js_sys::Date::new(&"2026-03-04T14:30:01.000Z".into());
    let local = String::from(date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED));
    assert_eq!(text(&place, "time"), local);
    assert_eq!(find::<Element>(&place, "time").get_attribute("datetime").as_deref(), Some("2026-03-04T14:30:01.000Z"));
}

/// With the browser's own tables, to the same numbers as on the server.
#[wasm_bindgen_test]
fn numbers_are_read_as_on_the_server() {
    let form = schema::Form::parse(&json!([{"key": "n", "type": "number", "label": "N"}])).expect("a form");
    let read = |typed: &str| decode(&form, &[("in.n".to_owned(), typed.to_owned())]).input["n"].clone();
    for (typed, number) in
        [("12.5", 12.5), ("-0.1", -0.1), (".5", 0.5), ("1e3", 1000.0), ("1.7976931348623157e308", f64::MAX)]
    {
        assert_eq!(read(typed), json!(number), "{typed}");
    }
    for typed in ["1e999", "0x10", "1e", ".", "--5", "Infinity", "NaN"] {
        assert_eq!(read(typed), json!(typed), "what is no number stays as it was typed");
    }
}
