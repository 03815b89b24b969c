use leptos::prelude::*;
use serde::Deserialize;
use ui::{Icon, IconName};

use crate::paths;

use super::{Page, log_in::refusal, text_field::TextField};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct SetUpForm {
    /// Only whoever reads the server's console has it.
    pub token: String,
    pub name: String,
    pub email: String,
    pub password: String,
}

/// Creates the first administrator; again with what was typed (never the password) when there is a message.
pub fn page(typed: SetUpForm, message: Option<String>) -> Page {
    let view = move || {
        view! {
            <main class="login">
                <div class="login-box wide">
                    <div class="login-head">
                        <Icon name=IconName::Mark class="brand-mark" />
                        <h1>"Create the administrator"</h1>
                        <p>"This is the first account, with all rights."</p>
                    </div>
                    <form class="form" method="post" action=paths::SET_UP>
                        {refusal(message)}
                        <input type="hidden" name="token" value=typed.token />
                        <TextField
                            name="name"
                            label="Name"
                            autocomplete="name"
                            value=typed.name
                            required=true
                            autofocus=true
                        />
                        <TextField
                            name="email"
                            label="Email"
                            kind="email"
                            autocomplete="username"
                            value=typed.email
                            required=true
                        />
                        <TextField
                            name="password"
                            label="Password"
                            kind="password"
                            autocomplete="new-password"
                            value=""
                            help="At least 10 characters."
                            required=true
                        />
                        <button class="button primary block">"Create administrator"</button>
                    </form>
                </div>
            </main>
        }
        .into_any()
    };
    Page::new("Set up", view)
}
