//! A demo workflow at work: it sleeps as long as real work would take, and every step is measured.

use std::time::Duration;

use serde_json::{Map, Value, json, value::RawValue};
use tokio::time::{Instant, sleep};

use crate::{
    dice::Dice,
    execution::{Created, ErrorDetails, Node, SubRun},
    files::{Document, receipt},
    read,
    state::State,
    text::Text,
};

/// What a workflow hands to its *Submit Result* node.
#[derive(Debug)]
pub enum Output {
    /// Ordinary JSON.
    Value(Value),
    /// JSON text that must reach the client byte for byte.
    Raw(Box<RawValue>),
    /// No node reports an end: the execution stays pending for ever.
    Silence,
}

impl From<Value> for Output {
    fn from(value: Value) -> Self {
        Self::Value(value)
    }
}

/// How a workflow ends.
pub type Outcome = Result<Output, ErrorDetails>;

/// The run of one workflow.
pub struct Run {
    /// The payload.
    pub input: Map<String, Value>,
    /// Milliseconds since the Unix epoch.
    pub created_at: i64,
    /// For `/uploadworkflowoutput` and the like; the parts a real workflow gets as metadata.
    pub execution_id: Text,
    state: State,
    speed: f64,
    dice: Dice,
    /// Time that went by before this process took over; steps consume it instead of sleeping.
    lead: Duration,
    nodes: Vec<Node>,
}

impl Run {
    /// A run that starts now. The execution's number seeds the jitter.
    pub fn new(state: &State, created: &Created, input: Map<String, Value>) -> Self {
        let gone = u64::try_from(state.now_ms() - created.created_at).unwrap_or(0);
        Self {
            input,
            created_at: created.created_at,
            execution_id: created.id.clone(),
            state: state.clone(),
            speed: read(&state.switches).speed,
            dice: Dice::seeded(created.number),
            lead: Duration::from_millis(gone),
            nodes: Vec::new(),
        }
    }

    /// Works `ms` milliseconds (± 15 %) in a code node called `name`, which then yields `output`.
    pub async fn step(&mut self, name: &str, ms: u64, output: Value) {
        self.node(name, "n8n-nodes-base.code", ms, vec![output]).await;
    }

    /// The same for any node type and any number of items.
    pub async fn node(&mut self, name: &str, kind: &str, ms: u64, output: Vec<Value>) {
        let started_at = self.state.now_ms();
        let took = self.work(ms).await;
        self.nodes.push(Node {
            name: name.to_owned(),
            kind: kind.to_owned(),
            started_at,
            took,
            output,
            error: None,
            sub: None,
        });
    }

    /// Works `ms` milliseconds in a node called `name`, which then fails: the error to return.
    pub async fn fail(&mut self, name: &str, ms: u64, error: ErrorDetails) -> ErrorDetails {
        let last = self.nodes.last().map(|node| node.name.clone());
        self.step(name, ms, Value::Null).await;
        let error = ErrorDetails { failed_node_name: Some(name.to_owned()), last_executed_node: last, ..error };
        if let Some(node) = self.nodes.last_mut() {
            node.output.clear();
            node.error = Some(error.clone());
        }
        error
    }

    /// Calls a sub-workflow with `input`: `steps` are its nodes, the last one's output is the caller's.
    pub async fn call(&mut self, name: &str, workflow: &str, input: Value, steps: &[(&str, u64, Value)]) {
        const TRIGGER: &str = "When Executed by Another Workflow";
        let started_at = self.state.now_ms();
        let outer = std::mem::take(&mut self.nodes);
        self.node(TRIGGER, "n8n-nodes-base.executeWorkflowTrigger", 2, vec![input]).await;
        for (step, ms, output) in steps {
            self.step(step, *ms, output.clone()).await;
        }
        let nodes = std::mem::replace(&mut self.nodes, outer);
        let took = nodes.iter().map(|node| node.took).sum();
        self.nodes.push(Node {
            name: name.to_owned(),
            kind: "n8n-nodes-base.executeWorkflow".to_owned(),
            started_at,
            took,
            output: nodes.last().map_or_else(Vec::new, |node| node.output.clone()),
            error: None,
            sub: Some(SubRun { workflow: workflow.to_owned(), nodes }),
        });
    }

    /// Uploads a file in a node of its own: its id, and where it can be downloaded.
    ///
    /// # Errors
    /// When the file cannot be kept.
    pub async fn upload(&mut self, ms: u64, document: Document) -> Result<(String, Value), ErrorDetails> {
        const NODE: &str = "Codika Upload";
        let id = match self.state.files.put(&self.execution_id, document.clone()) {
            Ok(id) => id,
            Err(error) => {
                let message = format!("The file could not be kept: {error}");
                let error = ErrorDetails { r#type: "node_failure".to_owned(), message, ..ErrorDetails::default() };
                return Err(self.fail(NODE, ms, error).await);
            }
        };
        let receipt = receipt(&self.execution_id, &id, &document);
        let base = self.state.base_url.get().map_or("", String::as_str);
        let link = json!({
            "downloadUrl": format!("{base}/_emulator/files/{id}"),
            "fileName": receipt["fileName"], "fileSize": receipt["fileSize"], "mimeType": receipt["mimeType"],
        });
        self.node(NODE, "n8n-nodes-codika.codika", ms, vec![receipt]).await;
        Ok((id, link))
    }

    /// The steps so far.
    #[must_use]
    pub fn into_nodes(self) -> Vec<Node> {
        self.nodes
    }

    /// Returns the milliseconds it took.
    async fn work(&mut self, ms: u64) -> u64 {
        let due = length(&mut self.dice, ms, self.speed);
        let skipped = self.lead.min(due);
        self.lead -= skipped;
        let started = Instant::now();
        if due > skipped {
            sleep(due - skipped).await;
        }
        u64::try_from((started.elapsed() + skipped).as_millis()).unwrap_or(u64::MAX)
    }
}

/// How long `ms` milliseconds of work take this time: ± 15 %, scaled by `speed`.
fn length(dice: &mut Dice, ms: u64, speed: f64) -> Duration {
    let jitter = dice.fraction().mul_add(0.3, 0.85);
    let factor = (speed * jitter).clamp(0.0, 1e6);
    Duration::from_millis(ms).mul_f64(factor)
}

#[cfg(test)]
mod tests {
    use super::{Dice, length};

    #[test]
    fn lengths_jitter_within_15_percent_and_repeat_with_the_seed() {
        let lengths = |seed| {
            let mut dice = Dice::seeded(seed);
            [1000, 1000, 1000].map(|ms| length(&mut dice, ms, 0.5).as_millis())
        };
        assert_eq!(lengths(7), lengths(7));
        assert_ne!(lengths(7), lengths(8));
        for seed in 0..200 {
            assert!(lengths(seed).iter().all(|ms| (425..=575).contains(ms)));
        }
    }
}
