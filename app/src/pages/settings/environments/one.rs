use engine::{Access, KeyReport, ManagedEnvironment};
use leptos::prelude::*;
use model::EnvSource;

use crate::{
    components::{environment::EnvState, error::ErrorNotice},
    error::AppError,
    pages::{
        Page,
        settings::{Card, subpage},
        text_field::TextField,
        zone::Zone,
    },
    paths,
};

use super::{
    EnvironmentForm,
    fields::{Looks, wrong},
    keys::{KeyFields, key, report},
};

/// `reports`: what Codika has said about its keys, when it was asked. `error`: why a form is shown again.
pub fn one(
    who: &Access,
    managed: ManagedEnvironment,
    zone: Zone,
    form: EnvironmentForm,
    reports: Vec<KeyReport>,
    error: Option<AppError>,
) -> Page {
    let title = managed.environment.name.clone();
    subpage(who, paths::ENVIRONMENTS, title, move || {
        provide_context(zone);
        let environment = managed.environment;
        let here = paths::environment(&environment.slug);
        let fixed = environment.source == EnvSource::Env;
        let (verify, slug, enabled) = (here.clone(), environment.slug.to_string(), environment.enabled);
        view! {
            <Card title="Environment">
                <div class="card-body">
                    <div class="row">
                        <span class="env-dot" data-env=environment.kind.as_str()>
                            {environment.slug.to_string()}
                        </span>
                        <EnvState environment=environment.clone() />
                    </div>
                    <dl class="kv">
                        <Fact name="Base URL" value=environment.upstream.clone() />
                        <Fact name="Process instance" value=environment.instance_id.clone() />
                        {managed.keys.into_iter().map(key).collect_view()}
                    </dl>
                    {managed
                        .key_refused
                        .then(|| {
                            view! {
                                <p class="field-error">
                                    "Codika rejects its key. Runs that are under way wait for a valid one."
                                </p>
                            }
                        })}
                    <form method="post" action=verify>
                        <button class="button" name="act" value="verify">
                            "Ask Codika about the keys"
                        </button>
                    </form>
                    {reports.into_iter().map(report).collect_view()}
                </div>
            </Card>
            {if fixed {
                view! {
                    <Card title="Change">
                        <p class="card-body">"It comes from the settings of the server and is changed there."</p>
                    </Card>
                }
                    .into_any()
            } else {
                view! {
                    <Change here=here.clone() form error />
                    <End here slug enabled />
                }
                    .into_any()
            }}
        }
        .into_any()
    })
}

#[component]
fn Fact(name: &'static str, value: String) -> impl IntoView {
    view! {
        <div>
            <dt>{name}</dt>
            <dd>
                <code class="code-inline">{value}</code>
            </dd>
        </div>
    }
}

#[component]
fn Change(here: String, form: EnvironmentForm, error: Option<AppError>) -> impl IntoView {
    let wrong = |path| wrong(error.as_ref(), path);
    let (name, base_url, instance_key, org_key) =
        (wrong("name"), wrong("base_url"), wrong("instance_key"), wrong("org_key"));
    let general = error.clone().filter(|error| error.fields.is_empty());
    let address = form.base_url.clone();
    view! {
        <Card title="Change" about="What is under way goes on, with the new key when there is one.">
            <form class="form card-body" method="post" action=here novalidate>
                {general.map(|error| view! { <ErrorNotice error /> })}
                <Looks form name_error=name />
                <TextField
                    name="base_url"
                    label="Base URL"
                    value=address
                    help="Another one asks for the keys again."
                    error=base_url
                    mono=true
                />
                <KeyFields
                    instance_error=instance_key
                    org_error=org_key
                    help="Begins with cko_. Empty: the one that is there stays."
                />
                <div class="form-actions">
                    <button class="button primary" name="act" value="change">
                        "Save"
                    </button>
                </div>
            </form>
        </Card>
    }
}

#[component]
fn End(here: String, slug: String, enabled: bool) -> impl IntoView {
    let (act, label, about) = if enabled {
        ("disable", "Disable", "Nothing is started in it any more. What is under way is watched to its end.")
    } else {
        ("enable", "Enable", "It is disabled: nothing is started in it.")
    };
    view! {
        <Card title="End">
            <form class="setting" method="post" action=here.clone()>
                <div>
                    {label}
                    <p>{about}</p>
                </div>
                <button class="button" name="act" value=act>
                    {label}
                </button>
            </form>
            <form class="setting" method="post" action=here>
                <div>
                    "Remove"
                    <p>
                        "Its keys and the workflows that were added to it by hand go. Its runs stay; those that are open come to rest without an answer."
                    </p>
                    <label class="choice">
                        <input type="checkbox" name="sure" value="true" required />
                        <span>"Remove " {slug}</span>
                    </label>
                </div>
                <button class="button danger" name="act" value="remove">
                    "Remove"
                </button>
            </form>
        </Card>
    }
}
