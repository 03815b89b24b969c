//! The browser's side of `/events`. `EventSource` gives up for good after some answers, so a closed
//! one is replaced, with growing, jittered pauses.

use std::cell::Cell;

use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use model::LiveEvent;
use wasm_bindgen::{JsCast, closure::Closure};
use web_sys::{Event, EventSource, MessageEvent};

use super::{Live, LiveState};
use crate::{providers::session::use_session, wire};

const POLL_MS: u32 = 5_000;
const MAX_PAUSE_MS: f64 = 30_000.0;
/// Silence after which a stream counts as dead; the server sends a `ping` every 15 s.
const STALE_MS: f64 = 45_000.0;

thread_local! {
    static LAST_SIGN: Cell<f64> = const { Cell::new(0.0) };
}

/// Guests have no stream.
pub fn start(live: Live) {
    if use_session().is_some() {
        spawn_local(keep_open(live));
        spawn_local(poll_while_paused(live));
    }
}

/// Lives as long as the document.
async fn keep_open(live: Live) {
    let mut attempt = 0i32;
    loop {
        let opened_at = js_sys::Date::now();
        if let Ok(source) = EventSource::new("/events") {
            listen(live, &source);
            until_closed(&source).await;
            source.close();
        }
        live.failed();
        if js_sys::Date::now() - opened_at > 60_000.0 {
            attempt = 0;
        }
        attempt += 1;
        let ceiling = (1_000.0 * 2f64.powi(attempt)).min(MAX_PAUSE_MS);
        TimeoutFuture::new((js_sys::Math::random() * ceiling) as u32).await;
    }
}

fn listen(live: Live, source: &EventSource) {
    LAST_SIGN.set(js_sys::Date::now());
    on(source, "open", move |_| {
        LAST_SIGN.set(js_sys::Date::now());
        live.opened();
    });
    on(source, "ping", |_| LAST_SIGN.set(js_sys::Date::now()));
    on(source, "reset", move |_| live.ask());
    on(source, "run", move |event| {
        LAST_SIGN.set(js_sys::Date::now());
        let text = event.dyn_ref::<MessageEvent>().and_then(|message| message.data().as_string());
        match text.and_then(|text| wire::read::<LiveEvent>(&text).ok()) {
            Some(event) => live.received(event),
            // An event of a newer server: what it is about is asked for.
            None => live.ask(),
        }
    });
}

fn on(source: &EventSource, name: &str, handler: impl Fn(Event) + 'static) {
    let closure = Closure::<dyn Fn(Event)>::new(handler);
    // Belongs to its source from here on; a source lives until it breaks.
    let _ = source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
}

async fn until_closed(source: &EventSource) {
    loop {
        TimeoutFuture::new(500).await;
        let silent = js_sys::Date::now() - LAST_SIGN.get() > STALE_MS;
        if silent || source.ready_state() != EventSource::OPEN && !connecting_for_the_first_time(source) {
            return;
        }
    }
}

fn connecting_for_the_first_time(source: &EventSource) -> bool {
    source.ready_state() == EventSource::CONNECTING && js_sys::Date::now() - LAST_SIGN.get() < 5_000.0
}

async fn poll_while_paused(live: Live) {
    loop {
        TimeoutFuture::new(POLL_MS).await;
        if live.state.get_untracked() == LiveState::Paused {
            live.ask();
        }
    }
}
