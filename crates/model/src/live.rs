use serde::{Deserialize, Serialize};

use crate::{EventKind, RunSummary};

/// One committed change of a run, as the event stream carries it. Its SSE id is `run:seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveEvent {
    pub run: RunSummary,
    /// The change's number within its run, from 1 without gaps.
    pub seq: i64,
    pub kind: EventKind,
}

impl LiveEvent {
    /// By how much it changes the number of runs under way.
    pub const fn moves(&self) -> i64 {
        self.kind.moves()
    }
}
