//! The audit trail as people read it.

mod words;

use engine::{Access, store::AuditRow};
use leptos::prelude::*;
use model::{AuditAction, AuditKind};
use serde::{Deserialize, Serialize};

use crate::{
    pages::{
        Page,
        text_field::TextField,
        zone::{When, Zone},
    },
    paths,
};

use super::{Card, page};

/// The filter as it stands in the address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(default)]
pub struct AuditQuery {
    /// The id of an account.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub actor: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// What it was done to: `run:…`, `user:…`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub about: String,
    /// Days, as `2026-11-29`, in the reader's time zone. The last one is part of it.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub from: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub to: String,
    /// The last entry of the page before.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub before: String,
}

impl AuditQuery {
    fn address(&self, path: &str) -> String {
        let query = serde_html_form::to_string(self).unwrap_or_default();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
    }
}

pub struct Trail {
    pub entries: Vec<AuditRow>,
    /// The mark of the next page.
    pub next: Option<String>,
    /// Everybody who can be an actor: id and name.
    pub people: Vec<(String, String)>,
    pub zone: Zone,
}

/// `wrong`: what of the filter could not be read, and the words for it.
pub fn audit(who: &Access, query: AuditQuery, trail: Trail, wrong: Option<(&'static str, String)>) -> Page {
    let error_of = |name: &str| wrong.as_ref().filter(|(of, _)| *of == name).map(|(_, words)| words.clone());
    let (about_error, from_error, to_error) = (error_of("about"), error_of("from"), error_of("to"));
    let whole = AuditQuery { before: String::new(), ..query.clone() };
    let (filtered, wrong_filter) = (whole != AuditQuery::default(), wrong.is_some());
    let (csv, ndjson) = (whole.address(paths::AUDIT_CSV), whole.address(paths::AUDIT_NDJSON));
    let first = (!query.before.is_empty()).then(|| whole.address(paths::AUDIT));
    let older = trail.next.map(|before| AuditQuery { before, ..whole.clone() }.address(paths::AUDIT));
    page(who, paths::AUDIT, move || {
        provide_context(trail.zone);
        let none = if filtered { "No entry fits this filter." } else { "Nothing was recorded yet." };
        view! {
            <details class="card" open=filtered || wrong_filter>
                <summary class="card-head">
                    <h2>"Filter"</h2>
                </summary>
                <form class="form card-body" method="get" action=paths::AUDIT>
                    <div class="form-row">
                        {choice("actor", "Who", "Everybody", &query.actor, trail.people)}
                        {choice("kind", "What", "Everything", &query.kind, kinds())}
                    </div>
                    <TextField
                        name="about"
                        label="About"
                        value=query.about
                        help="A run's or an account's id with its kind, for example run:01m8…"
                        error=about_error
                        mono=true
                    />
                    <div class="form-row">
                        <TextField name="from" label="From" kind="date" value=query.from error=from_error />
                        <TextField name="to" label="To" kind="date" value=query.to error=to_error />
                    </div>
                    <div class="form-actions">
                        <button class="button primary">"Show"</button>
                        {filtered.then(|| view! { <a class="button" href=paths::AUDIT>"Show all"</a> })}
                    </div>
                </form>
            </details>
            <Card
                title="Entries"
                about="Who did what, and when. They are sealed: a change past the dashboard is found by codika-dashboard audit verify."
            >
                {if trail.entries.is_empty() {
                    view! { <p class="card-body muted">{none}</p> }.into_any()
                } else {
                    trail.entries.into_iter().map(entry).collect_view().into_any()
                }}
                <div class="card-foot">
                    {first.map(|href| view! { <a class="button small" href=href>"Newest"</a> })}
                    {older.map(|href| view! { <a class="button small" href=href>"Older"</a> })}
                    <a class="button small" href=csv download="">"Download CSV"</a>
                    <a class="button small" href=ndjson download="">"Download NDJSON"</a>
                </div>
            </Card>
        }
        .into_any()
    })
}

fn kinds() -> Vec<(String, String)> {
    let label = |kind: &AuditKind| match kind {
        AuditKind::Runs => "Runs",
        AuditKind::SignIns => "Sign-ins",
        AuditKind::People => "People",
        AuditKind::Rights => "Rights",
        AuditKind::Tokens => "Tokens",
        AuditKind::Workflows => "Workflows",
        AuditKind::Environments => "Environments and keys",
        AuditKind::Settings => "Settings and data",
    };
    AuditKind::ALL.iter().map(|kind| (kind.as_str().to_owned(), label(kind).to_owned())).collect()
}

fn choice(
    name: &'static str,
    label: &'static str,
    all: &'static str,
    chosen: &str,
    options: Vec<(String, String)>,
) -> impl IntoView {
    let chosen = chosen.to_owned();
    let options = options.into_iter().map(move |(value, text)| {
        let selected = value == chosen;
        view! {
            <option value=value selected=selected>
                {text}
            </option>
        }
    });
    view! {
        <div class="field">
            <label class="field-label" for=name>
                {label}
            </label>
            <select class="input" id=name name=name>
                <option value="">{all}</option>
                {options.collect_view()}
            </select>
        </div>
    }
}

/// One line, which unfolds to the rest.
fn entry(row: AuditRow) -> impl IntoView {
    let words = row.action.parse::<AuditAction>().map_or(row.action.clone(), |action| words::of(action).to_owned());
    let who = match (row.actor_name, &row.actor) {
        (Some(name), _) => name,
        (None, Some(actor)) => actor.to_string(),
        (None, None) => "The dashboard".to_owned(),
    };
    let run = row.subject.strip_prefix("run:").map(|id| format!("{}/{id}", paths::RUNS));
    let only = AuditQuery { about: row.subject.clone(), ..AuditQuery::default() }.address(paths::AUDIT);
    let place = row.position.map_or_else(|| "waits for its seal".to_owned(), |position| position.to_string());
    view! {
        <details class="audit-entry">
            <summary>
                <span class="audit-when num">
                    <When at=row.at />
                </span>
                <span class="audit-what" dir="auto">
                    <strong>{who}</strong>
                    " "
                    {words}
                </span>
            </summary>
            <dl class="kv">
                <div>
                    <dt>"About"</dt>
                    <dd>
                        <code>{row.subject}</code>
                        " "
                        <a class="link" href=only>"Only this"</a>
                        {run.map(|href| view! { " " <a class="link" href=href>"Open the run"</a> })}
                    </dd>
                </div>
                {(!row.detail.is_empty())
                    .then(|| {
                        view! {
                            <div>
                                <dt>"Detail"</dt>
                                <dd dir="auto">{row.detail}</dd>
                            </div>
                        }
                    })}
                <div>
                    <dt>"Action"</dt>
                    <dd>
                        <code>{row.action}</code>
                    </dd>
                </div>
                <div>
                    <dt>"Place in the trail"</dt>
                    <dd class="num">{place}</dd>
                </div>
            </dl>
        </details>
    }
}
