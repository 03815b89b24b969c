use engine::OpenLink;
use leptos::prelude::*;
use serde::Deserialize;
use ui::{Icon, IconName};

use crate::paths;

use super::{Page, log_in::refusal, text_field::TextField};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct InviteForm {
    /// The secret of the link.
    pub token: String,
    pub name: String,
    pub password: String,
}

/// Where a link leads that works once: to an account, or to a new password. Again with what was typed (never the
/// password) when there is a message.
pub fn page(link: OpenLink, typed: InviteForm, message: Option<String>) -> Page {
    let (title, about, email, invited) = match link {
        OpenLink::Invitation { email } => ("Join this dashboard", "Choose a name and a password.", email, true),
        OpenLink::Password { email, .. } => {
            ("Choose a new password", "The old one does not count any more.", email, false)
        }
    };
    let view = move || {
        view! {
            <main class="login">
                <div class="login-box wide">
                    <div class="login-head">
                        <Icon name=IconName::Mark class="brand-mark" />
                        <h1>{title}</h1>
                        <p>{about}</p>
                    </div>
                    <form class="form" method="post" action=paths::INVITE>
                        {refusal(message)}
                        <input type="hidden" name="token" value=typed.token />
                        <div class="field">
                            <label class="field-label" for="email">
                                "Email"
                            </label>
                            <input class="input" id="email" type="text" autocomplete="username" value=email readonly />
                        </div>
                        {invited
                            .then(|| {
                                view! {
                                    <TextField
                                        name="name"
                                        label="Name"
                                        autocomplete="name"
                                        value=typed.name
                                        required=true
                                        autofocus=true
                                    />
                                }
                            })}
                        <TextField
                            name="password"
                            label="Password"
                            kind="password"
                            autocomplete="new-password"
                            value=""
                            help="At least 10 characters."
                            required=true
                            autofocus={!invited}
                        />
                        <button class="button primary block">
                            {if invited { "Create account" } else { "Set password" }}
                        </button>
                    </form>
                </div>
            </main>
        }
        .into_any()
    };
    Page::new(title, view)
}

/// For a link that does not work any more.
pub fn closed() -> Page {
    let view = || {
        view! {
            <main class="login">
                <div class="login-box">
                    <div class="login-head">
                        <Icon name=IconName::Mark class="brand-mark" />
                        <h1>"This link does not work any more"</h1>
                        <p>"It was used, replaced or is too old. Ask an administrator for a new one."</p>
                    </div>
                    <a class="button block" href=paths::LOG_IN>
                        "Log in"
                    </a>
                </div>
            </main>
        }
        .into_any()
    };
    Page::new("This link does not work any more", view)
}
