//! The start page: what there is, and what happens.

use axum::{
    Router,
    extract::State as Shared,
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
    routing::get,
};

use serde_json::{Value, json};

use crate::{
    config::described,
    control::latest,
    fixtures, read,
    skill::{example, frontmatter},
    state::State,
    workflows::{Trigger, Workflow},
};

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
const SHOWN: usize = 15;

/// `/`, and the icon that browsers ask for: there is none.
pub fn routes() -> Router<State> {
    Router::new().route("/", get(start)).route("/favicon.ico", get(async || StatusCode::NO_CONTENT))
}

async fn start(Shared(state): Shared<State>) -> Response {
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    (no_store, Html(render(&state))).into_response()
}

/// An instance that somebody would want to use, with the keys that open it.
struct Place {
    environment: String,
    title: String,
    instance: String,
    instance_key: Option<String>,
    org_key: &'static str,
    active: bool,
}

/// The two demo instances, and those of a scenario. The others are there to refuse.
fn places(state: &State) -> Vec<Place> {
    let world = read(&state.world);
    let refusing = [fixtures::PAUSED_INSTANCE, fixtures::ARCHIVED_INSTANCE, fixtures::FAILED_INSTANCE];
    let ours = world.instances.iter().filter(|instance| instance.organization == fixtures::ORGANIZATION);
    ours.filter(|instance| !refusing.contains(&instance.id.as_str()))
        .map(|instance| Place {
            environment: instance.environment.clone(),
            title: instance.title.clone(),
            instance: instance.id.clone(),
            instance_key: world.key_of(&instance.id).map(str::to_owned),
            org_key: if instance.id == fixtures::PROD_INSTANCE {
                fixtures::PROD_ORG_KEY
            } else {
                fixtures::DEV_ORG_KEY
            },
            active: instance.is_healthy(),
        })
        .collect()
}

impl Place {
    fn is_demo(&self) -> bool {
        [fixtures::DEV_INSTANCE, fixtures::PROD_INSTANCE].contains(&self.instance.as_str())
    }

    fn card(&self) -> String {
        let title = if self.is_demo() { String::new() } else { format!("{}, ", self.title) };
        let state = if self.active { "" } else { " (not active)" };
        let instance_key = self.instance_key.as_deref().unwrap_or("none");
        format!(
            "<li><h3>{}{}{state}</h3><dl><dt>Process instance</dt><dd><code>{}</code></dd><dt>Instance key</dt>\
             <dd><code>{}</code></dd><dt>Organization key</dt><dd><code>{}</code></dd></dl></li>",
            escape(&title),
            escape(&self.environment),
            escape(&self.instance),
            escape(instance_key),
            self.org_key,
        )
    }
}

fn render(state: &State) -> String {
    let config = described(state);
    let places = places(state);
    // A scenario with an instance of its own is about that one.
    let mine = places.iter().find(|place| !place.is_demo() && place.instance_key.is_some()).or_else(|| places.first());
    let (name, instance, key) = mine.map_or_else(Default::default, |place| {
        let name = if place.is_demo() { &place.environment } else { &place.title };
        (name.as_str(), place.instance.as_str(), place.instance_key.as_deref().unwrap_or_default())
    });
    let executions = latest(state, SHOWN);
    let counts = state.ledger.view(0)["counts"].take();
    let faults = state.faults.view().iter().filter(|fault| fault["waiting"] == true).count();
    let example = state
        .catalogue
        .iter()
        .find_map(|workflow| Some((workflow.id.as_str(), payload_of(workflow)?)))
        .unwrap_or(("my-workflow", "{\"payload\":{}}".to_owned()));
    fill(&[
        ("style", STYLE.to_owned()),
        ("script", SCRIPT.to_owned()),
        ("base", escape(&config.base_url)),
        ("notes", notes(state)),
        ("triggers", counts["triggers"].to_string()),
        ("polls", counts["polls"].to_string()),
        ("faults", faults.to_string()),
        ("executions", executions.iter().map(execution_row).collect()),
        ("none", if executions.is_empty() { String::new() } else { " hidden".to_owned() }),
        ("workflows", state.catalogue.iter().map(|workflow| workflow_card(workflow, instance, key)).collect()),
        ("places", places.iter().map(Place::card).collect()),
        ("place", escape(name)),
        ("instance", escape(instance)),
        ("key", escape(key)),
        ("example_workflow", escape(example.0)),
        // A quote would end the shell's.
        ("example", escape(&example.1.replace('\'', "\\u0027"))),
    ])
}

/// The page with `{{name}}` replaced; what was put in is not looked at again.
fn fill(values: &[(&str, String)]) -> String {
    let mut pieces = PAGE.split("{{");
    let mut page = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (name, rest) = piece.split_once("}}").unwrap_or_default();
        let value = values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value);
        page.push_str(value);
        page.push_str(rest);
    }
    page
}

fn notes(state: &State) -> String {
    let switches = read(&state.switches);
    let mut notes = Vec::new();
    if switches.restricted {
        notes.push("Instance keys are restricted to trigger and status.".to_owned());
    }
    if (switches.speed - 1.0).abs() > f64::EPSILON {
        notes.push(format!("Durations are multiplied by {}.", switches.speed));
    }
    if state.n8n.is_some() {
        notes.push("Workflows without code here are carried out by n8n.".to_owned());
    }
    notes.iter().map(|note| format!("<p class=note>{}</p>", escape(note))).collect()
}

fn workflow_card(workflow: &Workflow, instance: &str, key: &str) -> String {
    let starts: Vec<&str> = workflow
        .triggers
        .iter()
        .map(|trigger| match trigger {
            Trigger::Http { .. } => "by HTTP",
            Trigger::Schedule { .. } => "by a schedule",
            Trigger::ServiceEvent { .. } => "by an event",
            Trigger::Subworkflow { .. } => "by another workflow",
            Trigger::DataIngestion => "by documents",
        })
        .collect();
    let unsaid = if workflow.is_triggerable() { "No skill describes it." } else { "It cannot be triggered." };
    let about = workflow.skill.as_deref().and_then(|skill| frontmatter(skill, "description")).unwrap_or(unsaid);
    let run = payload_of(workflow).map(|payload| {
        format!(
            "<button type=button data-url=\"/webhook/{}/{}\" data-key=\"{}\" data-body=\"{}\" aria-label=\"Run {}\">Run</button>",
            escape(instance),
            escape(&workflow.id),
            escape(key),
            escape(&payload),
            escape(&workflow.name),
        )
    });
    format!(
        "<li><h3>{}</h3><code>{}</code><p>{}</p><div class=foot><span>Started {}</span>{}</div></li>",
        escape(&workflow.name),
        escape(&workflow.id),
        escape(about),
        starts.join(", "),
        run.unwrap_or_default(),
    )
}

/// A trigger body with the example of the skill; nothing for workflows that cannot be triggered.
fn payload_of(workflow: &Workflow) -> Option<String> {
    if !workflow.is_triggerable() {
        return None;
    }
    let example = workflow.skill.as_deref().and_then(example).unwrap_or_else(|| json!({}));
    Some(json!({ "payload": example }).to_string())
}

fn execution_row(execution: &Value) -> String {
    let text = |name: &str| escape(execution[name].as_str().unwrap_or_default());
    let duration = execution["duration"].as_u64().map(|ms| format!("{ms} ms")).unwrap_or_default();
    let created = text("created_at").replace('T', " ");
    let created = created.split_once('.').map_or(created.as_str(), |(seconds, _)| seconds);
    format!(
        "<tr><td class=\"status {0}\">{0}</td><td>{1}</td><td>{2}</td><td>{created} UTC</td><td class=n>{duration}</td><td><a href=\"/_emulator/executions/{3}\"><code>{3}</code></a></td></tr>",
        text("status"),
        text("workflow"),
        text("environment"),
        text("execution_id"),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
