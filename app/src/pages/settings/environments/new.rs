use engine::{Access, InstanceChoice};
use leptos::prelude::*;

use crate::{
    components::error::ErrorNotice,
    error::AppError,
    pages::{
        Page,
        settings::{Card, subpage},
        text_field::TextField,
    },
    paths,
};

use super::{
    EnvironmentForm,
    fields::{Looks, wrong},
    keys::KeyFields,
};

/// `choices`: what the organization key sees, once it was asked. `error`: why the form is shown again.
pub fn new(who: &Access, form: EnvironmentForm, choices: Option<Vec<InstanceChoice>>, error: Option<AppError>) -> Page {
    let wrong = |path| wrong(error.as_ref(), path);
    let (slug, name, base_url, instance_id) = (wrong("slug"), wrong("name"), wrong("base_url"), wrong("instance_id"));
    let (instance_key, org_key) = (wrong("instance_key"), wrong("org_key"));
    let general = error.clone().filter(|error| error.fields.is_empty());
    let help = if form.pending.is_empty() {
        "Begins with cko_. Reads the list of workflows; with it an instance can be picked from a list."
    } else {
        "Given already. Type one only to use another."
    };
    subpage(who, paths::ENVIRONMENTS, "Add environment".to_owned(), move || {
        let EnvironmentForm { slug: typed_slug, base_url: address, instance_id: instance, pending, .. } = form.clone();
        view! {
            <Card title="Environment" about="One process instance at Codika under a name of yours.">
                <form class="form card-body" method="post" action=paths::NEW_ENVIRONMENT novalidate>
                    // Enter presses the first button.
                    <button class="sr-only" name="act" value="add" tabindex="-1" aria-hidden="true"></button>
                    {general.map(|error| view! { <ErrorNotice error /> })}
                    <input type="hidden" name="pending" value=pending />
                    <TextField name="base_url" label="Base URL" value=address error=base_url mono=true />
                    <KeyFields instance_error=instance_key org_error=org_key help />
                    <div class="form-actions">
                        <button class="button" name="act" value="list">
                            "List instances of the organization key"
                        </button>
                    </div>
                    {match choices {
                        Some(choices) => view! { <Pick choices chosen=instance error=instance_id /> }.into_any(),
                        None => {
                            view! {
                                <TextField
                                    name="instance_id"
                                    label="Process instance id"
                                    value=instance
                                    help="Or list the instances and pick one."
                                    error=instance_id
                                    mono=true
                                />
                            }
                                .into_any()
                        }
                    }}
                    <TextField
                        name="slug"
                        label="Short name"
                        value=typed_slug
                        help="Stands in addresses and stays: lower-case letters, digits, hyphens."
                        error=slug
                        marked=true
                    />
                    <Looks form name_error=name />
                    <div class="form-actions">
                        <button class="button primary" name="act" value="add">
                            "Add environment"
                        </button>
                    </div>
                </form>
            </Card>
        }
        .into_any()
    })
}

#[component]
fn Pick(choices: Vec<InstanceChoice>, chosen: String, error: Option<String>) -> impl IntoView {
    let nothing = choices.is_empty();
    view! {
        <fieldset class="field" id="instance_id">
            <legend class="field-label">"Process instance"</legend>
            {choices
                .into_iter()
                .map(|choice| {
                    let details = [
                        Some(choice.kind.as_str().to_owned()),
                        choice.version.map(|version| format!("version {version}")),
                        (!choice.active).then(|| "not active".to_owned()),
                        choice.environment.map(|slug| format!("is {slug} already")),
                    ];
                    let details: Vec<_> = details.into_iter().flatten().collect();
                    view! {
                        <label class="choice">
                            <input
                                type="radio"
                                name="instance_id"
                                checked=choice.instance_id == chosen
                                value=choice.instance_id
                            />
                            <span>{choice.title} " " <span class="muted">{details.join(", ")}</span></span>
                        </label>
                    }
                })
                .collect_view()}
            {nothing.then(|| view! { <p class="field-help">"This key sees no instance."</p> })}
            {error.map(|error| view! { <p class="field-error">{error}</p> })}
        </fieldset>
    }
}
