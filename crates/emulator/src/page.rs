//! The start page: what there is, and what happens.

use axum::{
    Router,
    extract::State as Shared,
    http::header,
    response::{Html, IntoResponse, Response},
    routing::get,
};

use crate::{
    config::described,
    control::latest,
    read,
    skill::frontmatter,
    state::State,
    workflows::{Trigger, Workflow},
};

const STYLE: &str = include_str!("page/page.css");
const SCRIPT: &str = include_str!("page/page.js");
const SHOWN: usize = 15;

/// `/`
pub fn routes() -> Router<State> {
    Router::new().route("/", get(start))
}

async fn start(Shared(state): Shared<State>) -> Response {
    let no_store = [(header::CACHE_CONTROL, "no-store")];
    (no_store, Html(render(&state))).into_response()
}

fn render(state: &State) -> String {
    let config = described(state);
    let base = escape(&config.base_url);
    let environments: String = config
        .environments
        .iter()
        .map(|environment| {
            format!(
                "<tr><th scope=row>{}</th><td><code>{}</code></td><td><code>{}</code></td><td><code>{}</code></td></tr>",
                escape(&environment.name),
                escape(&environment.process_instance_id),
                escape(&environment.instance_key),
                escape(&environment.org_key),
            )
        })
        .collect();
    let workflows: String = state.catalogue.iter().map(workflow_row).collect();
    let executions: String = latest(state, SHOWN).iter().map(execution_row).collect();
    let restricted = if read(&state.switches).restricted {
        "<p class=note>Instance keys are restricted to trigger and status.</p>"
    } else {
        ""
    };
    format!(
        "<!DOCTYPE html><html lang=en><head><meta charset=utf-8>\
<meta name=viewport content=\"width=device-width, initial-scale=1\"><meta name=color-scheme content=\"light dark\">\
<title>Codika emulator</title><style>{STYLE}</style></head><body><main>\
<header><h1>Codika emulator</h1><p>A local stand-in for the platform at <code>{base}</code>. Its workflows really compute; its keys open nothing else.</p>{restricted}</header>\
<section aria-labelledby=e><h2 id=e>Latest executions</h2><div class=scroll tabindex=0 role=group aria-labelledby=e><table><thead><tr><th scope=col>Execution</th><th scope=col>Workflow</th><th scope=col>Environment</th><th scope=col>Status</th><th scope=col>Created</th><th scope=col>Duration</th></tr></thead><tbody id=executions>{executions}</tbody></table></div></section>\
<section aria-labelledby=w><h2 id=w>Workflows</h2><div class=scroll tabindex=0 role=group aria-labelledby=w><table><thead><tr><th scope=col>Workflow</th><th scope=col>Started by</th><th scope=col>What it does</th></tr></thead><tbody>{workflows}</tbody></table></div></section>\
<section aria-labelledby=k><h2 id=k>Environments</h2><div class=scroll tabindex=0 role=group aria-labelledby=k><table><thead><tr><th scope=col>Name</th><th scope=col>Process instance</th><th scope=col>Instance key</th><th scope=col>Organization key</th></tr></thead><tbody>{environments}</tbody></table></div></section>\
<section aria-labelledby=t><h2 id=t>Try it</h2><pre tabindex=0>curl -s {base}/webhook/{instance}/text-summary \\\n  -H 'X-API-Key: {key}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{{\"payload\":{{\"text\":\"One sentence. Another one.\"}}}}'</pre>\
<p>For tests: <a href=\"/_emulator/config\">config</a>, <a href=\"/_emulator/fixtures\">fixtures</a>, <a href=\"/_emulator/ledger\">ledger</a>, <a href=\"/_emulator/faults\">faults</a>, <a href=\"/_emulator/switches\">switches</a>.</p></section>\
</main><script>{SCRIPT}</script></body></html>",
        instance = crate::fixtures::DEV_INSTANCE,
        key = crate::fixtures::DEV_INSTANCE_KEY,
    )
}

fn workflow_row(workflow: &Workflow) -> String {
    let starts: Vec<&str> = workflow
        .triggers
        .iter()
        .map(|trigger| match trigger {
            Trigger::Http { .. } => "HTTP",
            Trigger::Schedule { .. } => "schedule",
            Trigger::ServiceEvent { .. } => "service event",
            Trigger::Subworkflow { .. } => "another workflow",
            Trigger::DataIngestion => "documents",
        })
        .collect();
    let about = workflow.skill.as_deref().and_then(|skill| frontmatter(skill, "description")).unwrap_or_default();
    format!(
        "<tr><th scope=row>{}<br><code>{}</code></th><td>{}</td><td class=wide>{}</td></tr>",
        escape(&workflow.name),
        escape(&workflow.id),
        starts.join(", "),
        escape(about),
    )
}

fn execution_row(execution: &serde_json::Value) -> String {
    let text = |name: &str| escape(execution[name].as_str().unwrap_or_default());
    let duration = execution["duration"].as_u64().map(|ms| format!("{ms} ms")).unwrap_or_default();
    format!(
        "<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td class={}>{}</td><td>{}</td><td class=n>{duration}</td></tr>",
        text("execution_id"),
        text("workflow"),
        text("environment"),
        text("status"),
        text("status"),
        text("created_at"),
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&#39;")
}
