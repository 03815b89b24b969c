/// What an execution's status word means.
///
/// Only words known to be terminal are: an unknown word means "keep polling and show it".
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExecutionState {
    Pending,
    Success,
    Failed,
    /// A word upstream has not documented, as received.
    Unknown(String),
}

impl ExecutionState {
    pub fn from_word(word: &str) -> Self {
        match word {
            "success" => Self::Success,
            "failed" | "error" | "crashed" | "canceled" | "cancelled" => Self::Failed,
            "pending" | "running" | "queued" | "new" | "waiting" => Self::Pending,
            other => Self::Unknown(other.to_owned()),
        }
    }

    /// Whether upstream promises that nothing more will change.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Success | Self::Failed)
    }
}
