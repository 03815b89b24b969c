//! Grants of a person or a group, and the form for one more.

use leptos::prelude::*;
use model::{EnvSlug, Grant, GrantTarget, WorkflowId};

use crate::pages::text_field::TextField;

use super::Card;

/// A grant as it is typed, or one that is taken back.
#[derive(Clone, Debug, Default)]
pub struct GrantForm {
    /// Empty: all.
    pub environment: String,
    /// Empty: all of the environment.
    pub workflow: String,
    pub verbs: Vec<String>,
}

/// `everywhere`: the grants of this person would add nothing.
pub fn card(
    grants: Vec<Grant>,
    environments: Vec<EnvSlug>,
    typed: GrantForm,
    error: Option<String>,
    everywhere: bool,
) -> impl IntoView {
    let options = environments.into_iter().map({
        let chosen = typed.environment.clone();
        move |slug| {
            let slug = slug.to_string();
            let (value, selected) = (slug.clone(), slug == chosen);
            view! {
                <option value=value selected=selected>
                    {slug}
                </option>
            }
        }
    });
    let options = options.collect_view();
    let verb = |word: &'static str, label: &'static str, help: &'static str| {
        let checked = typed.verbs.iter().any(|chosen| chosen == word);
        view! {
            <label class="choice">
                <input type="checkbox" name="verbs" value=word checked=checked />
                <span>{label} <small>{help}</small></span>
            </label>
        }
    };
    let run = verb("run", "Run", "Open the form and start runs. Own runs are seen with it.");
    let see = verb("see", "See everybody's runs", "Also their inputs and results.");
    let none = if everywhere {
        "None. With this role everything is open anyway."
    } else {
        "None yet: there is nothing to run or to see."
    };
    let list = if grants.is_empty() {
        view! { <p class="card-body muted">{none}</p> }.into_any()
    } else {
        grants.into_iter().map(one).collect_view().into_any()
    };
    view! {
        <Card title="What was granted" about="Counts at once, and ends at once.">
            {list}
            <form class="form card-body" method="post">
                <div class="form-row">
                    <div class="field">
                        <label class="field-label" for="environment">
                            "Environment"
                        </label>
                        <select class="input" id="environment" name="environment">
                            <option value="">"All, also later ones"</option>
                            {options}
                        </select>
                    </div>
                    <TextField
                        name="workflow"
                        label="Workflow"
                        value=typed.workflow.clone()
                        help="Its id. Empty: all of the environment."
                        error=error
                        mono=true
                    />
                </div>
                <fieldset class="field">
                    <legend class="field-label">"What they may do there"</legend>
                    <div class="choices">{run} {see}</div>
                </fieldset>
                <div class="form-actions">
                    <button class="button" name="act" value="grant">
                        "Grant"
                    </button>
                </div>
            </form>
        </Card>
    }
}

fn one(grant: Grant) -> impl IntoView {
    let environment = grant.target.environment().map(EnvSlug::to_string).unwrap_or_default();
    let workflow = grant.target.workflow().map(WorkflowId::to_string).unwrap_or_default();
    let place = match &grant.target {
        GrantTarget::Everything => "All environments".to_owned(),
        GrantTarget::Environment(environment) => format!("All of {environment}"),
        GrantTarget::Workflow(environment, workflow) => format!("{workflow} in {environment}"),
    };
    let label = format!("Take back: {place}");
    view! {
        <div class="setting">
            <div>
                <span>{place}</span>
                <p>{format!("May {}", grant.verbs)}</p>
            </div>
            <form method="post">
                <input type="hidden" name="environment" value=environment />
                <input type="hidden" name="workflow" value=workflow />
                <button class="button small" name="act" value="revoke_grant" aria-label=label>
                    "Take back"
                </button>
            </form>
        </div>
    }
}
