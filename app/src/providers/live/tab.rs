//! One stream for all tabs of a browser: the tab that holds a lock has it and tells the others what
//! it hears. When it goes, the next one in line goes on where it was.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use gloo_timers::future::TimeoutFuture;
use leptos::{prelude::*, task::spawn_local};
use model::LiveEvent;
use wasm_bindgen::{JsCast, JsValue, closure::Closure, prelude::wasm_bindgen};
use wasm_bindgen_futures::JsFuture;
use web_sys::{BroadcastChannel, MessageEvent};

use super::{
    Live, LiveState,
    stream::{self, STALE_MS},
};
use crate::{features::runs::count_moving, providers::session::use_session, wire};

/// How often a page asks by itself while live updates are paused.
const POLL_MS: u32 = 5_000;
/// How long no run begins or ends before they are counted again.
const QUIET_MS: u32 = 3_000;
/// Polls that a hidden tab leaves out before it asks once: it asks every minute.
const HIDDEN_POLLS: u32 = 12;
/// The message of a tab that wants to hear how things stand.
const HELLO: &str = "hello";

#[wasm_bindgen]
extern "C" {
    /// The Web Locks API, which `web-sys` has only as an unstable one.
    #[wasm_bindgen(catch, js_namespace = ["navigator", "locks"], js_name = request)]
    fn request_lock(
        name: &str,
        options: &JsValue,
        granted: &Closure<dyn FnMut() -> js_sys::Promise>,
    ) -> Result<js_sys::Promise, JsValue>;
}

/// What this tab has heard, from its own stream or from another tab's.
pub struct Tab {
    live: Live,
    /// Of the lock and of the channel; everybody who logs in here has tabs of their own.
    name: String,
    channel: Option<BroadcastChannel>,
    /// When another tab or the own stream was heard last, in milliseconds.
    heard: Cell<f64>,
    cursor: RefCell<String>,
    /// How often a run began or ended.
    moved: Rc<Cell<u32>>,
    leads: Cell<bool>,
    /// Counts the times this tab got the stream.
    turn: Cell<u32>,
}

async fn count(live: Live) {
    if let Ok(moving) = count_moving().await {
        live.moving.set(moving);
    }
}

/// Guests have no stream.
pub fn start(live: Live) {
    let Some(session) = use_session() else { return };
    let name = format!("live {}", session.person.id);
    let tab = Rc::new(Tab {
        live,
        channel: BroadcastChannel::new(&name).ok(),
        name,
        heard: Cell::new(js_sys::Date::now()),
        // Where live updates were before this document was drawn.
        cursor: RefCell::new(
            document().document_element().and_then(|html| html.get_attribute("data-cursor")).unwrap_or_default(),
        ),
        moved: Rc::default(),
        leads: Cell::new(false),
        turn: Cell::new(0),
    });
    tab.listen();
    spawn_local(tab.clone().wait_in_line());
    spawn_local(tab.keep_watch());
}

impl Tab {
    /// Hears what the tab with the stream says.
    fn listen(self: &Rc<Self>) {
        let Some(channel) = &self.channel else { return };
        let tab = self.clone();
        let heard = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            let mut parts = text.splitn(3, '\n');
            let mut part = || parts.next().unwrap_or_default();
            match (part(), tab.leads.get()) {
                (HELLO, true) => {
                    let state = tab.live.state.get_untracked();
                    if state != LiveState::Starting {
                        tab.say(state.as_str(), &tab.cursor.borrow(), "");
                    }
                }
                (HELLO, false) | (_, true) => {}
                (kind, false) => tab.hear(kind, part(), part()),
            }
        });
        channel.set_onmessage(Some(heard.as_ref().unchecked_ref()));
        // Belongs to the document.
        heard.forget();
        self.say(HELLO, "", "");
    }

    fn say(&self, kind: &str, id: &str, data: &str) {
        if let Some(channel) = &self.channel {
            let _ = channel.post_message(&format!("{kind}\n{id}\n{data}").into());
        }
    }

    /// What the stream brought, for this tab and the others.
    pub fn pass_on(&self, kind: &str, id: &str, data: &str) {
        self.hear(kind, id, data);
        self.say(kind, &self.cursor.borrow(), data);
    }

    fn hear(&self, kind: &str, id: &str, data: &str) {
        let live = self.live;
        self.heard.set(js_sys::Date::now());
        let elsewhere = !id.is_empty() && *self.cursor.borrow() != id;
        if elsewhere {
            id.clone_into(&mut self.cursor.borrow_mut());
        }
        let state = live.state.get_untracked();
        match kind {
            "run" => match wire::read::<LiveEvent>(data) {
                Ok(event) => {
                    if event.moves() != 0 {
                        live.moving.update(|moving| *moving = (*moving + event.moves()).max(0));
                        self.count_when_quiet();
                    }
                    live.newest.set(Some(event));
                }
                // An event of a newer server: what it is about is asked for.
                Err(_) => self.ask(),
            },
            "reset" => self.ask(),
            "live" | "ping" => {
                // The others went on while this document was under way.
                if state == LiveState::Starting && elsewhere && !self.leads.get() {
                    self.ask();
                }
                self.show(LiveState::Live);
            }
            "reconnecting" => self.show(LiveState::Reconnecting),
            "stale" => self.show(LiveState::Stale),
            "paused" => self.show(LiveState::Paused),
            _ => {}
        }
    }

    fn show(&self, state: LiveState) {
        if self.live.state.get_untracked() != state {
            self.live.state.set(state);
        }
    }

    /// Makes pages ask for what they show.
    fn ask(&self) {
        let live = self.live;
        live.pulse.update(|pulse| *pulse = pulse.wrapping_add(1));
        spawn_local(count(live));
    }

    /// A change that is told while runs are counted may be counted twice or not at all: once nothing begins or ends
    /// any more, the number is asked for.
    fn count_when_quiet(&self) {
        let (live, moved) = (self.live, self.moved.clone());
        let now = moved.get().wrapping_add(1);
        moved.set(now);
        spawn_local(async move {
            TimeoutFuture::new(QUIET_MS).await;
            if moved.get() == now {
                count(live).await;
            }
        });
    }

    pub fn cursor(&self) -> String {
        self.cursor.borrow().clone()
    }

    /// Whether the stream is this tab's, and still in the same turn.
    pub fn has(&self, turn: u32) -> bool {
        self.leads.get() && self.turn.get() == turn
    }

    /// Lives as long as the document.
    async fn wait_in_line(self: Rc<Self>) {
        while self.clone().hold(false).await {}
        // A browser without locks: every tab has a stream of its own.
        self.lead();
    }

    /// Has the stream from when the lock is granted until another tab takes it. Tells whether there are locks.
    async fn hold(self: Rc<Self>, by_force: bool) -> bool {
        let options = js_sys::Object::new();
        let _ = js_sys::Reflect::set(&options, &"steal".into(), &by_force.into());
        let tab = self.clone();
        let granted = Closure::<dyn FnMut() -> js_sys::Promise>::new(move || {
            tab.lead();
            // Until the document goes.
            js_sys::Promise::new(&mut |_, _| {})
        });
        let Ok(held) = request_lock(&self.name, &options, &granted) else { return false };
        let _ = JsFuture::from(held).await;
        self.leads.set(false);
        true
    }

    fn lead(self: &Rc<Self>) {
        let turn = self.turn.get() + 1;
        self.turn.set(turn);
        self.leads.set(true);
        spawn_local(stream::keep_open(self.clone(), turn));
    }

    /// Asks while live updates are paused or a page fell behind, and notices when the tab with the stream says nothing any more.
    async fn keep_watch(self: Rc<Self>) {
        let mut left_out = 0;
        loop {
            TimeoutFuture::new(POLL_MS).await;
            let hidden = document().hidden();
            let state = self.live.state.get_untracked();
            if state == LiveState::Paused || self.live.behind.get_value() {
                left_out += 1;
                if !hidden || left_out >= HIDDEN_POLLS {
                    left_out = 0;
                    self.live.behind.set_value(false);
                    self.ask();
                }
            }
            if self.leads.get() || js_sys::Date::now() - self.heard.get() < STALE_MS {
                continue;
            }
            if state != LiveState::Stale {
                self.show(LiveState::Stale);
                self.say(HELLO, "", "");
            } else if !hidden {
                // It is frozen, or its timers are.
                let tab = self.clone();
                spawn_local(async move {
                    tab.hold(true).await;
                });
            }
        }
    }
}
