//! Submitting, reading and settling runs.

use model::{Cursor, Door, EnvSlug, Page, Principal, Run, RunId, RunStatus, RunSummary, WorkflowId};
use schema::ResultView;
use serde_json::{Map, Value};

use crate::{
    Engine, EngineError, Problem, explain, ids,
    policy::{self, Act},
    stats,
    store::{Applied, Attempt, Created, Event, NewRun, RunFilter, RunRow, Set, Transition},
};

/// Longest idempotency key, in bytes.
const MAX_KEY: usize = 200;
const MAX_PAGE: u32 = 100;

/// One submission by one person.
#[derive(Clone, Debug)]
pub struct StartRun {
    pub environment: EnvSlug,
    pub workflow: WorkflowId,
    pub input: Value,
    /// The idempotency key: the draft's key from the form's URL, or the REST header.
    pub key: String,
    pub door: Door,
}

#[derive(Clone, Debug)]
pub struct Started {
    pub run: RunSummary,
    /// `false` when this key had already started it.
    pub new: bool,
}

/// Which runs to list.
#[derive(Clone, Debug, Default)]
pub struct RunQuery {
    pub environment: Option<EnvSlug>,
    pub workflow: Option<WorkflowId>,
    pub status: Vec<RunStatus>,
    pub after: Option<Cursor>,
    pub limit: Option<u32>,
}

impl Engine {
    /// Stores a run durably and hands it to the dispatcher; does not wait for Codika.
    ///
    /// # Errors
    /// [`Problem`]s of the input, the rights and the limits; nothing is stored or sent then.
    pub async fn start_run(&self, who: &Principal, request: StartRun) -> Result<Started, EngineError> {
        policy::check(who, Act::Run)?;
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
            return same_input(row, &input);
        }
        let workflow = self.workflow_entry(&request.environment, &request.workflow).await?;
        if !request.input.is_object() {
            let error = schema::FieldError {
                path: String::new(),
                code: schema::ErrorCode::WrongType,
                message: "The input has to be a JSON object.".to_owned(),
            };
            return Err(Problem::Invalid(vec![error]).into());
        }
        if let Some(form) = &workflow.form {
            let errors = schema::validate(form, &request.input);
            if !errors.is_empty() {
                return Err(Problem::Invalid(errors).into());
            }
        }
        let now = self.inner.clock.now();
        if request.door == Door::Dashboard {
            self.inner
                .limiter
                .admit(&who.id, self.inner.limits.runs_per_minute, now)
                .map_err(|retry_after_s| Problem::TooManyRuns { retry_after_s })?;
        }
        let id = ids::run();
        let new = NewRun {
            event: Event { kind: "submitted", text: format!("Submitted by {}.", who.name) },
            audit: self.audit(
                Some(who),
                "run.started",
                format!("run:{id}"),
                format!("{} in {}", request.workflow, request.environment),
            ),
            id,
            environment: request.environment,
            workflow: request.workflow,
            workflow_name: workflow.name,
            owner: who.id.clone(),
            owner_name: who.name.clone(),
            door: request.door,
            key: request.key,
            input: input.clone(),
            status: RunStatus::Submitting,
            at: now,
        };
        match self.inner.store.create_run(new).await? {
            Created::New(row) => {
                self.announce(&row, "submitted");
                self.dispatch(row.clone());
                Ok(Started { run: row.summary, new: true })
            }
            Created::Existing(row) => same_input(row, &input),
        }
    }

    /// The run that a draft's key has started, if it has.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn run_by_key(
        &self,
        who: &Principal,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        key: &str,
    ) -> Result<Option<RunSummary>, EngineError> {
        Ok(self.run_of_key(who, environment, workflow, key).await?.map(|row| row.summary))
    }

    /// A run with all that its page shows.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run(&self, who: &Principal, id: &RunId) -> Result<Run, EngineError> {
        let row = self.visible(who, id).await?;
        let summary = row.summary;
        let events = self.inner.store.events(id).await?;
        let bytes = if row.result_bytes.is_some() { self.inner.store.result(id).await? } else { None };
        let recent = self.inner.store.recent(&summary.environment, &summary.workflow, stats::WINDOW).await?;
        let known = self.known_workflow(&summary.environment, &summary.workflow).await;
        let outputs = known.as_ref().map_or(&[][..], |workflow| &workflow.outputs);
        let result = bytes.as_deref().map(|bytes| view(bytes, outputs));
        Ok(Run {
            input: serde_json::from_str(&row.input).unwrap_or(Value::Null),
            form: known.and_then(|workflow| workflow.form),
            result,
            result_bytes: row.result_bytes,
            events,
            usual: stats::usual(&recent),
            now: self.inner.clock.now(),
            summary,
        })
    }

    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_summary(&self, who: &Principal, id: &RunId) -> Result<RunSummary, EngineError> {
        Ok(self.visible(who, id).await?.summary)
    }

    /// The input a run was submitted with.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_input(&self, who: &Principal, id: &RunId) -> Result<Value, EngineError> {
        let row = self.visible(who, id).await?;
        Ok(serde_json::from_str(&row.input).unwrap_or(Value::Null))
    }

    /// The result as Codika sent it, byte for byte.
    ///
    /// # Errors
    /// [`Problem::NoSuchRun`] also for runs of others.
    pub async fn run_result(&self, who: &Principal, id: &RunId) -> Result<Option<Vec<u8>>, EngineError> {
        self.visible(who, id).await?;
        Ok(self.inner.store.result(id).await?)
    }

    /// Newest first; a member sees only their own.
    ///
    /// # Errors
    /// [`Problem::BadValue`] for a cursor that is not ours.
    pub async fn runs(&self, who: &Principal, query: RunQuery) -> Result<Page<RunSummary>, EngineError> {
        if let Some(cursor) = &query.after {
            RunId::parse(cursor.as_str()).map_err(|_| Problem::BadValue("This page mark is not valid.".to_owned()))?;
        }
        let filter = RunFilter {
            owner: (!policy::allows(who, Act::SeeAllRuns)).then(|| who.id.clone()),
            environment: query.environment,
            workflow: query.workflow,
            status: query.status,
            after: query.after,
            limit: query.limit.unwrap_or(50).clamp(1, MAX_PAGE),
        };
        let page = self.inner.store.runs(&filter).await?;
        Ok(Page { items: page.items.into_iter().map(|row| row.summary).collect(), next: page.next })
    }

    /// Stops asking Codika about a run. The run itself goes on there: Codika cannot stop it.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless it is pending.
    pub async fn stop_watching(&self, who: &Principal, id: &RunId) -> Result<RunSummary, EngineError> {
        let row = self.visible(who, id).await?;
        let step = Step {
            from: &[RunStatus::Pending],
            to: RunStatus::Stalled,
            action: "run.watch_stopped",
            kind: "watch_stopped",
            text: format!("{} stopped waiting for the answer.", who.name),
            set: Set { error: Some(Some(explain::stopped_watching())), ..Set::default() },
            attempt: None,
        };
        let row = self.settle(who, row, step).await?;
        self.inner.watcher.forget(id.clone()).await;
        Ok(row.summary)
    }

    /// Asks Codika again about a run whose watching ended without an answer.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless it is stalled and has an execution id.
    pub async fn resume_watching(&self, who: &Principal, id: &RunId) -> Result<RunSummary, EngineError> {
        let row = self.visible(who, id).await?;
        if row.summary.execution_id.is_none() {
            return Err(Problem::WrongState(row.summary.status.label()).into());
        }
        let step = Step {
            from: &[RunStatus::Stalled],
            to: RunStatus::Pending,
            action: "run.watch_resumed",
            kind: "watch_resumed",
            text: format!("{} asked for the answer again.", who.name),
            set: Set { error: Some(None), ..Set::default() },
            attempt: None,
        };
        let row = self.settle(who, row, step).await?;
        self.inner.watcher.watch(row.clone()).await;
        Ok(row.summary)
    }

    /// Sends a run again of which no byte has reached Codika: a new attempt of the same run.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless it was not sent.
    pub async fn send_again(&self, who: &Principal, id: &RunId) -> Result<RunSummary, EngineError> {
        policy::check(who, Act::Run)?;
        let row = self.visible(who, id).await?;
        let step = Step {
            from: &[RunStatus::NotSent],
            to: RunStatus::Submitting,
            action: "run.sent_again",
            kind: "sent_again",
            text: format!("Sent again by {}.", who.name),
            set: Set { error: Some(None), ..Set::default() },
            attempt: Some(Attempt::Open),
        };
        let row = self.settle(who, row, step).await?;
        self.dispatch(row.clone());
        Ok(row.summary)
    }

    /// A named person says that an unconfirmed run did not start.
    ///
    /// # Errors
    /// [`Problem::WrongState`] unless it is unconfirmed.
    pub async fn mark_not_started(&self, who: &Principal, id: &RunId) -> Result<RunSummary, EngineError> {
        policy::check(who, Act::Run)?;
        let row = self.visible(who, id).await?;
        let step = Step {
            from: &[RunStatus::Unconfirmed],
            to: RunStatus::NotSent,
            action: "run.marked_not_started",
            kind: "marked_not_started",
            text: format!("{} checked with Codika and says that it did not start.", who.name),
            set: Set { error: Some(Some(explain::said_not_started(&who.name))), ..Set::default() },
            attempt: None,
        };
        self.settle(who, row, step).await.map(|row| row.summary)
    }

    /// How many runs under way this person may see.
    ///
    /// # Errors
    /// Only when the database cannot be read.
    pub async fn moving(&self, who: &Principal) -> Result<usize, EngineError> {
        let moving = self.inner.store.moving_runs().await?;
        Ok(moving.iter().filter(|row| policy::allows(who, Act::Touch(&row.summary.owner))).count())
    }

    async fn settle(&self, who: &Principal, row: RunRow, step: Step) -> Result<RunRow, EngineError> {
        let id = row.summary.id;
        let transition = Transition {
            epoch: row.epoch,
            from: step.from,
            to: step.to,
            at: self.inner.clock.now(),
            set: step.set,
            attempt: step.attempt,
            event: Event { kind: step.kind, text: step.text },
            audit: Some(self.audit(Some(who), step.action, format!("run:{id}"), String::new())),
            run: id.clone(),
        };
        match self.apply(transition).await? {
            Applied::Yes(row) => Ok(row),
            Applied::Stale | Applied::ExecutionTaken => {
                let row = self.inner.store.run(&id).await?.ok_or(Problem::NoSuchRun)?;
                Err(Problem::WrongState(row.summary.status.label()).into())
            }
        }
    }

    /// Commits a transition and tells every listener of it.
    pub(crate) async fn apply(&self, transition: Transition) -> Result<Applied, EngineError> {
        let kind = transition.event.kind;
        let applied = self.inner.store.apply(transition).await?;
        if let Applied::Yes(row) = &applied {
            self.announce(row, kind);
        }
        Ok(applied)
    }

    fn announce(&self, row: &RunRow, kind: &str) {
        // Fails only while nobody listens.
        let _ =
            self.inner.events.send(model::LiveEvent { run: row.summary.clone(), seq: row.seq, kind: kind.to_owned() });
    }

    async fn run_of_key(
        &self,
        who: &Principal,
        environment: &EnvSlug,
        workflow: &WorkflowId,
        key: &str,
    ) -> Result<Option<RunRow>, EngineError> {
        Ok(self.inner.store.run_by_key(&who.id, environment, workflow, key).await?)
    }

    async fn visible(&self, who: &Principal, id: &RunId) -> Result<RunRow, EngineError> {
        let row = self.inner.store.run(id).await?.ok_or(Problem::NoSuchRun)?;
        // Others' runs look like runs that do not exist.
        policy::check(who, Act::Touch(&row.summary.owner)).map_err(|_| Problem::NoSuchRun)?;
        Ok(row)
    }
}

struct Step {
    from: &'static [RunStatus],
    to: RunStatus,
    action: &'static str,
    kind: &'static str,
    text: String,
    set: Set,
    attempt: Option<Attempt>,
}

fn same_input(row: RunRow, input: &str) -> Result<Started, EngineError> {
    if row.input == input {
        Ok(Started { run: row.summary, new: false })
    } else {
        Err(Problem::KeyReused { run: row.summary.id }.into())
    }
}

fn view(bytes: &[u8], outputs: &[schema::OutputField]) -> ResultView {
    match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => ResultView::build(&value, outputs, &crate::to_html),
        // Kept as it came; what cannot be read as JSON is shown as text.
        Err(_) => {
            let text = Value::String(String::from_utf8_lossy(bytes).into_owned());
            ResultView::build(&text, &[], &crate::to_html)
        }
    }
}

/// The object Codika is sent; a run is stored only with an object as input.
pub(crate) fn payload(row: &RunRow) -> Map<String, Value> {
    serde_json::from_str(&row.input).unwrap_or_default()
}
