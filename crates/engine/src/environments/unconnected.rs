//! What stands in for a client that cannot be made: nothing is sent, and open runs wait.

use std::time::Duration;

use async_trait::async_trait;
use codika::{CallError, CallErrorKind, ExecutionId, NotSentReason, StatusReply, TriggerOutcome, wire};
use model::WorkflowId;
use serde_json::{Map, Value};

use crate::Upstream;

/// Holds why, in words for people.
pub struct Unconnected(pub String);

impl Unconnected {
    fn refused(&self) -> CallError {
        CallError {
            kind: CallErrorKind::KeyRejected,
            message: self.0.clone(),
            code: "UNCONNECTED".to_owned(),
            request_id: None,
            status: None,
            from_api: true,
        }
    }
}

#[async_trait]
impl Upstream for Unconnected {
    async fn prepare(&self) {}

    fn reach(&self) -> Duration {
        Duration::ZERO
    }

    async fn trigger(&self, _: &WorkflowId, _: &Map<String, Value>) -> TriggerOutcome {
        TriggerOutcome::NotSent { reason: NotSentReason::NoKey, detail: self.0.clone() }
    }

    async fn status(&self, _: &ExecutionId) -> Result<StatusReply, CallError> {
        Err(self.refused())
    }

    async fn executions(&self, _: &WorkflowId) -> Result<Vec<wire::ListedExecution>, CallError> {
        Err(self.refused())
    }

    fn paths_verified(&self) -> bool {
        true
    }

    async fn instance(&self) -> Result<wire::Instance, CallError> {
        Err(self.refused())
    }

    async fn instances(&self) -> Result<Vec<wire::InstanceSummary>, CallError> {
        Err(self.refused())
    }

    async fn key_info(&self) -> Result<wire::KeyInfo, CallError> {
        Err(self.refused())
    }

    async fn check_instance_key(&self) -> Result<(), CallError> {
        Err(self.refused())
    }

    async fn skills(&self) -> Result<Vec<wire::Skill>, CallError> {
        Err(self.refused())
    }
}
