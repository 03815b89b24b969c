//! Live updates: one event stream for the whole app, and polling while it is away.
//!
//! Pages read [`Live::newest`] and [`Live::pulse`]; they never see an `EventSource`.

#[cfg(feature = "hydrate")]
mod stream;

use leptos::prelude::*;
use model::LiveEvent;

/// How the page learns of changes at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// Not connected yet; nothing to report.
    Starting,
    Live,
    Reconnecting,
    /// The stream does not come back; the page asks every few seconds instead.
    Paused,
}

impl LiveState {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Starting => "Connecting",
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting",
            Self::Paused => "Live updates paused",
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting | Self::Reconnecting => "reconnecting",
            Self::Live => "live",
            Self::Paused => "paused",
        }
    }
}

/// Failures in a row after which the page asks by itself.
const PATIENCE: u32 = 3;

#[derive(Clone, Copy)]
pub struct Live {
    state: RwSignal<LiveState>,
    newest: RwSignal<Option<LiveEvent>>,
    pulse: RwSignal<u32>,
    failures: RwSignal<u32>,
}

pub fn provide() {
    let live = Live::new();
    provide_context(live);
    #[cfg(feature = "hydrate")]
    stream::start(live);
}

pub fn use_live() -> Live {
    expect_context()
}

impl Live {
    fn new() -> Self {
        Self {
            state: RwSignal::new(LiveState::Starting),
            newest: RwSignal::new(None),
            pulse: RwSignal::new(0),
            failures: RwSignal::new(0),
        }
    }

    pub fn state(self) -> LiveState {
        self.state.get()
    }

    /// The newest change of any run this person may see.
    pub fn newest(self) -> Option<LiveEvent> {
        self.newest.get()
    }

    /// Grows whenever what is on screen may be out of date and no event tells how:
    /// after a reconnect, and every few seconds while live updates are paused.
    pub fn pulse(self) -> u32 {
        self.pulse.get()
    }

    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only browsers have a stream"))]
    fn opened(self) {
        self.failures.set(0);
        self.state.set(LiveState::Live);
        // Something may have happened since the page was drawn, or while the stream was away.
        self.ask();
    }

    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only browsers have a stream"))]
    fn received(self, event: LiveEvent) {
        self.newest.set(Some(event));
    }

    /// The stream broke or could not be opened.
    #[cfg_attr(not(feature = "hydrate"), expect(dead_code, reason = "only browsers have a stream"))]
    fn failed(self) {
        self.failures.update(|count| *count += 1);
        let paused = self.failures.get_untracked() >= PATIENCE;
        self.state.set(if paused { LiveState::Paused } else { LiveState::Reconnecting });
    }

    /// Makes pages ask for what they show.
    fn ask(self) {
        self.pulse.update(|pulse| *pulse = pulse.wrapping_add(1));
    }
}
