use engine::{KeyReport, KeySlot, KeyVerdict, ManagedKey};
use leptos::prelude::*;

use crate::pages::{text_field::TextField, zone::When};

/// Fields for keys: what is typed is never drawn again.
#[component]
pub fn KeyFields(instance_error: Option<String>, org_error: Option<String>, help: &'static str) -> impl IntoView {
    view! {
        <Secret name="instance_key" label="Instance key" help="Begins with ck_. Starts runs of this instance." error=instance_error />
        <Secret name="org_key" label="Organization key" help=help error=org_error />
    }
}

#[component]
pub fn Secret(name: &'static str, label: &'static str, help: &'static str, error: Option<String>) -> impl IntoView {
    view! { <TextField name label value="" kind="password" help error autocomplete="off" mono=true /> }
}

pub fn key(key: ManagedKey) -> impl IntoView {
    let title = match key.slot {
        KeySlot::Instance => "Instance key",
        KeySlot::Organization => "Organization key",
    };
    view! {
        <div>
            <dt>{title}</dt>
            <dd>
                <code class="code-inline">"…" {key.suffix}</code>
                ", set "
                <When at=key.set_at />
                {key.expires_at.map(|at| view! { ", expires " <When at=at /> })}
            </dd>
        </div>
    }
}

/// What Codika has said about a key just now.
pub fn report(report: KeyReport) -> impl IntoView {
    let title = match report.slot {
        KeySlot::Instance => "Instance key",
        KeySlot::Organization => "Organization key",
    };
    let (tone, verdict) = match report.verdict {
        KeyVerdict::Accepted => ("ok", "Codika accepts this key.".to_owned()),
        KeyVerdict::Refused(why) => ("bad", why),
        KeyVerdict::Unknown(why) => ("warn", why),
    };
    let whose = report.organization.map(|organization| format!("It belongs to {organization}."));
    let list = |title: &'static str, items: Vec<String>| {
        (!items.is_empty()).then(|| {
            view! {
                <p>{title}</p>
                <ul>{items.into_iter().map(|item| view! { <li>{item}</li> }).collect_view()}</ul>
            }
        })
    };
    view! {
        <div class="notice" data-tone=tone role="status">
            <div class="notice-body">
                <h3>{title}</h3>
                <p>{verdict} " " {whose}</p>
                {report.expires_at.map(|at| view! { <p>"It expires " <When at=at /> "."</p> })}
                {list("It can:", report.can)}
                {list("It cannot:", report.cannot)}
            </div>
        </div>
    }
}
