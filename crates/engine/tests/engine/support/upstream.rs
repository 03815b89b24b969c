//! A Codika that answers by script and counts what it is asked.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard},
    time::Duration,
};

use async_trait::async_trait;
use bytes::Bytes;
use codika::{
    CallError, CallErrorKind, ExecutionId, StatusReply, TriggerOutcome,
    wire::{Instance, InstanceSummary, KeyInfo, ListedExecution, Skill, StatusWord},
};
use engine::Upstream;
use model::WorkflowId;
use serde_json::{Map, Value, json};
use tokio::time::{Instant, sleep};

/// What one trigger call does.
pub enum Trigger {
    Answer(TriggerOutcome),
    After(Duration, TriggerOutcome),
    Hang,
    Panic,
}

/// What one status call does.
#[derive(Clone)]
pub enum Status {
    Answer(Result<StatusReply, CallError>),
    After(Duration, StatusReply),
    Hang,
    Panic,
}

#[derive(Default)]
pub struct Script(Mutex<State>);

struct State {
    triggers: VecDeque<Trigger>,
    statuses: VecDeque<Status>,
    /// Every status call behind the scripted ones.
    then: Status,
    instance: Result<Instance, CallError>,
    skills: Result<Vec<Skill>, CallError>,
    /// How long instance and skills take to answer.
    slow: Duration,
    executions: Result<Vec<ListedExecution>, CallError>,
    instances: Result<Vec<InstanceSummary>, CallError>,
    key_info: Result<KeyInfo, CallError>,
    instance_key: Result<(), CallError>,
    triggered: Vec<Value>,
    asked: Vec<Instant>,
    lists_read: usize,
    paths_unverified: bool,
    preparing: Duration,
    reach: Duration,
}

impl Default for State {
    fn default() -> Self {
        Self {
            triggers: VecDeque::new(),
            statuses: VecDeque::new(),
            then: Status::Answer(Ok(pending())),
            instance: Ok(instance(json!([{
                "workflowId": "text-summary",
                "workflowName": "Summarise a text",
                "triggers": [{"type": "http", "inputSchema": [
                    {"key": "text", "type": "text", "label": "Text", "required": true, "maxLength": 20},
                    {"key": "words", "type": "number", "label": "Words"},
                ]}],
            }]))),
            skills: Ok(Vec::new()),
            slow: Duration::ZERO,
            executions: Ok(Vec::new()),
            instances: Ok(Vec::new()),
            key_info: Err(call_error(CallErrorKind::KeyMissing)),
            instance_key: Ok(()),
            triggered: Vec::new(),
            asked: Vec::new(),
            lists_read: 0,
            paths_unverified: false,
            preparing: Duration::ZERO,
            reach: Duration::ZERO,
        }
    }
}

impl Script {
    /// The next trigger calls; behind them every call is accepted with an execution of its own.
    pub fn triggers(&self, calls: impl IntoIterator<Item = Trigger>) {
        self.state().triggers.extend(calls);
    }

    pub fn trigger(&self, outcome: TriggerOutcome) {
        self.triggers([Trigger::Answer(outcome)]);
    }

    /// The next status calls; behind them it goes on with [`Script::then`], at first `pending`.
    pub fn statuses(&self, calls: impl IntoIterator<Item = Status>) {
        self.state().statuses.extend(calls);
    }

    pub fn then(&self, always: Status) {
        self.state().then = always;
    }

    pub fn then_done(&self) {
        self.then(Status::Answer(Ok(done(r#"{"summary":"hi"}"#))));
    }

    pub fn lists(&self, instance: Result<Instance, CallError>, skills: Result<Vec<Skill>, CallError>) {
        let mut state = self.state();
        (state.instance, state.skills) = (instance, skills);
    }

    pub fn slow(&self, duration: Duration) {
        self.state().slow = duration;
    }

    /// What Codika lists as the executions of any workflow.
    pub fn executions(&self, listed: Value) {
        self.state().executions = Ok(serde_json::from_value(listed).expect("a list"));
    }

    /// What verify says about the organization key.
    pub fn key_info(&self, info: Result<Value, CallError>) {
        self.state().key_info = info.map(|info| serde_json::from_value(info).expect("what verify answers"));
    }

    pub fn instance_key(&self, accepted: Result<(), CallError>) {
        self.state().instance_key = accepted;
    }

    /// What Codika lists as the organization's instances.
    pub fn instances(&self, listed: Result<Value, CallError>) {
        self.state().instances = listed.map(|listed| serde_json::from_value(listed).expect("a list"));
    }

    pub fn no_executions(&self, error: CallError) {
        self.state().executions = Err(error);
    }

    /// How long it takes until a trigger can be sent, and then until its first byte is written.
    pub fn hesitates(&self, preparing: Duration, reach: Duration) {
        let mut state = self.state();
        (state.preparing, state.reach) = (preparing, reach);
    }

    /// The payloads of all trigger calls so far.
    pub fn triggered(&self) -> Vec<Value> {
        self.state().triggered.clone()
    }

    /// How many status calls there were.
    pub fn polls(&self) -> usize {
        self.state().asked.len()
    }

    /// The pauses between the status calls, in milliseconds.
    pub fn pauses(&self) -> Vec<u128> {
        self.state().asked.windows(2).map(|pair| (pair[1] - pair[0]).as_millis()).collect()
    }

    pub fn verifies_paths(&self, verified: bool) {
        self.state().paths_unverified = !verified;
    }

    pub fn lists_read(&self) -> usize {
        self.state().lists_read
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test panics while it holds this")
    }
}

#[async_trait]
impl Upstream for Script {
    async fn prepare(&self) {
        let wait = self.state().preparing;
        sleep(wait).await;
    }

    fn reach(&self) -> Duration {
        self.state().reach
    }

    async fn trigger(&self, _: &WorkflowId, payload: &Map<String, Value>) -> TriggerOutcome {
        let (number, next) = {
            let mut state = self.state();
            state.triggered.push(Value::Object(payload.clone()));
            (state.triggered.len(), state.triggers.pop_front())
        };
        match next {
            None => accepted(&format!("exec-{number}")),
            Some(Trigger::Answer(outcome)) => outcome,
            Some(Trigger::After(wait, outcome)) => {
                sleep(wait).await;
                outcome
            }
            Some(Trigger::Hang) => std::future::pending().await,
            Some(Trigger::Panic) => panic!("scripted"),
        }
    }

    async fn status(&self, _: &ExecutionId) -> Result<StatusReply, CallError> {
        let next = {
            let mut state = self.state();
            state.asked.push(Instant::now());
            state.statuses.pop_front().unwrap_or_else(|| state.then.clone())
        };
        match next {
            Status::Answer(answer) => answer,
            Status::After(wait, reply) => {
                sleep(wait).await;
                Ok(reply)
            }
            Status::Hang => std::future::pending().await,
            Status::Panic => panic!("scripted"),
        }
    }

    async fn executions(&self, _: &WorkflowId) -> Result<Vec<ListedExecution>, CallError> {
        self.state().executions.clone()
    }

    fn paths_verified(&self) -> bool {
        !self.state().paths_unverified
    }

    async fn instance(&self) -> Result<Instance, CallError> {
        let (wait, answer) = {
            let mut state = self.state();
            state.lists_read += 1;
            (state.slow, state.instance.clone())
        };
        sleep(wait).await;
        answer
    }

    async fn instances(&self) -> Result<Vec<InstanceSummary>, CallError> {
        self.state().instances.clone()
    }

    async fn key_info(&self) -> Result<KeyInfo, CallError> {
        self.state().key_info.clone()
    }

    async fn check_instance_key(&self) -> Result<(), CallError> {
        self.state().instance_key.clone()
    }

    async fn skills(&self) -> Result<Vec<Skill>, CallError> {
        let (wait, answer) = {
            let state = self.state();
            (state.slow, state.skills.clone())
        };
        sleep(wait).await;
        answer
    }
}

pub fn execution(id: &str) -> ExecutionId {
    ExecutionId::parse(id).expect("an execution id")
}

pub fn accepted(id: &str) -> TriggerOutcome {
    TriggerOutcome::Accepted { execution_id: execution(id), warning: None, request_id: None }
}

pub fn instance(workflows: Value) -> Instance {
    let reply = json!({"processInstanceId": "instance-1", "deployment": {"workflows": workflows}});
    serde_json::from_value(reply).expect("an instance")
}

pub fn word(status: &str) -> StatusReply {
    let word = StatusWord::new(status);
    StatusReply {
        state: word.state(),
        word,
        execution_id: None,
        created_at: None,
        duration_ms: None,
        result: None,
        error_details: None,
    }
}

pub fn pending() -> StatusReply {
    word("pending")
}

pub fn done(result: &str) -> StatusReply {
    StatusReply { result: Some(Bytes::copy_from_slice(result.as_bytes())), duration_ms: Some(1234), ..word("success") }
}

pub fn call_error(kind: CallErrorKind) -> CallError {
    CallError {
        kind,
        message: "Codika's own words".to_owned(),
        code: "CODE".to_owned(),
        request_id: Some("req-1".to_owned()),
        status: None,
        from_api: true,
    }
}
