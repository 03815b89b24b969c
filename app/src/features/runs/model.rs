use std::str::FromStr;

use model::{Candidates, ErrorKind, Millis, Notice, Page, Rerun, RunEvent, RunId, RunStatus, RunSummary, Usual};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A run with all that its page shows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunView {
    pub summary: RunSummary,
    pub input: Value,
    /// Drawn on the server, which spares the browser the code for it. All text in it is escaped.
    pub result_html: Option<String>,
    /// Size of the stored result.
    pub result_bytes: Option<u64>,
    pub events: Vec<RunEvent>,
    /// How long this workflow usually takes.
    pub usual: Option<Usual>,
    pub candidates: Option<Candidates>,
    pub rerun: Option<Rerun>,
    /// The run in doubt that this one was started instead of.
    pub repeats: Option<RunId>,
    /// What to know about waiting for it, or about the environment beside a run whose call may not have arrived.
    pub notice: Option<Notice>,
    /// The server's clock when this was read, so that the browser shows elapsed time by it.
    pub now: Millis,
}

/// One page of runs and the choices its filters offer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunList {
    pub page: Page<RunSummary>,
    pub environments: Vec<model::Environment>,
}

/// What a person can do to a run that is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunAct {
    StopWaiting,
    LookAgain,
    SendAgain,
    DidNotStart,
    RunAgainAnyway,
    Close,
}

impl RunAct {
    const ALL: [Self; 6] =
        [Self::StopWaiting, Self::LookAgain, Self::SendAgain, Self::DidNotStart, Self::RunAgainAnyway, Self::Close];

    pub const fn as_str(self) -> &'static str {
        match self {
            Self::StopWaiting => "stop_waiting",
            Self::LookAgain => "look_again",
            Self::SendAgain => "send_again",
            Self::DidNotStart => "did_not_start",
            Self::RunAgainAnyway => "run_again_anyway",
            Self::Close => "close",
        }
    }

    pub const fn label(self) -> &'static str {
        match self {
            Self::StopWaiting => "Stop waiting",
            Self::LookAgain => "Look again",
            Self::SendAgain => "Send it now",
            Self::DidNotStart => "It did not start",
            Self::RunAgainAnyway => "Run again anyway",
            Self::Close => "Close",
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

#[cfg(feature = "ssr")]
impl RunAct {
    /// The one way from a button, or a program's word, to the engine. Gives the run to be shown next.
    ///
    /// # Errors
    /// As the engine's verb of the same meaning.
    pub async fn perform(
        self,
        engine: &engine::Engine,
        who: &engine::Access,
        id: &RunId,
        door: model::Door,
    ) -> Result<RunSummary, engine::EngineError> {
        match self {
            Self::StopWaiting => engine.stop_watching(who, id).await,
            Self::LookAgain => engine.resume_watching(who, id).await,
            Self::SendAgain => engine.send_again(who, id).await,
            Self::DidNotStart => engine.mark_not_started(who, id).await,
            Self::RunAgainAnyway => engine.run_again_anyway(who, id, door).await,
            Self::Close => engine.close(who, id).await,
        }
    }
}

impl FromStr for RunAct {
    type Err = ();
    fn from_str(word: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|act| act.as_str() == word).ok_or(())
    }
}
