//! The workflows of the demo process. Each really computes on its input.

mod always_fails;
mod enrich_company;
mod every_field;
mod file_output;
mod inbox_triage;
mod invoice_total;
mod lead_score;
mod never_answers;
mod sized_result;
mod slow_report;
mod table_profile;
mod text_summary;
mod weekly_digest;

use futures::future::BoxFuture;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    answers::Answers,
    run::{Outcome, Run},
};

/// The code of a demo workflow.
pub type Code = for<'a> fn(&'a mut Run) -> BoxFuture<'a, Outcome>;

/// How this process carries a workflow out.
#[derive(Clone)]
pub enum Work {
    Code(Code),
    /// It plays what a scenario tells.
    Answers(Answers),
}

/// What starts a workflow, in the platform's spelling.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Trigger {
    Http {
        #[serde(default, skip_serializing_if = "Value::is_null")]
        input_schema: Value,
    },
    Schedule {
        #[serde(rename = "cronExpression")]
        cron: String,
        #[serde(default = "utc")]
        timezone: String,
    },
    ServiceEvent {
        service: String,
        event_type: String,
    },
    Subworkflow {
        #[serde(default, skip_serializing_if = "Value::is_null")]
        input_schema: Value,
    },
    DataIngestion,
}

/// The time zone of schedules that name none.
pub fn utc() -> String {
    "UTC".to_owned()
}

/// One workflow of the process.
#[derive(Clone)]
pub struct Workflow {
    pub id: String,
    pub name: String,
    /// Credits per execution.
    pub cost: f64,
    pub integrations: Vec<String>,
    pub triggers: Vec<Trigger>,
    /// The author's `SKILL.md`.
    pub skill: Option<String>,
    /// Absent if somebody else carries the workflow out.
    pub work: Option<Work>,
    /// The last segment of its webhook in n8n.
    pub endpoint: Option<String>,
}

impl Workflow {
    /// A workflow with one `http` trigger, as most are.
    fn http(id: &str, name: &str, input_schema: Value, skill: &str, work: Code) -> Self {
        Self {
            id: id.to_owned(),
            name: name.to_owned(),
            cost: 1.0,
            integrations: Vec::new(),
            triggers: vec![Trigger::Http { input_schema }],
            skill: Some(skill.to_owned()),
            work: Some(Work::Code(work)),
            endpoint: None,
        }
    }

    fn costs(self, cost: f64) -> Self {
        Self { cost, ..self }
    }

    fn uses(mut self, integration: &str) -> Self {
        self.integrations.push(integration.to_owned());
        self
    }

    /// Whether the trigger endpoint takes it: by HTTP, or run by hand ahead of its schedule.
    #[must_use]
    pub fn is_triggerable(&self) -> bool {
        self.triggers.iter().any(|trigger| matches!(trigger, Trigger::Http { .. } | Trigger::Schedule { .. }))
    }

    /// Whether this process carries it out.
    #[must_use]
    pub const fn is_demo(&self) -> bool {
        self.work.is_some()
    }

    /// The id of its `index`-th trigger, shaped like a version 4 UUID.
    #[must_use]
    pub fn trigger_id(&self, index: usize) -> String {
        let digest = Sha256::digest(format!("trigger {} {index}", self.id));
        let mut bytes = [0; 16];
        bytes.copy_from_slice(&digest[..16]);
        uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
    }

    /// The id of its copy in n8n, which differs from instance to instance.
    #[must_use]
    pub fn n8n_id(&self, instance: &str) -> String {
        const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        Sha256::digest(format!("n8n {instance} {}", self.id))
            .iter()
            .take(16)
            .map(|byte| char::from(ALPHABET[usize::from(*byte) % ALPHABET.len()]))
            .collect()
    }
}

/// All workflows of the process, in the author's order.
#[derive(Clone, Default)]
pub struct Catalogue(Vec<Workflow>);

impl Catalogue {
    /// The demo workflows.
    #[must_use]
    pub fn demo() -> Self {
        Self(vec![
            text_summary::workflow(),
            table_profile::workflow(),
            lead_score::workflow(),
            invoice_total::workflow(),
            every_field::workflow(),
            file_output::workflow(),
            sized_result::workflow(),
            weekly_digest::workflow(),
            slow_report::workflow(),
            always_fails::workflow(),
            never_answers::workflow(),
            enrich_company::workflow(),
            inbox_triage::workflow(),
        ])
    }

    /// Adds a workflow; one with the same id gives way.
    pub fn add(&mut self, workflow: Workflow) {
        match self.0.iter_mut().find(|known| known.id == workflow.id) {
            Some(known) => *known = workflow,
            None => self.0.push(workflow),
        }
    }

    /// The workflow with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&Workflow> {
        self.0.iter().find(|workflow| workflow.id == id)
    }

    /// All of them.
    pub fn iter(&self) -> std::slice::Iter<'_, Workflow> {
        self.0.iter()
    }
}
