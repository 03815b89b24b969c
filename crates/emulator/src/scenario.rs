//! Scenario files: the state an emulator starts with, as one JSON document.

use std::collections::{BTreeMap, HashSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{
    answers::Told,
    signature::key_bytes,
    workflows::{Trigger, Work, Workflow, utc},
    world::{SigningSecret, World},
};

/// What a scenario file may hold. Every member is optional.
///
/// ```json
/// {
///   "switches": { "restricted": true, "speed": 0.1 },
///   "faults": [{ "endpoint": "status", "next": 3, "status": 503 }],
///   "instances": { "019a0000-0000-7000-8000-00000000a001": { "is_active": false } },
///   "keys": [{ "key": "ck_…", "revoked": true }],
///   "demo": false,
///   "workflows": [
///     { "id": "my-flow", "name": "My flow", "endpoint": "my-flow", "input_schema": [] },
///     { "id": "told", "answers": [{ "duration_ms": 900, "result": { "n": 1 } }] }
///   ],
///   "signing_secrets": [{ "processInstanceId": "…", "workflowId": "text-summary", "secret": "whsec_…" }]
/// }
/// ```
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Scenario {
    /// Whether the demo workflows are there too; yes if absent.
    pub demo: bool,
    /// See [`crate::switches::Switches`]; the named ones change.
    pub switches: Map<String, Value>,
    /// As `POST /_emulator/faults` takes them.
    pub faults: Vec<Value>,
    pub instances: BTreeMap<String, InstanceChange>,
    pub keys: Vec<KeyChange>,
    pub signing_secrets: Vec<SigningSecret>,
    pub workflows: Vec<DeclaredWorkflow>,
}

impl Default for Scenario {
    fn default() -> Self {
        Self {
            demo: true,
            switches: Map::new(),
            faults: Vec::new(),
            instances: BTreeMap::new(),
            keys: Vec::new(),
            signing_secrets: Vec::new(),
            workflows: Vec::new(),
        }
    }
}

/// A workflow that plays its `answers`. Without that member it is carried out by n8n, or by whoever calls the
/// callbacks. One with the id of a demo workflow takes its place.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DeclaredWorkflow {
    pub id: String,
    pub name: Option<String>,
    #[serde(default)]
    pub cost: f64,
    #[serde(default)]
    pub integrations: Vec<String>,
    /// The form of its `http` trigger.
    #[serde(default)]
    pub input_schema: Value,
    /// If present the workflow has a schedule instead of an `http` trigger.
    pub schedule: Option<Schedule>,
    /// All triggers as *get instance* shows them, instead of the two members above.
    pub triggers: Option<Vec<Trigger>>,
    /// What becomes of its executions.
    pub answers: Option<Vec<Told>>,
    /// Its `SKILL.md`.
    pub skill: Option<String>,
    /// The last segment of its webhook in n8n; the id if absent.
    pub endpoint: Option<String>,
}

/// When a scheduled workflow runs. The emulator shows it and never starts it by itself.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Schedule {
    pub cron: String,
    #[serde(default = "utc")]
    pub timezone: String,
}

impl From<DeclaredWorkflow> for Workflow {
    fn from(declared: DeclaredWorkflow) -> Self {
        let input_schema = declared.input_schema;
        let trigger = match declared.schedule {
            Some(Schedule { cron, timezone }) => Trigger::Schedule { cron, timezone },
            None => Trigger::Http { input_schema },
        };
        Self {
            name: declared.name.unwrap_or_else(|| declared.id.clone()),
            cost: declared.cost,
            integrations: declared.integrations,
            triggers: declared.triggers.unwrap_or_else(|| vec![trigger]),
            skill: declared.skill,
            work: declared.answers.map(|answers| Work::Answers(answers.into())),
            endpoint: declared.endpoint.or_else(|| Some(declared.id.clone())),
            id: declared.id,
        }
    }
}

/// What may be changed about an instance; absent members stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstanceChange {
    /// With it, an id that is not known yet becomes a new instance of the demo organization.
    pub environment: Option<String>,
    /// The instance key that opens it from now on.
    pub instance_key: Option<String>,
    pub is_active: Option<bool>,
    pub archived: Option<bool>,
    pub deployment_status: Option<String>,
    pub inactive_reason: Option<String>,
    pub title: Option<String>,
    pub current_version: Option<String>,
}

/// What may be changed about a key; absent members stay as they are.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KeyChange {
    pub key: String,
    pub revoked: Option<bool>,
    /// Milliseconds since the Unix epoch.
    pub expires_at_ms: Option<i64>,
    pub scopes: Option<Vec<String>>,
}

/// Why a change was refused.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    #[error("there is no instance {0}; with \"environment\" it becomes a new one")]
    NoInstance(String),
    #[error("there is no key that begins with '{0}'")]
    NoKey(String),
    #[error("{0}")]
    Wrong(String),
}

/// Changes an instance, or makes one.
///
/// # Errors
/// When there is none with this id and no environment for a new one, or a state does not exist.
pub fn change_instance(world: &mut World, id: &str, change: InstanceChange) -> Result<(), ChangeError> {
    const STATES: [&str; 5] = ["pending", "deploying", "deployed", "updating", "failed"];
    if let Some(state) = change.deployment_status.as_deref().filter(|state| !STATES.contains(state)) {
        let known = STATES.join(", ");
        return Err(ChangeError::Wrong(format!("deployment_status is one of {known}, not '{state}'")));
    }
    if world.instance(id).is_none()
        && let Some(environment) = &change.environment
    {
        world.add(id, environment);
    }
    if world.instance(id).is_some()
        && let Some(key) = &change.instance_key
        && !world.open_with(id, key)
    {
        return Err(ChangeError::Wrong("another key is spelled like this instance_key".to_owned()));
    }
    let Some(instance) = world.instances.iter_mut().find(|instance| instance.id == id) else {
        return Err(ChangeError::NoInstance(id.to_owned()));
    };
    set(&mut instance.environment, change.environment);
    if let Some(is_active) = change.is_active {
        instance.is_active = is_active;
        instance.inactive_reason = (!is_active).then(|| "user_paused".to_owned());
    }
    if change.inactive_reason.is_some() {
        instance.inactive_reason = change.inactive_reason;
    }
    instance.archived = change.archived.unwrap_or(instance.archived);
    set(&mut instance.deployment_status, change.deployment_status);
    set(&mut instance.title, change.title);
    set(&mut instance.version, change.current_version);
    Ok(())
}

/// Changes a key.
///
/// # Errors
/// When there is no such key.
pub fn change_key(world: &mut World, change: KeyChange) -> Result<(), ChangeError> {
    let Some(key) = world.keys.iter_mut().find(|key| key.secret == change.key) else {
        return Err(ChangeError::NoKey(change.key.chars().take(12).collect()));
    };
    key.revoked = change.revoked.unwrap_or(key.revoked);
    key.expires_at = change.expires_at_ms.or(key.expires_at);
    set(&mut key.scopes, change.scopes);
    Ok(())
}

/// Stores another signing secret.
///
/// # Errors
/// When it is no base64: then no signature could fit.
pub fn add_secret(world: &mut World, secret: SigningSecret) -> Result<(), ChangeError> {
    if key_bytes(&secret.secret).is_none() {
        let about = "a signing secret is base64, with or without 'whsec_' before it".to_owned();
        return Err(ChangeError::Wrong(about));
    }
    world.signing_secrets.push(secret);
    Ok(())
}

/// Refuses two workflows with one id: only one of them could run.
///
/// # Errors
/// When an id is empty or occurs twice.
pub fn check_ids(workflows: &[DeclaredWorkflow]) -> Result<(), ChangeError> {
    let mut ids = HashSet::new();
    for DeclaredWorkflow { id, .. } in workflows {
        if id.is_empty() || !ids.insert(id) {
            return Err(ChangeError::Wrong(format!("workflow ids are unique and not empty, unlike '{id}'")));
        }
    }
    Ok(())
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
