//! Groups: people who are granted something together.

use engine::Access;
use leptos::prelude::*;
use model::{EnvSlug, Grant, Group, Principal};
use serde::Deserialize;

use crate::{
    error::AppError,
    pages::{Page, text_field::TextField},
    paths,
};

use super::{
    Card,
    grants::{self, GrantForm},
    page,
    pieces::{Refused, told},
    subpage,
};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct GroupsForm {
    pub name: String,
}

/// All groups. `refused`: why the one that was typed was not made.
pub fn groups(
    who: &Access,
    groups: Vec<Group>,
    typed: GroupsForm,
    refused: Option<AppError>,
    saved: Option<&'static str>,
) -> Page {
    page(who, paths::GROUPS, move || {
        let list = if groups.is_empty() {
            view! { <p class="card-body muted">"None yet. Grants can go to single people, too."</p> }.into_any()
        } else {
            groups.into_iter().map(line).collect_view().into_any()
        };
        view! {
            {told(saved)}
            <Card title="Groups" about="What is granted to a group is granted to everybody in it.">
                {list}
            </Card>
            <Card title="New group">
                <form class="form card-body" method="post">
                    <TextField
                        name="name"
                        label="Name"
                        value=typed.name
                        error=refused.map(|error| error.message)
                        required=true
                    />
                    <div class="form-actions">
                        <button class="button primary">"Create group"</button>
                    </div>
                </form>
            </Card>
        }
        .into_any()
    })
}

fn line(group: Group) -> impl IntoView {
    let members = match group.members.len() {
        0 => "Nobody is in it".to_owned(),
        1 => "1 person".to_owned(),
        more => format!("{more} people"),
    };
    view! {
        <div class="setting">
            <div>
                <span dir="auto">
                    <a class="link" href=paths::group(&group.id)>
                        {group.name}
                    </a>
                </span>
                <p>{members}</p>
            </div>
        </div>
    }
}

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct GroupForm {
    /// What the button that was pressed does.
    pub act: String,
    /// Who is put into the group or taken out of it.
    pub person: String,
    /// Of a grant: see [`GrantForm`].
    pub environment: String,
    pub workflow: String,
    pub verbs: Vec<String>,
}

impl GroupForm {
    pub fn grant(&self) -> GrantForm {
        GrantForm { environment: self.environment.clone(), workflow: self.workflow.clone(), verbs: self.verbs.clone() }
    }
}

pub struct GroupView {
    pub group: Group,
    pub people: Vec<Principal>,
    pub grants: Vec<Grant>,
    pub environments: Vec<EnvSlug>,
}

/// One group. `refused`: what of `typed` was not done, and why.
pub fn group(
    who: &Access,
    shown: GroupView,
    typed: GroupForm,
    refused: Option<AppError>,
    saved: Option<&'static str>,
) -> Page {
    let message = refused.map(|error| error.message);
    let (grant_error, other_error) = if typed.act == "grant" { (message, None) } else { (None, message) };
    let GroupView { group, people, grants, environments } = shown;
    subpage(who, paths::GROUPS, group.name.clone(), move || {
        let (inside, outside): (Vec<_>, Vec<_>) =
            people.into_iter().partition(|person| group.members.contains(&person.id));
        let options = outside.into_iter().map(|person| {
            view! { <option value=person.id.to_string()>{person.name}</option> }
        });
        let members = if inside.is_empty() {
            view! { <p class="card-body muted">"Nobody is in it yet."</p> }.into_any()
        } else {
            inside.into_iter().map(member).collect_view().into_any()
        };
        let add = view! {
            <form class="form card-body" method="post">
                <div class="field">
                    <label class="field-label" for="person">
                        "Person"
                    </label>
                    <select class="input" id="person" name="person">
                        {options.collect_view()}
                    </select>
                </div>
                <div class="form-actions">
                    <button class="button" name="act" value="add">
                        "Put into the group"
                    </button>
                </div>
            </form>
        };
        view! {
            {told(saved)}
            {other_error.map(|message| view! { <Refused message=message /> })}
            <Card title="Who is in it">{members} {add}</Card>
            {grants::card(grants, environments, typed.grant(), grant_error, false)}
            <section class="card danger-zone">
                <div class="setting">
                    <div>
                        <span>"Remove this group"</span>
                        <p>"What was granted to it ends at once for everybody in it. The people stay."</p>
                    </div>
                    <form method="post">
                        <button class="button danger" name="act" value="remove_group">
                            "Remove group"
                        </button>
                    </form>
                </div>
            </section>
        }
        .into_any()
    })
}

fn member(person: Principal) -> impl IntoView {
    let label = format!("Take {} out of the group", person.name);
    view! {
        <div class="setting">
            <div>
                <span dir="auto">
                    <a class="link" href=paths::person(&person.id)>
                        {person.name}
                    </a>
                </span>
                <p>{person.email}</p>
            </div>
            <form method="post">
                <input type="hidden" name="person" value=person.id.to_string() />
                <button class="button small" name="act" value="take_out" aria-label=label>
                    "Take out"
                </button>
            </form>
        </div>
    }
}
