//! Workflows that play what a scenario tells: recorded or made up, in the order of the file.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, value::RawValue};

use crate::{
    execution::ErrorDetails,
    run::{Outcome, Output, Run},
};

/// How one execution ends.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    /// Played to a trigger with exactly this payload, before any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// Milliseconds, multiplied by the speed; each run varies by 15 %.
    #[serde(default)]
    pub duration_ms: u64,
    /// `resultData`, unless `error` is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<Box<RawValue>>,
    /// `errorDetails` as the platform spells them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<ErrorDetails>,
}

/// All answers of one workflow.
#[derive(Debug, Clone, Default)]
pub struct Answers(Arc<Vec<Told>>);

impl From<Vec<Told>> for Answers {
    fn from(answers: Vec<Told>) -> Self {
        Self(Arc::new(answers))
    }
}

impl Answers {
    /// The answer to `input`; without one of its own the `number`-th execution gets its turn.
    fn choose(&self, input: &Map<String, Value>, number: u64) -> Option<&Told> {
        let fits = |told: &&Told| told.input.as_ref().and_then(Value::as_object) == Some(input);
        self.0.iter().find(fits).or_else(|| {
            let count = u64::try_from(self.0.len()).ok().filter(|count| *count > 0)?;
            self.0.get(usize::try_from(number % count).ok()?)
        })
    }

    /// Plays the answer to the run's input.
    ///
    /// # Errors
    /// When a failure was told, or nothing at all.
    pub async fn play(&self, run: &mut Run, number: u64) -> Outcome {
        let Some(told) = self.choose(&run.input, number).cloned() else {
            let message = "The scenario holds no answer of this workflow".to_owned();
            let error = ErrorDetails { r#type: "unknown".to_owned(), message, ..ErrorDetails::default() };
            return Err(run.fail("Scenario", 0, error).await);
        };
        // The nodes around it take some of the time.
        let ms = told.duration_ms.saturating_sub(26);
        if let Some(error) = told.error {
            let node = error.failed_node_name.clone().unwrap_or_else(|| "Scenario".to_owned());
            return Err(run.fail(&node, ms, error).await);
        }
        let result = told.result.unwrap_or_default();
        let shown = serde_json::from_str(result.get()).unwrap_or_default();
        run.step("Scenario", ms, shown).await;
        Ok(Output::Raw(result))
    }
}
