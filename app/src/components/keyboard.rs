//! Keys that work on every page, and menus that close once something in them was chosen.

use std::cell::Cell;

use leptos::{ev, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlDialogElement, HtmlElement, KeyboardEvent};

use crate::components::{composing::is_composing, palette::PaletteHandle};

/// How long `g` waits for its second key.
const CHORD_MS: f64 = 1_200.0;

/// `home` gives the address of `g h`.
pub fn listen(palette: PaletteHandle, home: impl Fn() -> String + 'static) {
    let navigate = use_navigate();
    let last_g = Cell::new(f64::NEG_INFINITY);
    let keys = window_event_listener(ev::keydown, move |event: KeyboardEvent| {
        if event.default_prevented() || is_composing(&event) {
            return;
        }
        let key = event.key();
        if (event.ctrl_key() || event.meta_key()) && key.eq_ignore_ascii_case("k") {
            event.prevent_default();
            palette.toggle();
            return;
        }
        if event.ctrl_key() || event.meta_key() || event.alt_key() || is_busy() {
            return;
        }
        let chord = js_sys::Date::now() - last_g.get() < CHORD_MS;
        last_g.set(if key == "g" { js_sys::Date::now() } else { f64::NEG_INFINITY });
        match key.as_str() {
            "/" => palette.open(),
            "?" => show_help(),
            "h" if chord => navigate(&home(), NavigateOptions::default()),
            "r" if chord => navigate(crate::paths::RUNS, NavigateOptions::default()),
            "ArrowDown" | "ArrowUp" => {
                if !step_row(key == "ArrowDown") {
                    return;
                }
            }
            _ => return,
        }
        event.prevent_default();
    });
    let clicks = window_event_listener(ev::click, |event| {
        let target = event.target().and_then(|target| target.dyn_into::<Element>().ok());
        if target.as_ref().is_some_and(|target| target.matches(".skip").unwrap_or(false)) {
            // The router takes the click, and with it what the browser would do; so also below.
            focus_id("main");
        }
        let mistake = target.as_ref().and_then(|target| target.closest(".error-summary a").ok().flatten());
        if let Some(field) = mistake.and_then(|link| link.get_attribute("href")) {
            focus_id(field.trim_start_matches('#'));
        }
        let link = target.and_then(|target| target.closest("[popover] a").ok().flatten());
        let menu = link.and_then(|link| link.closest("[popover]").ok().flatten());
        if let Some(menu) = menu.and_then(|menu| menu.dyn_into::<HtmlElement>().ok()) {
            // Fails only for one that is closed already.
            let _ = menu.hide_popover();
        }
    });
    on_cleanup(move || {
        keys.remove();
        clicks.remove();
    });
}

/// Somebody types, or a dialog is open.
fn is_busy() -> bool {
    let typing = focused().is_some_and(|element| {
        matches!(element.tag_name().as_str(), "INPUT" | "TEXTAREA" | "SELECT")
            || element.get_attribute("contenteditable").is_some()
    });
    typing || matches!(document().query_selector("dialog[open]"), Ok(Some(_)))
}

fn focused() -> Option<Element> {
    document().active_element()
}

fn focus_id(id: &str) {
    if let Some(element) = document().get_element_by_id(id).and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

fn show_help() {
    let help = document().get_element_by_id("keys").and_then(|element| element.dyn_into::<HtmlDialogElement>().ok());
    if let Some(help) = help {
        let _ = help.show_modal();
    }
}

/// From the row that has the focus to its neighbour.
fn step_row(down: bool) -> bool {
    let row = focused().and_then(|link| link.closest("tr:has(.row-link:focus)").ok().flatten());
    let next = row.and_then(|row| if down { row.next_element_sibling() } else { row.previous_element_sibling() });
    let link = next.and_then(|row| row.query_selector(".row-link").ok().flatten());
    link.and_then(|link| link.dyn_into::<HtmlElement>().ok()).is_some_and(|link| link.focus().is_ok())
}
