//! What time it is, for words like "4 min ago": the server's clock, carried on by the browser's own
//! steps. So both sides write the same words, and a wrong clock on the reader's machine does not matter.

use leptos::prelude::*;
use model::Millis;

#[derive(Clone, Copy)]
pub struct Clock(RwSignal<Millis>);

pub fn provide() {
    provide_context(Clock(RwSignal::new(0)));
}

pub fn use_clock() -> Clock {
    expect_context()
}

impl Clock {
    /// To be called before anything shows a time.
    pub fn start(self, now: Millis) {
        self.0.set(now);
        #[cfg(feature = "hydrate")]
        Effect::new(move |_| {
            let began = js_sys::Date::now();
            let step = move || {
                let _ = self.0.try_set(now + (js_sys::Date::now() - began) as Millis);
            };
            // Belongs to the document.
            gloo_timers::callback::Interval::new(15_000, step).forget();
        });
    }

    pub fn now(self) -> Millis {
        self.0.get()
    }
}
