//! The browser's side of `/events`. A stream that breaks is opened again by the browser, after the
//! pause the server named; one that is closed for good or silent is replaced, with growing, jittered
//! pauses.

use std::{cell::Cell, rc::Rc};

use gloo_timers::future::TimeoutFuture;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

use super::{pause::Pauses, tab::Tab};

/// Silence after which a stream counts as dead; the server sends a `ping` every 15 s.
pub const STALE_MS: f64 = 45_000.0;
/// Failures in a row after which the page asks by itself.
const PATIENCE: u32 = 3;

/// How the stream of this turn does; times are in milliseconds.
struct Health {
    failures: Cell<u32>,
    /// When it said something last.
    sign: Cell<f64>,
    /// When it was opened; infinite while it is not open.
    opened: Cell<f64>,
}

/// Goes on until another tab has the stream.
pub async fn keep_open(tab: Rc<Tab>, turn: u32) {
    let health = Rc::new(Health { failures: Cell::new(0), sign: Cell::new(0.0), opened: Cell::new(f64::INFINITY) });
    let mut pauses = Pauses::default();
    loop {
        health.sign.set(js_sys::Date::now());
        if let Ok(source) = EventSource::new(&format!("/events?after={}", tab.cursor())) {
            let listeners = listen(&tab, &source, &health);
            until_over(&tab, turn, &source, &health).await;
            source.close();
            drop(listeners);
        }
        if !tab.has(turn) {
            return;
        }
        let open = js_sys::Date::now() - health.opened.replace(f64::INFINITY);
        TimeoutFuture::new(pauses.next(open, js_sys::Math::random())).await;
    }
}

type Listener = Closure<dyn Fn(Event)>;

fn listen(tab: &Rc<Tab>, source: &EventSource, health: &Rc<Health>) -> [Listener; 5] {
    ["open", "error", "ping", "run", "reset"].map(|kind| {
        let (tab, health) = (tab.clone(), health.clone());
        let listener = Closure::<dyn Fn(Event)>::new(move |event: Event| {
            if kind == "error" {
                health.failed(&tab);
                return;
            }
            health.sign.set(js_sys::Date::now());
            match event.dyn_ref::<MessageEvent>() {
                Some(said) => tab.pass_on(kind, &said.last_event_id(), &said.data().as_string().unwrap_or_default()),
                None => {
                    health.failures.set(0);
                    health.opened.set(js_sys::Date::now());
                    tab.pass_on("live", "", "");
                }
            }
        });
        let _ = source.add_event_listener_with_callback(kind, listener.as_ref().unchecked_ref());
        listener
    })
}

impl Health {
    fn failed(&self, tab: &Tab) {
        let failures = self.failures.get() + 1;
        self.failures.set(failures);
        tab.pass_on(if failures >= PATIENCE { "paused" } else { "reconnecting" }, "", "");
    }
}

async fn until_over(tab: &Tab, turn: u32, source: &EventSource, health: &Health) {
    while tab.has(turn) && source.ready_state() != EventSource::CLOSED {
        if js_sys::Date::now() - health.sign.get() > STALE_MS {
            if health.failures.get() + 1 < PATIENCE {
                health.failures.set(health.failures.get() + 1);
                tab.pass_on("stale", "", "");
            } else {
                health.failed(tab);
            }
            return;
        }
        TimeoutFuture::new(1_000).await;
    }
}
