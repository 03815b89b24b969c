use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Where a run stands. See `ARCHITECTURE.md` for the transitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waiting to be paced; nothing was sent.
    Queued,
    /// The attempt is stored and the request to Codika is under way.
    Submitting,
    /// Codika gave an execution id; the watcher asks for its end.
    Pending,
    Success,
    Failed,
    /// Codika refused; nothing started.
    Rejected,
    /// No byte reached Codika; safe to send again.
    NotSent,
    /// At least one byte was written and no valid answer came: it may have started.
    Unconfirmed,
    /// Watching ended without an answer; never means failed.
    Stalled,
    /// Withdrawn while it was queued.
    Cancelled,
}

impl RunStatus {
    pub const ALL: [Self; 10] = [
        Self::Queued,
        Self::Submitting,
        Self::Pending,
        Self::Success,
        Self::Failed,
        Self::Rejected,
        Self::NotSent,
        Self::Unconfirmed,
        Self::Stalled,
        Self::Cancelled,
    ];

    /// The word on the wire and in the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Submitting => "submitting",
            Self::Pending => "pending",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::Rejected => "rejected",
            Self::NotSent => "not_sent",
            Self::Unconfirmed => "unconfirmed",
            Self::Stalled => "stalled",
            Self::Cancelled => "cancelled",
        }
    }

    /// The words people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Queued => "Queued",
            Self::Submitting => "Submitting…",
            Self::Pending => "Running",
            Self::Success => "Success",
            Self::Failed => "Failed",
            Self::Rejected => "Rejected",
            Self::NotSent => "Not sent",
            Self::Unconfirmed => "May have started",
            Self::Stalled => "No answer yet",
            Self::Cancelled => "Cancelled",
        }
    }

    /// Something of ours is still at work on the run.
    pub const fn is_moving(self) -> bool {
        matches!(self, Self::Queued | Self::Submitting | Self::Pending)
    }

    /// Never changes again.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::Rejected | Self::Cancelled)
    }

    /// A person should look at it.
    pub const fn needs_attention(self) -> bool {
        matches!(self, Self::Failed | Self::Rejected | Self::NotSent | Self::Unconfirmed | Self::Stalled)
    }
}

impl FromStr for RunStatus {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|status| status.as_str() == word).ok_or(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_the_same_in_json_and_text() {
        for status in RunStatus::ALL {
            assert_eq!(serde_json::to_string(&status).ok(), Some(format!("\"{}\"", status.as_str())));
            assert_eq!(status.as_str().parse(), Ok(status));
        }
    }

    #[test]
    fn nothing_is_both_final_and_moving() {
        assert!(RunStatus::ALL.into_iter().all(|s| !(s.is_final() && s.is_moving())));
    }
}
