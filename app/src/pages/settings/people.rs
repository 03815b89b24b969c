use engine::{Access, Invitation, store::UserRow};
use leptos::prelude::*;
use model::{PrincipalKind, Role};
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
    Card, page,
    pieces::{Once, told},
};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct PeopleForm {
    /// What the button that was pressed does.
    pub act: String,
    pub email: String,
    pub name: String,
    pub role: String,
    /// Which invitation is withdrawn.
    pub invitation: String,
}

pub struct People {
    pub people: Vec<UserRow>,
    pub invitations: Vec<Invitation>,
    /// The link of an invitation that was just made; it is shown this once.
    pub link: Option<String>,
    pub zone: Zone,
}

/// Everybody with an account. `refused`: what of `typed` was not done, and why.
pub fn people(
    who: &Access,
    shown: People,
    typed: &PeopleForm,
    refused: Option<AppError>,
    saved: Option<&'static str>,
) -> Page {
    let error_of = |act: &str| refused.as_ref().filter(|_| typed.act == act).map(|error| error.message.clone());
    let (invite_error, service_error) = (error_of("invite"), error_of("service"));
    let typed = typed.clone();
    let role = typed.role.parse().unwrap_or(Role::Runner);
    page(who, paths::PEOPLE, move || {
        provide_context(shown.zone);
        view! {
            {told(saved)}
            {shown
                .link
                .map(|link| {
                    view! {
                        <Once
                            title="The invitation"
                            what="link"
                            about="Send it to the person. It works once, for a week."
                            value=link
                        />
                    }
                })}
            <Card title="People" about="Who has an account here, and the service accounts that programs use.">
                {shown.people.into_iter().map(person).collect_view()}
            </Card>
            {(!shown.invitations.is_empty())
                .then(|| {
                    view! {
                        <Card title="Open invitations">
                            {shown.invitations.into_iter().map(invitation).collect_view()}
                        </Card>
                    }
                })}
            <Card title="Invite somebody" about="You get a link to send. Whoever opens it chooses a name and a password.">
                <form class="form card-body" method="post">
                    <TextField
                        name="email"
                        label="Email"
                        value=typed.email
                        autocomplete="off"
                        error=invite_error
                        required=true
                    />
                    {role_field("role", role, &Role::ALL)}
                    <div class="form-actions">
                        <button class="button primary" name="act" value="invite">
                            "Create invitation"
                        </button>
                    </div>
                </form>
            </Card>
            <Card title="Add a service account" about="For programs. It has no password and is used with its tokens.">
                <form class="form card-body" method="post">
                    <TextField name="name" label="Name" value=typed.name error=service_error required=true />
                    {role_field("service-role", role, &[Role::Operator, Role::Runner, Role::Viewer])}
                    <div class="form-actions">
                        <button class="button" name="act" value="service">
                            "Add service account"
                        </button>
                    </div>
                </form>
            </Card>
        }
        .into_any()
    })
}

/// What a role is called, and what it is for.
pub(super) fn role_words(role: Role) -> (&'static str, &'static str) {
    match role {
        Role::Admin => ("Administrator", "everything"),
        Role::Operator => ("Operator", "everything but people, environments, keys and settings"),
        Role::Runner => ("Runner", "runs what was granted, sees own runs"),
        Role::Viewer => ("Viewer", "sees what was granted, runs nothing"),
    }
}

pub(super) fn role_field(id: &'static str, selected: Role, roles: &[Role]) -> impl IntoView + use<> {
    let options = roles.iter().map(|role| {
        let (name, about) = role_words(*role);
        view! {
            <option value=role.as_str() selected=*role == selected>
                {format!("{name}: {about}")}
            </option>
        }
    });
    view! {
        <div class="field">
            <label class="field-label" for=id>
                "Role"
            </label>
            <select class="input" id=id name="role">
                {options.collect_view()}
            </select>
        </div>
    }
}

fn person(user: UserRow) -> impl IntoView {
    let href = paths::person(&user.principal.id);
    let service = user.kind == PrincipalKind::ServiceAccount;
    let state = match (user.disabled_at, user.password_hash.is_empty()) {
        (Some(_), _) => Some(("Disabled", "bad")),
        (None, true) if !service => Some(("No password yet", "warn")),
        (None, _) => None,
    };
    view! {
        <div class="setting">
            <div>
                <span>
                    <a class="link" href=href>
                        {user.principal.name}
                    </a> " " <span class="tag">{role_words(user.principal.role).0}</span> " "
                    {state.map(|(word, tone)| view! { <span class="tag" data-tone=tone>{word}</span> })}
                </span>
                <p>
                    {if service { "Service account".to_owned() } else { user.principal.email }}
                    {user.last_seen_at.map(|at| view! { " · last seen " <When at=at /> })}
                </p>
            </div>
        </div>
    }
}

fn invitation(invitation: Invitation) -> impl IntoView {
    let label = format!("Withdraw the invitation of {}", invitation.email);
    view! {
        <div class="setting">
            <div>
                <span>{invitation.email} " " <span class="tag">{role_words(invitation.role).0}</span></span>
                <p>"until " <When at=invitation.expires_at /></p>
            </div>
            <form method="post">
                <input type="hidden" name="invitation" value=invitation.id.to_string() />
                <button class="button small" name="act" value="withdraw" aria-label=label>
                    "Withdraw"
                </button>
            </form>
        </div>
    }
}
