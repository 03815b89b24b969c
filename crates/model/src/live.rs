use serde::{Deserialize, Serialize};

use crate::RunSummary;

/// One committed change of a run, as the event stream carries it. Its SSE id is `run:seq`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveEvent {
    pub run: RunSummary,
    /// The change's number within its run, from 1 without gaps.
    pub seq: i64,
    /// What happened: `submitted`, `accepted`, `succeeded`, …
    pub kind: String,
}

impl LiveEvent {
    /// By how much it changes the number of runs under way.
    pub fn moves(&self) -> i64 {
        match self.kind.as_str() {
            "submitted" | "sent_again" | "watch_resumed" | "adopted" => 1,
            "rejected" | "not_sent" | "unconfirmed" | "succeeded" | "failed" | "stalled" | "watch_stopped" => -1,
            _ => 0,
        }
    }
}
