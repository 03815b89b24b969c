macro_rules! kinds {
    ($($kind:ident = $word:literal),+ $(,)?) => {
        /// What can happen to a run.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum EventKind {
            $($kind),+
        }

        impl EventKind {
            pub const ALL: &[Self] = &[$(Self::$kind),+];

            /// The word that is stored, and that readers of events get; `LiveEvent::moves` knows it, too.
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$kind => $word),+
                }
            }
        }
    };
}

kinds! {
    Submitted = "submitted",
    Accepted = "accepted",
    Rejected = "rejected",
    NotSent = "not_sent",
    Unconfirmed = "unconfirmed",
    Status = "status",
    Succeeded = "succeeded",
    Failed = "failed",
    Stalled = "stalled",
    WatchStopped = "watch_stopped",
    WatchResumed = "watch_resumed",
    Closed = "closed",
    SentAgain = "sent_again",
    MarkedNotStarted = "marked_not_started",
    Adopted = "adopted",
    RunAgain = "run_again",
}
