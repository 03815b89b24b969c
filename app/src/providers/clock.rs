//! What time it is, for words like "4 min ago": the server's clock, carried on by the browser's own
//! steps. So both sides write the same words, and a wrong clock on the reader's machine does not matter.

use leptos::prelude::*;
use model::Millis;

#[derive(Clone, Copy)]
pub struct Clock {
    now: RwSignal<Millis>,
    /// The browser has taken over, and with it the reader's time zone.
    local: RwSignal<bool>,
}

pub fn provide() {
    provide_context(Clock { now: RwSignal::new(0), local: RwSignal::new(false) });
}

pub fn use_clock() -> Clock {
    expect_context()
}

impl Clock {
    /// To be called before anything shows a time.
    pub fn start(self, now: Millis) {
        self.now.set(now);
        #[cfg(feature = "hydrate")]
        Effect::new(move |_| {
            self.local.set(true);
            let began = js_sys::Date::now();
            let step = move || {
                let _ = self.now.try_set(now + (js_sys::Date::now() - began) as Millis);
            };
            // Belongs to the document.
            gloo_timers::callback::Interval::new(15_000, step).forget();
        });
    }

    pub fn now(self) -> Millis {
        self.now.get()
    }

    /// How far the reader's clock was ahead of UTC at that moment; nothing before the browser has taken over.
    pub fn offset_ms(self, at: Millis) -> Option<Millis> {
        self.local.get().then(|| offset_ms(at))
    }
}

#[cfg(feature = "hydrate")]
fn offset_ms(at: Millis) -> Millis {
    js_sys::Date::new(&(at as f64).into()).get_timezone_offset() as Millis * -60_000
}

#[cfg(not(feature = "hydrate"))]
const fn offset_ms(_: Millis) -> Millis {
    0
}
