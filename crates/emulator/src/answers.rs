//! Workflows that play what a scenario tells: recorded or made up, in the order of the file.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

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
    /// Played to triggers with exactly this payload.
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
pub struct Answers(Arc<Inner>);

#[derive(Debug, Default)]
struct Inner {
    told: Vec<Told>,
    /// How many executions had no answer of their own.
    turns: AtomicUsize,
}

impl From<Vec<Told>> for Answers {
    fn from(told: Vec<Told>) -> Self {
        Self(Arc::new(Inner { told, turns: AtomicUsize::new(0) }))
    }
}

impl Answers {
    /// The answer to `input`, else the next of those that are for any input; where all are for certain inputs,
    /// as in a recording, the next of all.
    fn choose(&self, input: &Map<String, Value>) -> Option<&Told> {
        let told = &self.0.told;
        if let Some(own) = told.iter().find(|one| one.input.as_ref().and_then(Value::as_object) == Some(input)) {
            return Some(own);
        }
        let turn = self.0.turns.fetch_add(1, Ordering::Relaxed);
        let open: Vec<&Told> = told.iter().filter(|one| one.input.is_none()).collect();
        let from = if open.is_empty() { told.iter().collect() } else { open };
        from.get(turn.checked_rem(from.len())?).copied()
    }

    /// Plays the answer to the run's input.
    ///
    /// # Errors
    /// When a failure was told, or nothing at all.
    pub async fn play(&self, run: &mut Run) -> Outcome {
        let Some(told) = self.choose(&run.input).cloned() else {
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

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Answers, Told};

    fn chosen(told: Value, inputs: &[Value]) -> Vec<Option<u64>> {
        let told: Vec<Told> = serde_json::from_value(told).expect("answers");
        let answers = Answers::from(told);
        let choose = |input: &Value| answers.choose(input.as_object().expect("an object")).map(|one| one.duration_ms);
        inputs.iter().map(choose).collect()
    }

    #[test]
    fn an_input_gets_its_own_answer_and_others_take_turns() {
        let [a, b] = [json!({ "a": 1 }), json!({ "b": 1 })];
        let told = json!([{ "duration_ms": 1 }, { "input": a, "duration_ms": 2 }, { "duration_ms": 3 }]);
        let inputs = [b.clone(), a.clone(), b.clone(), b.clone()];
        assert_eq!(chosen(told, &inputs), [Some(1), Some(2), Some(3), Some(1)]);
        let told = json!([{ "input": a, "duration_ms": 1 }, { "input": { "c": 1 }, "duration_ms": 2 }]);
        assert_eq!(chosen(told, &inputs), [Some(1), Some(1), Some(2), Some(1)]);
        assert_eq!(chosen(json!([]), &[a]), [None]);
    }
}
