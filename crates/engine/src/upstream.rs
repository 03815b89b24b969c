//! What the engine asks of Codika. The crate `codika` answers for real; tests answer by script.

use std::time::Duration;

use async_trait::async_trait;
use codika::{CallError, Client, ExecutionId, StatusReply, TriggerOutcome, wire};
use model::WorkflowId;
use serde_json::{Map, Value};

#[async_trait]
pub trait Upstream: Send + Sync + 'static {
    /// Finds out whatever has to be known before a trigger can be sent. May take a while, and starts nothing.
    async fn prepare(&self);

    /// How long [`Self::trigger`] may take until its first byte is written; after that it writes none.
    fn reach(&self) -> Duration;

    /// Starts a workflow. Called once per attempt, never again by itself.
    async fn trigger(&self, workflow: &WorkflowId, payload: &Map<String, Value>) -> TriggerOutcome;

    /// # Errors
    /// The answer could not be had; says nothing about the run.
    async fn status(&self, execution: &ExecutionId) -> Result<StatusReply, CallError>;

    /// The newest executions of a workflow.
    ///
    /// # Errors
    /// Needs the organization key.
    async fn executions(&self, workflow: &WorkflowId) -> Result<Vec<wire::ListedExecution>, CallError>;

    /// Whether the spelling of Codika's paths is known to be right: set by the operator, or answered.
    fn paths_verified(&self) -> bool;

    /// The instance with its workflows' details.
    ///
    /// # Errors
    /// The key may not be allowed to ask.
    async fn instance(&self) -> Result<wire::Instance, CallError>;

    /// The instances that the organization key sees.
    ///
    /// # Errors
    /// Needs the organization key.
    async fn instances(&self) -> Result<Vec<wire::InstanceSummary>, CallError>;

    /// What the organization key is and may do.
    ///
    /// # Errors
    /// Needs the organization key.
    async fn key_info(&self) -> Result<wire::KeyInfo, CallError>;

    /// Whether the instance key is accepted; starts nothing.
    ///
    /// # Errors
    /// Needs the instance key.
    async fn check_instance_key(&self) -> Result<(), CallError>;

    /// # Errors
    /// The key may not be allowed to ask.
    async fn skills(&self) -> Result<Vec<wire::Skill>, CallError>;
}

#[async_trait]
impl Upstream for Client {
    async fn prepare(&self) {
        self.verify_path_style().await;
    }

    fn reach(&self) -> Duration {
        self.first_byte_within()
    }

    async fn trigger(&self, workflow: &WorkflowId, payload: &Map<String, Value>) -> TriggerOutcome {
        Self::trigger(self, workflow.as_str(), payload).await
    }

    async fn status(&self, execution: &ExecutionId) -> Result<StatusReply, CallError> {
        Self::status(self, execution).await
    }

    async fn executions(&self, workflow: &WorkflowId) -> Result<Vec<wire::ListedExecution>, CallError> {
        Ok(self.list_executions(Some(workflow.as_str()), None, 100).await?.executions)
    }

    fn paths_verified(&self) -> bool {
        self.path_style_verified()
    }

    async fn instance(&self) -> Result<wire::Instance, CallError> {
        Self::instance(self, true).await
    }

    async fn instances(&self) -> Result<Vec<wire::InstanceSummary>, CallError> {
        Ok(self.list_instances(None, false, 100).await?.instances)
    }

    async fn key_info(&self) -> Result<wire::KeyInfo, CallError> {
        self.verify().await
    }

    async fn check_instance_key(&self) -> Result<(), CallError> {
        Self::check_instance_key(self).await
    }

    async fn skills(&self) -> Result<Vec<wire::Skill>, CallError> {
        Ok(Self::skills(self).await?.skills)
    }
}
