use serde::de::DeserializeOwned;

use super::{Client, request::Call, style::NO_EXECUTION};
use crate::{
    CallError, CallErrorKind, ExecutionId, Key, StatusReply, answer,
    path::Endpoint,
    status,
    transport::Answer,
    wire::{
        Activation, ActivationReply, DetailsReply, Envelope, ExecutionList, Instance, InstanceList, InstanceRequest,
        KeyInfo, Project, ProjectList, ProjectRequest, Skills,
    },
};

/// The most a list call returns, and more than which it must not be asked for.
const NEWEST: u8 = 100;

/// What came of activate or deactivate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Activated {
    /// 409: the instance already was in that state.
    pub already: bool,
    /// Empty when `already`.
    pub reply: Activation,
}

/// Every method: one call, no repetition.
///
/// # Errors
/// [`CallError`], whose kind follows from the HTTP status or the network alone.
impl Client {
    /// The state of an execution, and its result once there is one.
    pub async fn status(&self, execution_id: &ExecutionId) -> Result<StatusReply, CallError> {
        let call = Call::new(Endpoint::Status, self.run_key(), &[self.instance_id(), execution_id.as_str()])?;
        status::parse(&self.read(call).await?, &self.inner.cleaner)
    }

    /// The authors' descriptions of the instance's workflows.
    pub async fn skills(&self) -> Result<Skills, CallError> {
        self.data(Call::new(Endpoint::Skills, self.read_key(), &[self.instance_id()])?).await
    }

    /// The instance; triggers, costs and input schemas only with `details`.
    pub async fn instance(&self, details: bool) -> Result<Instance, CallError> {
        let request =
            InstanceRequest { process_instance_id: self.instance_id().to_owned(), include_workflow_details: details };
        self.data(Call::new(Endpoint::Instance, self.read_key(), &[])?.post_json(&request)?).await
    }

    /// Whether Codika accepts the instance key, by a question about an execution that does not exist.
    pub async fn check_instance_key(&self) -> Result<(), CallError> {
        let ids = [self.instance_id(), NO_EXECUTION];
        let call = Call::new(Endpoint::Status, self.config().instance_key.as_ref(), &ids)?;
        match status::parse(&self.read(call).await?, &self.inner.cleaner) {
            Ok(_) => Ok(()),
            Err(error) if error.kind == CallErrorKind::NotFound && error.from_api => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// What the organization key is and may do.
    pub async fn verify(&self) -> Result<KeyInfo, CallError> {
        self.data(Call::new(Endpoint::VerifyKey, self.org_key(), &[])?.post(Vec::new())).await
    }

    /// The newest executions, newest first; `limit` is brought into 1–100. Needs the organization key.
    pub async fn list_executions(
        &self,
        workflow_id: Option<&str>,
        status: Option<&str>,
        limit: u8,
    ) -> Result<ExecutionList, CallError> {
        let call = Call::new(Endpoint::Executions, self.org_key(), &[self.instance_id()])?
            .query("workflowId", workflow_id)
            .query("status", status)
            .query("limit", Some(limit.clamp(1, NEWEST)));
        self.data(call).await
    }

    /// The organization's instances, or with `archived` only its archived ones; `limit` is brought
    /// into 1–100. Needs the organization key.
    pub async fn list_instances(
        &self,
        environment: Option<&str>,
        archived: bool,
        limit: u8,
    ) -> Result<InstanceList, CallError> {
        let call = Call::new(Endpoint::Instances, self.org_key(), &[])?
            .query("environment", environment)
            .query("archived", archived.then_some(true))
            .query("limit", Some(limit.clamp(1, NEWEST)));
        self.data(call).await
    }

    /// The n8n trace of an execution: `deep` with sub-workflows, `slim` without bookkeeping. Needs
    /// the organization key. The trace holds live secrets; redact it before anyone sees it.
    pub async fn execution_details(
        &self,
        execution_id: &ExecutionId,
        deep: bool,
        slim: bool,
    ) -> Result<DetailsReply, CallError> {
        let call = Call::new(Endpoint::Details, self.org_key(), &[self.instance_id(), execution_id.as_str()])?
            .query("deep", deep.then_some(true))
            .query("slim", slim.then_some(true));
        answer::parse(&self.read(call).await?, &self.inner.cleaner)
    }

    /// May pause the sibling environment. Needs the organization key.
    pub async fn activate(&self) -> Result<Activated, CallError> {
        self.switch(Endpoint::Activate).await
    }

    /// Needs the organization key.
    pub async fn deactivate(&self) -> Result<Activated, CallError> {
        self.switch(Endpoint::Deactivate).await
    }

    /// The organization's projects; `limit` is brought into 1–100. Needs the organization key.
    pub async fn list_projects(&self, archived: bool, limit: u8) -> Result<ProjectList, CallError> {
        let call = Call::new(Endpoint::Projects, self.org_key(), &[])?
            .query("archived", archived.then_some(true))
            .query("limit", Some(limit.clamp(1, NEWEST)));
        self.data(call).await
    }

    /// Needs the organization key.
    pub async fn project(&self, project_id: &str) -> Result<Project, CallError> {
        let request = ProjectRequest { project_id: project_id.to_owned() };
        self.data(Call::new(Endpoint::Project, self.org_key(), &[])?.post_json(&request)?).await
    }

    async fn switch(&self, endpoint: Endpoint) -> Result<Activated, CallError> {
        let request =
            InstanceRequest { process_instance_id: self.instance_id().to_owned(), include_workflow_details: false };
        let answer = self.read(Call::new(endpoint, self.org_key(), &[])?.post_json(&request)?).await?;
        if answer.status == http::StatusCode::CONFLICT {
            return Ok(Activated { already: true, reply: Activation::default() });
        }
        let reply: ActivationReply = answer::parse(&answer, &self.inner.cleaner)?;
        Ok(Activated { already: false, reply: reply.data })
    }

    async fn data<T: DeserializeOwned>(&self, call: Call) -> Result<T, CallError> {
        let answer: Answer = self.read(call).await?;
        answer::parse::<Envelope<T>>(&answer, &self.inner.cleaner).map(|envelope| envelope.data)
    }

    fn instance_id(&self) -> &str {
        &self.config().instance_id
    }

    fn org_key(&self) -> Option<&Key> {
        self.config().org_key.as_ref()
    }
}
