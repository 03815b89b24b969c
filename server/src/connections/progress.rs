//! Where a connection stands, and until when it may stand there.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

#[derive(Clone, Copy, Debug)]
pub struct Deadlines {
    /// From the first byte of a request, and from the first moment of a connection, until its head is whole.
    pub head: Duration,
    /// Between two requests. Longer than the minute for which reverse proxies usually keep a connection, so that
    /// they end it and no request of theirs meets a closed one.
    pub idle: Duration,
    /// Until the next bytes of a request's body.
    pub silence: Duration,
    /// Until a request's body is whole.
    pub body: Duration,
    /// Until a peer takes more of an answer.
    pub write: Duration,
    /// For hearing out a peer that was answered before it had sent everything.
    pub linger: Duration,
    /// For that, and for the rest of a head, while the server stops.
    pub hurry: Duration,
}

impl Default for Deadlines {
    fn default() -> Self {
        Self {
            head: Duration::from_secs(10),
            idle: Duration::from_secs(75),
            silence: Duration::from_secs(15),
            body: Duration::from_secs(120),
            write: Duration::from_secs(60),
            linger: Duration::from_secs(10),
            hurry: Duration::from_millis(500),
        }
    }
}

/// In the order in which connections make room for others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// Answered, but the peer goes on sending what nobody wants.
    Lingering,
    /// A request is wanted whose head is not whole yet.
    Head,
    /// Between two requests.
    Idle,
    /// A request is there, but for its body.
    Body,
    /// A request is worked off or answered.
    Answer,
}

#[derive(Debug)]
struct State {
    phase: Phase,
    since: Instant,
    /// Since when the peer takes nothing.
    stuck: Option<Instant>,
    /// Bytes of the request that nobody has read.
    unread: bool,
    hurried: bool,
}

/// Told by the stream, by requests and by answers of one connection.
#[derive(Debug)]
pub struct Progress {
    state: Mutex<State>,
    pub deadlines: Deadlines,
}

impl Progress {
    pub fn new(deadlines: Deadlines) -> Self {
        let state = State { phase: Phase::Head, since: Instant::now(), stuck: None, unread: false, hurried: false };
        Self { state: Mutex::new(state), deadlines }
    }

    fn change<T>(&self, change: impl FnOnce(&mut State) -> T) -> T {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Something came in.
    pub fn heard(&self) {
        self.change(|state| {
            if state.phase == Phase::Idle {
                state.enter(Phase::Head);
            }
        });
    }

    /// A request's head is whole.
    pub fn asked(&self, has_body: bool) {
        self.change(|state| {
            state.unread = has_body;
            state.enter(if has_body { Phase::Body } else { Phase::Answer });
        });
    }

    /// So is its body.
    pub fn received(&self) {
        self.change(|state| {
            state.unread = false;
            if state.phase == Phase::Body {
                state.enter(Phase::Answer);
            }
        });
    }

    /// Nothing more comes after what was written.
    pub fn answered(&self) {
        self.change(|state| {
            if state.phase != Phase::Lingering {
                state.enter(Phase::Idle);
            }
        });
    }

    /// The peer took some of the answer. What is left of it may be long, though nothing is added any more.
    pub fn wrote(&self) {
        self.change(|state| {
            state.stuck = None;
            if state.phase == Phase::Idle {
                state.enter(Phase::Idle);
            }
        });
    }

    /// The peer does not take what is to be written.
    pub fn stuck(&self) {
        self.change(|state| state.stuck = state.stuck.or_else(|| Some(Instant::now())));
    }

    /// The last byte is written. Whether the peer has to be heard out: while it is sending, it reads nothing, and a
    /// connection that breaks under it takes the answer along.
    pub fn closed(&self) -> bool {
        self.change(|state| {
            if state.unread {
                state.enter(Phase::Lingering);
            }
            state.unread
        })
    }

    /// The server stops.
    pub fn hurry(&self) {
        self.change(|state| state.hurried = true);
    }

    pub fn deadline(&self) -> Option<Instant> {
        let wait = &self.deadlines;
        self.change(|state| {
            let phase = match state.phase {
                Phase::Head | Phase::Lingering if state.hurried => Some(wait.hurry),
                Phase::Head => Some(wait.head),
                Phase::Idle if state.stuck.is_some() => None,
                Phase::Idle => Some(wait.idle),
                Phase::Lingering => Some(wait.linger),
                // Bodies have deadlines of their own, which are answered.
                Phase::Body | Phase::Answer => None,
            };
            let stuck = state.stuck.map(|since| since + wait.write);
            phase.map(|phase| state.since + phase).into_iter().chain(stuck).min()
        })
    }

    /// Where it stands and since when.
    pub fn standing(&self) -> (Phase, Instant) {
        self.change(|state| match (state.phase, state.stuck) {
            (Phase::Idle, Some(since)) => (Phase::Answer, since),
            (phase, _) => (phase, state.since),
        })
    }
}

impl State {
    fn enter(&mut self, phase: Phase) {
        self.phase = phase;
        self.since = Instant::now();
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::advance;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn left(progress: &Progress) -> Option<Duration> {
        progress.deadline().map(|at| at - Instant::now())
    }

    #[tokio::test(start_paused = true)]
    async fn drop_by_drop_a_head_takes_no_longer() {
        let progress = Progress::new(Deadlines::default());
        let wait = progress.deadlines;
        assert_eq!(left(&progress), Some(wait.head));
        advance(SECOND).await;
        progress.heard();
        assert_eq!(left(&progress), Some(wait.head - SECOND));
        progress.asked(true);
        assert_eq!(left(&progress), None, "its body has deadlines of its own");
        progress.received();
        progress.answered();
        assert_eq!(left(&progress), Some(wait.idle));
        advance(SECOND).await;
        progress.heard();
        assert_eq!(left(&progress), Some(wait.head));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_that_is_still_being_taken_is_not_idle() {
        let progress = Progress::new(Deadlines::default());
        let wait = progress.deadlines;
        progress.asked(false);
        progress.answered();
        advance(SECOND).await;
        progress.stuck();
        advance(SECOND).await;
        progress.stuck();
        assert_eq!(left(&progress), Some(wait.write - SECOND));
        assert_eq!(progress.standing().0, Phase::Answer);
        progress.wrote();
        assert_eq!(left(&progress), Some(wait.idle));
    }

    #[tokio::test(start_paused = true)]
    async fn only_who_is_still_sending_is_heard_out() {
        let progress = Progress::new(Deadlines::default());
        let wait = progress.deadlines;
        progress.asked(true);
        progress.received();
        assert!(!progress.closed());
        progress.asked(true);
        assert!(progress.closed());
        progress.answered();
        assert_eq!(left(&progress), Some(wait.linger));
        progress.hurry();
        assert_eq!(left(&progress), Some(wait.hurry));
    }
}
