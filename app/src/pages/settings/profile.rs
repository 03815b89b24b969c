use engine::{Access, Engine, store::SessionRow};
use leptos::prelude::*;
use serde::Deserialize;

use crate::{
    Theme,
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
    pieces::{Refused, told},
};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct ProfileForm {
    /// What the button that was pressed does.
    pub act: String,
    pub name: String,
    pub old: String,
    pub new: String,
    /// Which of [`Profile::sessions`].
    pub session: String,
    /// A name of the time zone database.
    pub zone: String,
}

pub struct Profile {
    pub sessions: Vec<SessionRow>,
    /// The cookie that this page was asked for with.
    pub session: String,
    pub theme: Option<Theme>,
    pub zone: Zone,
}

/// A person's own account. `refused`: what of `typed` was not done, and why.
pub fn profile(
    who: &Access,
    profile: Profile,
    typed: &ProfileForm,
    refused: Option<AppError>,
    saved: Option<&'static str>,
) -> Page {
    let this = Engine::session_fingerprint(&profile.session);
    let others = profile.sessions.len() > 1;
    let error_of = |act: &str| refused.as_ref().filter(|_| typed.act == act).map(|error| error.message.clone());
    let (name_error, password_error) = (error_of("rename"), error_of("password"));
    let name = if typed.act == "rename" { typed.name.clone() } else { who.person.name.clone() };
    let zone = profile.zone;
    let (email, theme) = (who.person.email.clone(), profile.theme.map_or("system", Theme::as_str));
    page(who, paths::PROFILE, move || {
        let zones = Zone::names().into_iter().map(|name| {
            let selected = name == zone.name();
            let value = name.clone();
            view! {
                <option value=value selected=selected>
                    {name}
                </option>
            }
        });
        let zones = zones.collect_view();
        provide_context(zone.clone());
        view! {
            {told(saved)}
            <Card title="Name" about="Runs keep the name that they were started under.">
                <form class="form card-body" method="post">
                    <TextField name="name" label="Name" autocomplete="name" value=name error=name_error required=true />
                    <p class="muted small">{email}</p>
                    <div class="form-actions">
                        <button class="button" name="act" value="rename">
                            "Save name"
                        </button>
                    </div>
                </form>
            </Card>
            <Card title="Password" about="Changing it ends your other sessions.">
                <form class="form card-body" method="post">
                    {password_error.map(|message| view! { <Refused message=message /> })}
                    <TextField
                        name="old"
                        label="Present password"
                        kind="password"
                        autocomplete="current-password"
                        value=""
                        required=true
                    />
                    <TextField
                        name="new"
                        label="New password"
                        kind="password"
                        autocomplete="new-password"
                        value=""
                        help="At least 10 characters."
                        required=true
                    />
                    <div class="form-actions">
                        <button class="button" name="act" value="password">
                            "Change password"
                        </button>
                    </div>
                </form>
            </Card>
            <Card title="Theme" about="In this browser.">
                <form class="card-body" method="post" action=paths::PREFERENCES data-plain>
                    <div class="segmented" role="group" aria-label="Theme">
                        {[("light", "Light"), ("dark", "Dark"), ("system", "As the system")]
                            .map(|(value, label)| {
                                view! {
                                    <button
                                        name="theme"
                                        value=value
                                        aria-pressed=if theme == value { "true" } else { "false" }
                                    >
                                        {label}
                                    </button>
                                }
                            })}
                    </div>
                </form>
            </Card>
            <Card title="Time zone" about="For times on pages such as this one, in this browser.">
                <form class="form card-body" method="post">
                    <div class="field">
                        <label class="field-label" for="zone">
                            "Time zone"
                        </label>
                        <select class="input" id="zone" name="zone">
                            {zones}
                        </select>
                    </div>
                    <div class="form-actions">
                        <button class="button" name="act" value="zone">
                            "Save time zone"
                        </button>
                    </div>
                </form>
            </Card>
            <Card title="Sessions" about="Where you are logged in. A session lasts two weeks.">
                {profile.sessions.into_iter().map(|session| one(session, &this)).collect_view()}
                {others
                    .then(|| {
                        view! {
                            <form class="card-foot" method="post">
                                <button class="button danger" name="act" value="end_others">
                                    "End all other sessions"
                                </button>
                            </form>
                        }
                    })}
            </Card>
        }
        .into_any()
    })
}

fn one(session: SessionRow, this: &str) -> impl IntoView + use<> {
    let current = session.fingerprint == this;
    let device = if session.device.is_empty() { "Unknown device".to_owned() } else { session.device };
    let label = format!("End the session on {device}");
    view! {
        <div class="setting">
            <div>
                <span>{device}</span>
                <p>
                    {session.address} " · last used " <When at=session.last_used_at.unwrap_or(session.created_at) />
                </p>
            </div>
            {if current {
                view! { <span class="tag" data-tone="ok">"This session"</span> }.into_any()
            } else {
                view! {
                    <form method="post">
                        <input type="hidden" name="session" value=session.fingerprint />
                        <button class="button small" name="act" value="end" aria-label=label>
                            "End"
                        </button>
                    </form>
                }
                    .into_any()
            }}
        </div>
    }
}
