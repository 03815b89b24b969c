//! Deciding [`PathStyle::Auto`] with questions that change nothing.

use std::{
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

use super::{Client, request::Call};
use crate::{
    PathStyle,
    json::{self, Members},
    path::Endpoint,
    transport::Failure,
};

/// No execution has this id: a version 7 UUID of the year 1970 with nothing random in it.
pub(super) const NO_EXECUTION: &str = "00000000-0000-7000-8000-000000000000";

pub(super) struct StyleFinder {
    configured: PathStyle,
    findings: Mutex<Findings>,
    /// Held while probing, so that callers arriving together cause one round of questions.
    probing: tokio::sync::Mutex<()>,
}

#[derive(Clone, Copy, Default)]
struct Findings {
    found: Option<PathStyle>,
    ask_at: Option<Instant>,
}

enum Reaction {
    Json,
    SomethingElse,
    /// Nobody there: the other spellings will fare no better.
    Silence,
}

impl StyleFinder {
    pub fn new(configured: PathStyle) -> Self {
        let found = (configured != PathStyle::Auto).then_some(configured);
        let findings = Mutex::new(Findings { found, ask_at: None });
        Self { configured, findings, probing: tokio::sync::Mutex::default() }
    }

    pub fn known(&self) -> PathStyle {
        self.findings().found.unwrap_or(PathStyle::Short)
    }

    pub fn verified(&self) -> bool {
        self.findings().found.is_some()
    }

    fn due(&self) -> bool {
        let findings = self.findings();
        findings.found.is_none() && findings.ask_at.is_none_or(|at| at <= Instant::now())
    }

    fn findings(&self) -> Findings {
        *self.findings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn record(&self, found: Option<PathStyle>, wait: Duration) {
        let findings = Findings { found, ask_at: Some(Instant::now() + wait) };
        *self.findings.lock().unwrap_or_else(PoisonError::into_inner) = findings;
    }
}

impl Client {
    /// Decides [`PathStyle::Auto`] now instead of on the first call that reads; a trigger never does.
    ///
    /// Asks for the status of an execution that does not exist, once per style, and remembers the
    /// first style answered in JSON. When none is, [`PathStyle::Short`] is used and the question is
    /// put again after [`Timeouts::probe_again`](crate::Timeouts::probe_again). Returns whether the
    /// style is verified.
    pub async fn verify_path_style(&self) -> bool {
        self.decided_style().await;
        self.path_style_verified()
    }

    pub(super) async fn decided_style(&self) -> PathStyle {
        let finder = &self.inner.style;
        if finder.due() {
            let _alone = finder.probing.lock().await;
            // Whoever held the lock may have found it meanwhile.
            if finder.due() {
                let (found, wait) = self.probe().await;
                finder.record(found, wait);
                tracing::info!(configured = %finder.configured, found = ?found, "asked for the path style");
            }
        }
        finder.known()
    }

    /// The style found, else how long to do without.
    async fn probe(&self) -> (Option<PathStyle>, Duration) {
        let times = self.config().timeouts;
        for style in [PathStyle::Short, PathStyle::Function, PathStyle::Documented] {
            match self.ask(style).await {
                Reaction::Json => return (Some(style), Duration::ZERO),
                Reaction::SomethingElse => {}
                // Nothing was learned, so ask again soon, but not so soon that every call waits.
                Reaction::Silence => return (None, times.probe.min(times.probe_again)),
            }
        }
        (None, times.probe_again)
    }

    async fn ask(&self, style: PathStyle) -> Reaction {
        let Ok(call) = Call::new(Endpoint::Status, self.run_key(), &[&self.config().instance_id, NO_EXECUTION]) else {
            return Reaction::Silence;
        };
        let request = self.spelled(&self.inner.read_http, call, style).timeout(self.config().timeouts.probe);
        match self.exchange(Endpoint::Status, request, self.config().caps.trigger_response).await {
            Ok(answer) if json::text_of(&answer.body).as_deref().and_then(Members::of).is_some() => Reaction::Json,
            Ok(_) => Reaction::SomethingElse,
            Err(lost) if matches!(lost.failure, Failure::NotSent(_) | Failure::Timeout) => Reaction::Silence,
            Err(_) => Reaction::SomethingElse,
        }
    }
}
