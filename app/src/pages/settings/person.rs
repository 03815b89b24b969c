use engine::{
    Access,
    store::{SessionRow, TokenRow, UserRow},
};
use leptos::prelude::*;
use model::{EnvSlug, Grant, Group, Millis, PrincipalKind, Role};
use serde::Deserialize;

use crate::{
    error::AppError,
    pages::{
        Page,
        text_field::TextField,
        zone::{When, Zone},
    },
    paths,
};

use super::{
    Card,
    grants::{self, GrantForm},
    people::role_field,
    pieces::{Once, Refused, told},
    subpage, tokens,
};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PersonForm {
    /// What the button that was pressed does.
    pub act: String,
    pub name: String,
    pub role: String,
    /// What a new token is for.
    pub token_name: String,
    /// Which token is revoked.
    pub token: String,
    /// Of a grant: see [`GrantForm`].
    pub environment: String,
    pub workflow: String,
    pub verbs: Vec<String>,
}

impl PersonForm {
    pub fn grant(&self) -> GrantForm {
        GrantForm { environment: self.environment.clone(), workflow: self.workflow.clone(), verbs: self.verbs.clone() }
    }
}

pub struct Person {
    pub now: Millis,
    pub user: UserRow,
    pub sessions: Vec<SessionRow>,
    pub tokens: Vec<(TokenRow, UserRow)>,
    pub grants: Vec<Grant>,
    /// Those that the person is in.
    pub groups: Vec<Group>,
    pub environments: Vec<EnvSlug>,
    /// What was just made and is shown this once.
    pub made: Option<Made>,
    pub zone: Zone,
}

pub enum Made {
    PasswordLink(String),
    Token(String),
}

/// One account. `refused`: what of `typed` was not done, and why.
pub fn person(
    who: &Access,
    shown: Person,
    typed: &PersonForm,
    refused: Option<AppError>,
    saved: Option<&'static str>,
) -> Page {
    let error_of = |act: &str| refused.as_ref().filter(|_| typed.act == act).map(|error| error.message.clone());
    let (name_error, token_error, grant_error) = (error_of("rename"), error_of("token"), error_of("grant"));
    let other_error = refused
        .as_ref()
        .filter(|_| !matches!(typed.act.as_str(), "rename" | "token" | "grant"))
        .map(|e| e.message.clone());
    let user = shown.user;
    let is_person = user.kind == PrincipalKind::Person;
    let (name, role, email) = (user.principal.name.clone(), user.principal.role, user.principal.email.clone());
    let typed_name = if typed.act == "rename" { typed.name.clone() } else { name.clone() };
    let (token_name, typed_grant) = (typed.token_name.clone(), typed.grant());
    let disabled = user.disabled_at;
    let roles: &[Role] = if is_person { &Role::ALL } else { &[Role::Operator, Role::Runner, Role::Viewer] };
    let sessions = shown.sessions.len();
    subpage(who, paths::PEOPLE, name, move || {
        provide_context(shown.zone);
        view! {
            {told(saved)}
            {other_error.map(|message| view! { <Refused message=message /> })}
            {shown
                .made
                .map(|made| match made {
                    Made::PasswordLink(link) => {
                        view! {
                            <Once
                                title="The link to choose a new password"
                                what="link"
                                about="Send it to the person. It works once, for a day."
                                value=link
                            />
                        }
                            .into_any()
                    }
                    Made::Token(value) => view! { <Once title="The new token" what="token" value=value /> }.into_any(),
                })}
            <Card title="Account">
                <dl class="kv card-body">
                    <div>
                        <dt>{if is_person { "Email" } else { "Kind" }}</dt>
                        <dd>{if is_person { email } else { "Service account".to_owned() }}</dd>
                    </div>
                    <div>
                        <dt>"Since"</dt>
                        <dd>
                            <When at=user.created_at />
                        </dd>
                    </div>
                    {user
                        .last_seen_at
                        .map(|at| {
                            view! {
                                <div>
                                    <dt>"Last seen"</dt>
                                    <dd>
                                        <When at=at />
                                    </dd>
                                </div>
                            }
                        })}
                    {disabled
                        .map(|at| {
                            view! {
                                <div>
                                    <dt>"Disabled"</dt>
                                    <dd>
                                        <When at=at />
                                    </dd>
                                </div>
                            }
                        })}
                </dl>
                <form class="form card-body" method="post">
                    <TextField name="name" label="Name" value=typed_name error=name_error required=true />
                    <div class="form-actions">
                        <button class="button" name="act" value="rename">
                            "Save name"
                        </button>
                    </div>
                </form>
                <form class="form card-body" method="post">
                    {role_field("role", role, roles)}
                    <div class="form-actions">
                        <button class="button" name="act" value="role">
                            "Save role"
                        </button>
                    </div>
                </form>
            </Card>
            {grants::card(shown.grants, shown.environments, typed_grant, grant_error, role.sees_everything())}
            {(!shown.groups.is_empty()).then(|| in_groups(shown.groups))}
            {is_person
                .then(|| {
                    view! {
                        <Card title="Sessions and password">
                            <div class="setting">
                                <div>
                                    <span>
                                        {match sessions {
                                            0 => "Not logged in anywhere".to_owned(),
                                            1 => "Logged in in one place".to_owned(),
                                            more => format!("Logged in in {more} places"),
                                        }}
                                    </span>
                                    <p>"Ending them takes effect at once."</p>
                                </div>
                                <form method="post">
                                    <button class="button small" name="act" value="end_sessions">
                                        "End all sessions"
                                    </button>
                                </form>
                            </div>
                            <div class="setting">
                                <div>
                                    <span>"Password"</span>
                                    <p>
                                        "Resetting it ends the password and all sessions at once. You get a link for the person to choose a new one. Tokens stay."
                                    </p>
                                </div>
                                <form method="post">
                                    <button class="button small danger" name="act" value="reset">
                                        "Reset password"
                                    </button>
                                </form>
                            </div>
                        </Card>
                    }
                })}
            <Card title="Tokens">
                {tokens::list(shown.tokens, shown.now, false)}
                {(!is_person)
                    .then(|| {
                        view! {
                            <form class="form card-body" method="post">
                                <TextField
                                    name="token_name"
                                    label="What a new token is for"
                                    value=token_name
                                    error=token_error
                                    required=true
                                />
                                <div class="form-actions">
                                    <button class="button" name="act" value="token">
                                        "Create token"
                                    </button>
                                </div>
                            </form>
                        }
                    })}
            </Card>
            <section class="card danger-zone">
                <div class="setting">
                    <div>
                        <span>{if disabled.is_some() { "Enable this account" } else { "Disable this account" }}</span>
                        <p>
                            {if disabled.is_some() {
                                "The person can log in again. Sessions and tokens that ended stay over."
                            } else {
                                "Sessions, tokens and links are over at once and for good. Runs stay under this name."
                            }}
                        </p>
                    </div>
                    <form method="post">
                        {if disabled.is_some() {
                            view! {
                                <button class="button" name="act" value="enable">
                                    "Enable"
                                </button>
                            }
                                .into_any()
                        } else {
                            view! {
                                <button class="button danger" name="act" value="disable">
                                    "Disable"
                                </button>
                            }
                                .into_any()
                        }}
                    </form>
                </div>
            </section>
        }
        .into_any()
    })
}

fn in_groups(groups: Vec<Group>) -> impl IntoView {
    let links = groups.into_iter().map(|group| {
        view! {
            <li dir="auto">
                <a class="link" href=paths::group(&group.id)>
                    {group.name}
                </a>
            </li>
        }
    });
    let links = links.collect_view();
    view! {
        <Card title="Groups" about="What is granted to them counts for this person, too.">
            <ul class="card-body">{links}</ul>
        </Card>
    }
}
