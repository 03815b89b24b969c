use serde::{Deserialize, Serialize};

use crate::{ErrorKind, RunStatus, RunSummary};

/// What a person can do to a run that is there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunAction {
    StopWaiting,
    LookAgain,
    SendAgain,
    DidNotStart,
    RunAgainAnyway,
    Close,
    /// The execution that a run in doubt has become.
    Adopt {
        execution: String,
    },
}

/// Why words name no action.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ActionError {
    #[error("There is no action “{0}”.")]
    Unknown(String),
    #[error("Say with “execution_id” which execution it is.")]
    NoExecution,
    #[error("Only “adopt” takes an “execution_id”.")]
    NeedlessExecution,
}

const ADOPT: &str = "adopt";

impl RunAction {
    /// Those that need nothing but the run.
    const PLAIN: [Self; 6] =
        [Self::StopWaiting, Self::LookAgain, Self::SendAgain, Self::DidNotStart, Self::RunAgainAnyway, Self::Close];

    /// The action that a form or a program names.
    ///
    /// # Errors
    /// [`ActionError`], fit for whoever named it.
    pub fn of_words(word: &str, execution: Option<String>) -> Result<Self, ActionError> {
        match (word, execution) {
            (ADOPT, Some(execution)) => Ok(Self::Adopt { execution }),
            (ADOPT, None) => Err(ActionError::NoExecution),
            (_, Some(_)) => Err(ActionError::NeedlessExecution),
            (_, None) => {
                let known = Self::PLAIN.into_iter().find(|action| action.as_str() == word);
                known.ok_or_else(|| ActionError::Unknown(word.to_owned()))
            }
        }
    }

    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::StopWaiting => "stop_waiting",
            Self::LookAgain => "look_again",
            Self::SendAgain => "send_again",
            Self::DidNotStart => "did_not_start",
            Self::RunAgainAnyway => "run_again_anyway",
            Self::Close => "close",
            Self::Adopt { .. } => ADOPT,
        }
    }

    /// The word on its button.
    pub const fn label(&self) -> &'static str {
        match self {
            Self::StopWaiting => "Stop waiting",
            Self::LookAgain => "Look again",
            Self::SendAgain => "Send it now",
            Self::DidNotStart => "It did not start",
            Self::RunAgainAnyway => "Run again anyway",
            Self::Close => "Close",
            Self::Adopt { .. } => "This is it",
        }
    }

    /// What fits the state of a run and needs no warning.
    pub fn offered(run: &RunSummary) -> &'static [Self] {
        let has_execution = run.execution_id.is_some();
        let closed = run.error.as_ref().is_some_and(|error| error.kind == ErrorKind::Closed);
        match run.status {
            RunStatus::Pending => &[Self::StopWaiting],
            RunStatus::Stalled if has_execution && closed => &[Self::LookAgain],
            RunStatus::Stalled if has_execution => &[Self::LookAgain, Self::Close],
            RunStatus::Stalled if !closed => &[Self::Close],
            RunStatus::NotSent => &[Self::SendAgain],
            RunStatus::Unconfirmed => &[Self::DidNotStart],
            _ => &[],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_name_actions() {
        for action in RunAction::PLAIN {
            assert_eq!(RunAction::of_words(action.as_str(), None), Ok(action.clone()));
            assert_eq!(RunAction::of_words(action.as_str(), Some("x".into())), Err(ActionError::NeedlessExecution));
            assert_eq!(serde_json::to_string(&action).ok(), Some(format!("\"{}\"", action.as_str())));
        }
        assert_eq!(RunAction::of_words("adopt", Some("x".into())), Ok(RunAction::Adopt { execution: "x".into() }));
        assert_eq!(RunAction::of_words("adopt", None), Err(ActionError::NoExecution));
        assert_eq!(RunAction::of_words("explode", None), Err(ActionError::Unknown("explode".into())));
    }
}
