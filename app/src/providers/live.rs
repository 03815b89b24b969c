//! Live updates: one event stream for all tabs of a browser, and polling while it is away.
//!
//! Pages read [`Live::newest`] and [`Live::pulse`]; they never see an `EventSource`.

#[cfg(any(feature = "hydrate", test))]
mod pause;
#[cfg(feature = "hydrate")]
mod stream;
#[cfg(feature = "hydrate")]
mod tab;

use leptos::prelude::*;
use model::LiveEvent;

use crate::providers::session::use_session;

/// How the page learns of changes at the moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveState {
    /// Not connected yet; nothing to report.
    Starting,
    Live,
    Reconnecting,
    /// Nothing was heard for so long that what is on screen may be old.
    Stale,
    /// The stream does not come back; the page asks every few seconds instead.
    Paused,
}

impl LiveState {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Starting => "Connecting",
            Self::Live => "Live",
            Self::Reconnecting => "Reconnecting",
            Self::Stale => "May be out of date",
            Self::Paused => "Live updates paused",
        }
    }

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Live => "live",
            Self::Reconnecting => "reconnecting",
            Self::Stale => "stale",
            Self::Paused => "paused",
        }
    }
}

#[derive(Clone, Copy)]
pub struct Live {
    state: RwSignal<LiveState>,
    newest: RwSignal<Option<LiveEvent>>,
    moving: RwSignal<i64>,
    pulse: RwSignal<u32>,
    /// A page could not read what it was told to.
    behind: StoredValue<bool>,
}

pub fn provide() {
    let live = Live {
        state: RwSignal::new(LiveState::Starting),
        newest: RwSignal::new(None),
        moving: RwSignal::new(use_session().map_or(0, |session| session.moving)),
        pulse: RwSignal::new(0),
        behind: StoredValue::new(false),
    };
    provide_context(live);
    #[cfg(feature = "hydrate")]
    tab::start(live);
}

pub fn use_live() -> Live {
    expect_context()
}

impl Live {
    pub fn state(self) -> LiveState {
        self.state.get()
    }

    /// The newest change of any run this person may see.
    pub fn newest(self) -> Option<LiveEvent> {
        self.newest.get()
    }

    /// How many runs are under way that this person may see.
    pub fn moving(self) -> i64 {
        self.moving.get()
    }

    /// Grows whenever what is on screen may be out of date and no event tells how:
    /// after a gap, and every few seconds while live updates are paused or reading fails.
    pub fn pulse(self) -> u32 {
        self.pulse.get()
    }

    /// What a page shows could not be read: it will be asked to try again.
    pub fn fell_behind(self) {
        self.behind.set_value(true);
        if self.state.get_untracked() == LiveState::Live {
            self.state.set(LiveState::Stale);
        }
    }
}
