//! What the engine asks of Codika. The crate `codika` answers for real; tests answer by script.

use async_trait::async_trait;
use codika::{CallError, Client, ExecutionId, StatusReply, TriggerOutcome, wire};
use model::WorkflowId;
use serde_json::{Map, Value};

#[async_trait]
pub trait Upstream: Send + Sync + 'static {
    /// Starts a workflow. Called once per attempt, never again by itself.
    async fn trigger(&self, workflow: &WorkflowId, payload: &Map<String, Value>) -> TriggerOutcome;

    /// # Errors
    /// The answer could not be had; says nothing about the run.
    async fn status(&self, execution: &ExecutionId) -> Result<StatusReply, CallError>;

    /// Whether the spelling of Codika's paths is known to be right: set by the operator, or answered.
    fn paths_verified(&self) -> bool;

    /// The instance with its workflows' details.
    ///
    /// # Errors
    /// The key may not be allowed to ask.
    async fn instance(&self) -> Result<wire::Instance, CallError>;

    /// # Errors
    /// The key may not be allowed to ask.
    async fn skills(&self) -> Result<Vec<wire::Skill>, CallError>;
}

#[async_trait]
impl Upstream for Client {
    async fn trigger(&self, workflow: &WorkflowId, payload: &Map<String, Value>) -> TriggerOutcome {
        Self::trigger(self, workflow.as_str(), payload).await
    }

    async fn status(&self, execution: &ExecutionId) -> Result<StatusReply, CallError> {
        Self::status(self, execution).await
    }

    fn paths_verified(&self) -> bool {
        self.path_style_verified()
    }

    async fn instance(&self) -> Result<wire::Instance, CallError> {
        Self::instance(self, true).await
    }

    async fn skills(&self) -> Result<Vec<wire::Skill>, CallError> {
        Ok(Self::skills(self).await?.skills)
    }
}
