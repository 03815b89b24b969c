//! One list out of three: the instance, its skills, and what operators added.

use std::sync::Arc;

use codika::{CallError, CallErrorKind, wire};
use model::{Activity, InstanceState, Notice, WorkflowId, WorkflowSource};
use schema::{Form, FormCandidates, FormSource, SkillDoc, choose_form};

use crate::store::AddedWorkflow;

use super::{
    Entry,
    discovery::{Answers, Found},
};

/// Merges what was just answered with what earlier answers left in `answers`.
pub fn found(
    answers: &mut Answers,
    instance: Result<wire::Instance, CallError>,
    skills: Result<Vec<wire::Skill>, CallError>,
) -> Found {
    let mut notices = Vec::new();
    // An old answer is no reason to refuse a run.
    answers.state = instance.as_ref().ok().and_then(state);
    match instance.map(|instance| instance.deployment) {
        Ok(Some(deployment)) => answers.listed = Some(deployment.workflows),
        Ok(None) => notices.push(no_list()),
        Err(error) => notices.push(notice(LIST, &error, ADD_BY_ID)),
    }
    match skills {
        Ok(skills) => answers.skills = skills,
        Err(error) => {
            notices.push(notice(
                "The descriptions of workflows (skills) could not be read",
                &error,
                "Workflows run without them.",
            ));
        }
    }
    Found { notices, ..recalled(answers) }
}

/// From earlier answers alone.
pub fn recalled(answers: &Answers) -> Found {
    let listed = answers.listed.clone();
    let complete = listed.is_some();
    let entries = Arc::new(entries(listed.unwrap_or_default(), &answers.skills));
    Found {
        entries,
        notices: Vec::new(),
        state: answers.state.clone(),
        key_expires_at: answers.key_expires_at,
        complete,
    }
}

/// None when Codika has not said.
fn state(instance: &wire::Instance) -> Option<InstanceState> {
    let deployment = instance.deployment.as_ref().and_then(|deployment| deployment.deployment_status.as_deref());
    let activity = match (instance.archived, deployment, instance.is_active) {
        (Some(true), _, _) => Activity::Archived,
        (_, _, Some(false)) => Activity::Paused { reason: None },
        (_, Some("pending" | "deploying" | "updating"), _) => Activity::Deploying,
        (_, Some("failed"), _) => Activity::DeployFailed,
        (_, _, Some(true)) => Activity::Active,
        (_, _, None) => return None,
    };
    Some(InstanceState { activity, version: instance.current_version.clone() })
}

/// Before the first answer.
pub fn nothing() -> Arc<Found> {
    Arc::new(recalled(&Answers::default()))
}

const LIST: &str = "The list of workflows could not be read";
const ADD_BY_ID: &str = "Add a workflow by its id to run it all the same.";

/// A list that is not there is not an empty list.
fn no_list() -> Notice {
    Notice {
        title: LIST.to_owned(),
        why: "Codika's answer about the process instance does not hold it: nothing is deployed, or the key may not see it."
            .to_owned(),
        hint: ADD_BY_ID.to_owned(),
        warning: false,
    }
}

fn notice(title: &str, error: &CallError, hint: &str) -> Notice {
    let why = match error.kind {
        CallErrorKind::KeyRejected => "Codika does not accept this environment's key for it (401).".to_owned(),
        CallErrorKind::Forbidden => "This environment's key is not allowed to read it (403).".to_owned(),
        CallErrorKind::NotFound => "Codika says that it does not exist (404).".to_owned(),
        CallErrorKind::KeyMissing => "This environment has no key for it.".to_owned(),
        CallErrorKind::Timeout => "Codika did not answer in time.".to_owned(),
        CallErrorKind::Unreachable | CallErrorKind::Tls => "Codika could not be reached.".to_owned(),
        _ => format!("Codika answered with an error: {}", error.message),
    };
    Notice { title: title.to_owned(), why, hint: hint.to_owned(), warning: false }
}

fn entries(listed: Vec<wire::Workflow>, skills: &[wire::Skill]) -> Vec<Entry> {
    let mut entries: Vec<Entry> = listed
        .into_iter()
        .filter(is_startable)
        .filter_map(|workflow| {
            let id = WorkflowId::parse(workflow.workflow_id.as_str()).ok()?;
            let skill = skills.iter().find(|skill| skill.workflow_template_id == workflow.workflow_id);
            Some(from_instance(id, workflow, skill))
        })
        .collect();
    for skill in skills {
        let known = entries.iter().any(|entry| entry.id.as_str() == skill.workflow_template_id);
        if let (false, Ok(id)) = (known, WorkflowId::parse(skill.workflow_template_id.as_str())) {
            entries.push(from_skill(id, skill));
        }
    }
    entries
}

/// Sub-workflows, data ingestion and service events cannot be triggered from outside.
fn is_startable(workflow: &wire::Workflow) -> bool {
    let triggers = triggers(workflow);
    triggers.is_empty() || triggers.iter().any(|t| matches!(t.kind.as_str(), "http" | "schedule"))
}

fn triggers(workflow: &wire::Workflow) -> &[wire::Trigger] {
    workflow.triggers.as_deref().unwrap_or_default()
}

fn from_instance(id: WorkflowId, workflow: wire::Workflow, skill: Option<&wire::Skill>) -> Entry {
    let triggers = triggers(&workflow);
    let schema = triggers.iter().find(|t| t.kind == "http").and_then(|t| t.input_schema.as_ref());
    let trigger = schema.and_then(|schema| Form::parse(schema).ok());
    let scheduled = !triggers.is_empty() && triggers.iter().all(|t| t.kind == "schedule");
    let mut entry = match skill {
        Some(skill) => described(id, skill, trigger.as_ref()),
        None => {
            let form = choose_form(FormCandidates { trigger: trigger.as_ref(), ..FormCandidates::default() });
            Entry {
                form_source: form.as_ref().map_or(FormSource::None, |form| form.source),
                form: form.map(|form| form.form),
                ..Entry::by_id_only(&id)
            }
        }
    };
    if !workflow.workflow_name.trim().is_empty() {
        entry.name = workflow.workflow_name;
    }
    entry.source = WorkflowSource::Instance;
    entry.cost = workflow.cost.or(entry.cost);
    entry.scheduled |= scheduled;
    if scheduled && entry.form.is_none() {
        entry.form = Some(Form::default());
    }
    entry
}

fn from_skill(id: WorkflowId, skill: &wire::Skill) -> Entry {
    Entry { source: WorkflowSource::Skill, ..described(id, skill, None) }
}

fn described(id: WorkflowId, skill: &wire::Skill, trigger: Option<&Form>) -> Entry {
    let document = SkillDoc::parse(&skill.content_markdown);
    let form = choose_form(FormCandidates { trigger, skill: Some(&document), ..FormCandidates::default() });
    Entry {
        name: skill.name.clone(),
        description: skill.description.clone(),
        cost: document.cost,
        form_source: form.as_ref().map_or(FormSource::None, |form| form.source),
        form: form.map(|form| form.form),
        scheduled: document.scheduled,
        outputs: document.outputs,
        about: Some(document.body_markdown),
        ..Entry::by_id_only(&id)
    }
}

/// What operators added wins where it says something.
pub fn with_added(found: &[Entry], added: &[AddedWorkflow]) -> Vec<Entry> {
    let mut entries = found.to_vec();
    for workflow in added {
        let position = entries.iter().position(|entry| entry.id == workflow.id);
        let mut entry = match position {
            Some(at) => entries.remove(at),
            None => Entry::by_id_only(&workflow.id),
        };
        entry.added = true;
        entry.name.clone_from(&workflow.name);
        if !workflow.description.is_empty() {
            entry.description.clone_from(&workflow.description);
        }
        let schema = workflow.schema.as_deref().and_then(|text| serde_json::from_str(text).ok());
        if let Some(form) = schema.and_then(|value| Form::parse(&value).ok()) {
            entry.form = Some(form);
            entry.form_source = FormSource::Operator;
        }
        entries.insert(position.unwrap_or(entries.len()), entry);
    }
    entries
}
