//! Submitting.

use model::{AuditAction, Door, EnvSlug, EventKind, RunStatus, RunSummary, WorkflowId};
use schema::{ErrorCode, FieldError, Form};
use serde_json::Value;
use tokio::time::Instant;

use super::{StartRun, Started, payload};
use crate::{
    Access, Engine, EngineError, Problem, Projection, ids,
    policy::{self, Act},
    store::{AgainFor, Created, Event, NewRun, RunRow},
};

/// Longest idempotency key, in bytes.
const MAX_KEY: usize = 200;
/// The number of the lease under which a new run is held.
const FIRST_LEASE: i64 = 1;
/// Keys that the engine makes itself, for a run that replaces another one.
pub(super) const AGAIN: &str = "again:";

impl Engine {
    /// Stores a run durably and hands it to the dispatcher; does not wait for Codika.
    ///
    /// # Errors
    /// [`Problem`]s of the input, the rights and the limits; nothing is stored or sent then.
    pub async fn start_run(&self, who: &Access, request: StartRun) -> Result<Started, EngineError> {
        if request.key.starts_with(AGAIN) {
            return Err(Problem::BadValue(format!("An idempotency key does not begin with {AGAIN}")).into());
        }
        self.submit(who, request, None).await
    }

    /// `again_for`: the run in doubt that the new one replaces.
    pub(super) async fn submit(
        &self,
        who: &Access,
        request: StartRun,
        again_for: Option<AgainFor>,
    ) -> Result<Started, EngineError> {
        let (environment, workflow) = (&request.environment, &request.workflow);
        policy::check(who, Act::Run { environment, workflow })?;
        if request.key.is_empty() || request.key.len() > MAX_KEY {
            return Err(Problem::BadValue(format!("An idempotency key has 1 to {MAX_KEY} bytes.")).into());
        }
        let input = serde_json::to_string(&request.input).map_err(|_| EngineError::Internal("input is not JSON"))?;
        let limit = self.inner.limits.input_bytes;
        if input.len() > limit {
            return Err(Problem::TooLarge { bytes: input.len(), limit }.into());
        }
        // A repeated key is answered before anything that may have changed since: its run exists.
        let used = self.run_of_key(who, &request.environment, &request.workflow, &request.key).await?;
        if let Some(row) = used {
            return same_input(row, &request.input, &who.scope.projection);
        }
        self.active_env(&request.environment).await?;
        let workflow = self.workflow_entry(&request.environment, &request.workflow).await?;
        check_input(workflow.form.as_ref(), &request.input, &input)?;
        self.check_doubt(who, &request).await?;
        let of_people = (request.door == Door::Dashboard).then_some(self.inner.limits.runs_per_minute);
        let (whose, per_minute) = match &who.token {
            Some(token) => (token.id.as_str(), token.runs_per_minute),
            None => (who.person.id.as_str(), of_people),
        };
        if let Some(per_minute) = per_minute {
            let key = (&request.environment, &request.workflow, request.key.as_str());
            self.inner
                .limiter
                .admit(whose, key, per_minute, Instant::now())
                .map_err(|retry_after_s| Problem::TooManyRuns { retry_after_s })?;
        }
        let earlier = again_for.as_ref().map(|earlier| earlier.run.clone());
        let new = NewRun { again_for, ..self.new_run(who, &request, workflow.name, input) };
        let (engine, projection) = (self.clone(), who.scope.projection.clone());
        // From the first write on nobody's leaving may come between the row and its dispatch.
        self.finish(async move {
            let flight = engine.mark_in_flight(&new.id);
            let _lock = match &earlier {
                Some(earlier) => engine.lock_run(earlier).await,
                None => None,
            };
            match engine.inner.store.create_run(new).await {
                Ok(Created::New(row)) => {
                    engine.announce(&row, EventKind::Submitted);
                    if let Some(earlier) = earlier {
                        engine.announce_stored(&earlier, EventKind::RunAgain).await;
                    }
                    engine.dispatch(row.clone(), flight);
                    Ok(Started { run: projection.summary(row.summary), new: true })
                }
                Ok(Created::Existing(row)) => same_input(row, &request.input, &projection),
                Ok(Created::Settled) => Err(Problem::WrongState("no longer in doubt").into()),
                Err(error) => {
                    engine.attempt_in_doubt(&flight, FIRST_LEASE);
                    Err(error.into())
                }
            }
        })
        .await
    }

    fn new_run(&self, who: &Access, request: &StartRun, workflow_name: String, input: String) -> NewRun {
        let id = ids::run();
        let what = format!("{} in {}", request.workflow, request.environment);
        NewRun {
            event: Event { kind: EventKind::Submitted, text: format!("Submitted by {}.", who.person.name) },
            audit: self.audit(Some(&who.person), AuditAction::RunStarted, format!("run:{id}"), what),
            id,
            environment: request.environment.clone(),
            workflow: request.workflow.clone(),
            workflow_name,
            owner: who.person.id.clone(),
            owner_name: who.person.name.clone(),
            door: request.door,
            key: request.key.clone(),
            input,
            status: RunStatus::Submitting,
            holder: self.inner.local_lease.id.clone(),
            at: self.inner.clock.now(),
            again_for: None,
        }
    }

    /// The run that a draft's key has started, if it has.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn run_by_key(
        &self,
        who: &Access,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        key: &str,
    ) -> Result<Option<RunSummary>, EngineError> {
        let used = self.run_of_key(who, environment, workflow, key).await?;
        Ok(used.map(|row| who.scope.projection.summary(row.summary)))
    }

    async fn run_of_key(
        &self,
        who: &Access,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        key: &str,
    ) -> Result<Option<RunRow>, EngineError> {
        Ok(self.inner.store.run_by_key(&who.person.id, environment, workflow, key).await?)
    }
}

/// `text` is the input as it will be stored and sent.
fn check_input(form: Option<&Form>, input: &Value, text: &str) -> Result<(), Problem> {
    let whole = |code, message: &str| {
        Err(Problem::Invalid(vec![FieldError { path: String::new(), code, message: message.to_owned() }]))
    };
    if !input.is_object() {
        return whole(ErrorCode::WrongType, "The input has to be a JSON object.");
    }
    // What cannot be read back could be stored, but neither sent nor shown.
    if payload(text).is_none() {
        return whole(ErrorCode::InvalidJson, "The input is nested too deeply.");
    }
    match form.map(|form| schema::validate(form, input)) {
        Some(errors) if !errors.is_empty() => Err(Problem::Invalid(errors)),
        _ => Ok(()),
    }
}

/// The order of an object's members makes no difference.
fn same_input(row: RunRow, input: &Value, projection: &Projection) -> Result<Started, EngineError> {
    if serde_json::from_str::<Value>(&row.input).is_ok_and(|stored| stored == *input) {
        Ok(Started { run: projection.summary(row.summary), new: false })
    } else {
        Err(Problem::KeyReused { run: row.summary.id }.into())
    }
}
