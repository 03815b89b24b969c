//! Sending the input of an earlier run again.

use model::{Again, Doubt, EnvSlug, RunId, RunSummary, WorkflowId};
use serde_json::Value;

use super::StartRun;
use crate::{Access, Engine, EngineError, Problem, explain};

impl Engine {
    /// The input of an earlier run, to fill a form with, and what to know before that is sent.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn offer_again(
        &self,
        who: &Access,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        from: &RunId,
    ) -> Result<(Value, Option<Doubt>), EngineError> {
        let row = self.visible(who, from).await?;
        let input = serde_json::from_str(&row.input).unwrap_or(Value::Null);
        Ok((input, doubt(&row.summary, environment, workflow)))
    }

    /// Nobody runs a workflow twice without having said that they want to.
    pub(super) async fn check_doubt(&self, who: &Access, request: &StartRun) -> Result<(), EngineError> {
        let Some(Again { from, confirmed: false }) = &request.again else { return Ok(()) };
        let earlier = match self.visible(who, from).await {
            Ok(row) => row.summary,
            Err(EngineError::Problem(Problem::NoSuchRun)) => return Ok(()),
            Err(error) => return Err(error),
        };
        match doubt(&earlier, &request.environment, &request.workflow) {
            Some(doubt) if doubt.confirm.is_some() => Err(Problem::InDoubt(Box::new(doubt)).into()),
            _ => Ok(()),
        }
    }
}

/// Another workflow, or another environment, does not do the same.
fn doubt(earlier: &RunSummary, environment: &EnvSlug, workflow: &WorkflowId) -> Option<Doubt> {
    let same = earlier.environment == *environment && earlier.workflow == *workflow;
    same.then(|| explain::doubt(earlier)).flatten()
}
