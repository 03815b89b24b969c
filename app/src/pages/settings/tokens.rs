use engine::{
    Access,
    store::{TokenRow, UserRow},
};
use leptos::prelude::*;
use model::{EnvSlug, Millis, Role, TokenAct};
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
pub struct TokensForm {
    /// What the button that was pressed does.
    pub act: String,
    pub name: String,
    /// Days; empty: as long as it can be.
    pub days: String,
    pub acts: Vec<String>,
    pub environments: Vec<String>,
    /// Ids, with spaces or lines between them.
    pub workflows: String,
    pub runs_per_minute: String,
    /// Which token is revoked.
    pub token: String,
    /// How many days new tokens live at most; empty: no limit.
    pub longest: String,
}

pub struct Tokens {
    pub now: Millis,
    /// One's own, or everybody's for who manages people.
    pub tokens: Vec<(TokenRow, UserRow)>,
    pub environments: Vec<EnvSlug>,
    /// How many days new tokens live at most.
    pub longest: Option<u32>,
    /// A token that was just made; it is shown this once.
    pub made: Option<String>,
    pub zone: Zone,
}

/// Tokens for the REST API. `refused`: what of `typed` was not done, and why.
pub fn tokens(
    who: &Access,
    shown: Tokens,
    typed: &TokensForm,
    refused: Option<AppError>,
    saved: Option<&'static str>,
) -> Page {
    let error_of = |act: &str| refused.as_ref().filter(|_| typed.act == act).map(|error| error.message.clone());
    let (create_error, longest_error) = (error_of("create"), error_of("longest"));
    let typed = typed.clone();
    let manages = who.person.role == Role::Admin;
    let longest_life = shown.longest.map_or_else(
        || "Empty: it lives until it is revoked.".to_owned(),
        |days| format!("At most {days}; empty: {days}."),
    );
    let me = who.person.id.clone();
    let (own, others): (Vec<_>, Vec<_>) = shown.tokens.into_iter().partition(|(token, _)| token.owner == me);
    let now = shown.now;
    let zone = shown.zone;
    page(who, paths::TOKENS, move || {
        provide_context(zone);
        view! {
            {told(saved)}
            {shown.made.map(|value| view! { <Once title="Your new token" what="token" value=value /> })}
            <Card
                title="Your tokens"
                about="A program with one of them acts for you over the REST API, as far as the token goes and never further than you may."
            >
                {list(own, now, false)}
            </Card>
            <Card title="New token">
                <form class="form card-body" method="post">
                    <TextField
                        name="name"
                        label="What it is for"
                        value=typed.name
                        error=create_error
                        required=true
                    />
                    <div class="field">
                        <label class="field-label" for="days">
                            "Days that it lives"
                        </label>
                        <input
                            class="input short"
                            id="days"
                            name="days"
                            inputmode="numeric"
                            value=if typed.act == "create" { typed.days } else { shown.longest.map_or(90, |longest| longest.min(90)).to_string() }
                            aria-describedby="days-foot"
                        />
                        <div class="field-foot" id="days-foot">
                            <p class="field-help">{longest_life}</p>
                        </div>
                    </div>
                    <fieldset class="field">
                        <legend class="field-label">"What it may do"</legend>
                        <div class="choices">
                            {TokenAct::ALL
                                .iter()
                                .map(|act| {
                                    let (label, help) = words(*act);
                                    let fixed = *act == TokenAct::Read;
                                    let checked = fixed || typed.acts.iter().any(|word| word == act.as_str());
                                    view! {
                                        <label class="choice">
                                            <input
                                                type="checkbox"
                                                name="acts"
                                                value=act.as_str()
                                                checked=checked
                                                disabled=fixed
                                            />
                                            <span>{label} <small>{help}</small></span>
                                        </label>
                                    }
                                })
                                .collect_view()}
                        </div>
                    </fieldset>
                    <fieldset class="field">
                        <legend class="field-label">"Where"</legend>
                        <div class="choices inline">
                            {shown
                                .environments
                                .into_iter()
                                .map(|slug| {
                                    let slug = slug.to_string();
                                    let checked = typed.environments.contains(&slug);
                                    view! {
                                        <label class="choice">
                                            <input type="checkbox" name="environments" value=slug.clone() checked=checked />
                                            <span>{slug}</span>
                                        </label>
                                    }
                                })
                                .collect_view()}
                        </div>
                        <div class="field-foot">
                            <p class="field-help">"None: in all environments."</p>
                        </div>
                    </fieldset>
                    <TextField
                        name="workflows"
                        label="Workflows"
                        value=typed.workflows
                        help="Ids, with spaces between them. Empty: all."
                        mono=true
                    />
                    <TextField
                        name="runs_per_minute"
                        label="Runs a minute"
                        value=typed.runs_per_minute
                        help="Empty: as many as it likes."
                    />
                    <div class="form-actions">
                        <button class="button primary" name="act" value="create">
                            "Create token"
                        </button>
                    </div>
                </form>
            </Card>
            {manages
                .then(|| {
                    view! {
                        <Card title="Other people's tokens">{list(others, now, true)}</Card>
                        <Card title="How long tokens live" about="For new tokens; those that are there stay as they are.">
                            <form class="form card-body" method="post">
                                <TextField
                                    name="longest"
                                    label="Days at most"
                                    value=shown.longest.map(|days| days.to_string()).unwrap_or_default()
                                    help="Empty: no limit."
                                    error=longest_error
                                />
                                <div class="form-actions">
                                    <button class="button" name="act" value="longest">
                                        "Save"
                                    </button>
                                </div>
                            </form>
                        </Card>
                    }
                })}
        }
        .into_any()
    })
}

fn words(act: TokenAct) -> (&'static str, &'static str) {
    match act {
        TokenAct::Read => ("Read", "See workflows, runs, results and events. Every token may."),
        TokenAct::Run => ("Run", "Start runs."),
        TokenAct::Decide => ("Decide", "Stop waiting, look again, send again, say what became of a run."),
    }
}

/// Tokens as rows; those that are alive can be revoked.
pub(super) fn list(tokens: Vec<(TokenRow, UserRow)>, now: Millis, with_owner: bool) -> AnyView {
    if tokens.is_empty() {
        return view! { <p class="card-body muted">"None."</p> }.into_any();
    }
    tokens.into_iter().map(|(token, owner)| one(token, owner, now, with_owner)).collect_view().into_any()
}

fn one(token: TokenRow, owner: UserRow, now: Millis, with_owner: bool) -> impl IntoView {
    let (state, tone) = match token.revoked_at {
        Some(_) => ("Revoked", None),
        None if !token.is_alive(now) => ("Expired", None),
        None if owner.disabled_at.is_some() => ("Account disabled", None),
        None => ("Active", Some("ok")),
    };
    let alive = tone.is_some();
    let label = format!("Revoke “{}”", token.name);
    let ends = (!token.suffix.is_empty()).then(|| format!("…{}", token.suffix));
    view! {
        <div class="setting">
            <div>
                <span>
                    {token.name} " " <code class="code-inline">{ends}</code> " "
                    <span class="tag" data-tone=tone>
                        {state}
                    </span>
                </span>
                <p>
                    {with_owner.then(|| format!("{} · ", owner.principal.name))} {token.scopes.to_string()}
                    {token.expires_at.map(|at| view! { " · until " <When at=at /> })}
                    {match token.last_used_at {
                        Some(at) => view! { " · last used " <When at=at /> " from " {token.address} }.into_any(),
                        None => view! { " · never used" }.into_any(),
                    }}
                </p>
            </div>
            {alive
                .then(|| {
                    view! {
                        <form method="post">
                            <input type="hidden" name="token" value=token.id.to_string() />
                            <button class="button small danger" name="act" value="revoke" aria-label=label>
                                "Revoke"
                            </button>
                        </form>
                    }
                })}
        </div>
    }
}
