use serde::{Deserialize, Deserializer};

use crate::vocabulary::vocabulary;

vocabulary! {
    /// What can happen to a run.
    EventKind {
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
        /// A word of a newer version. Nothing here makes it.
        Other = "other",
    }
}

impl EventKind {
    /// A word that is not known is a newer version's, and no reason to refuse what came with it.
    pub fn of_word(word: &str) -> Self {
        word.parse().unwrap_or(Self::Other)
    }

    /// By how much it changes the number of runs under way.
    pub const fn moves(self) -> i64 {
        match self {
            Self::Submitted | Self::SentAgain | Self::WatchResumed | Self::Adopted => 1,
            Self::Rejected
            | Self::NotSent
            | Self::Unconfirmed
            | Self::Succeeded
            | Self::Failed
            | Self::Stalled
            | Self::WatchStopped => -1,
            Self::Accepted | Self::Status | Self::Closed | Self::MarkedNotStarted | Self::RunAgain | Self::Other => 0,
        }
    }
}

impl<'de> Deserialize<'de> for EventKind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|word| Self::of_word(&word))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_word_is_read_all_the_same() {
        assert_eq!(serde_json::from_str::<EventKind>(r#""reviewed""#).ok(), Some(EventKind::Other));
        assert_eq!(EventKind::Other.moves(), 0);
    }

    #[test]
    fn words_are_the_same_in_json_and_text() {
        for kind in EventKind::ALL {
            assert_eq!(serde_json::to_string(kind).ok(), Some(format!("\"{}\"", kind.as_str())));
            assert_eq!(serde_json::from_str::<EventKind>(&format!("\"{}\"", kind.as_str())).ok(), Some(*kind));
        }
    }
}
