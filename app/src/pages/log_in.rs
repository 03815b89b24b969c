use leptos::prelude::*;
use serde::Deserialize;
use ui::{Icon, IconName};

use crate::paths;

use super::{Page, text_field::TextField};

#[derive(Clone, Default, Deserialize)]
#[serde(default)]
pub struct LogInForm {
    pub email: String,
    pub password: String,
    /// The path that follows.
    pub next: String,
}

/// The form, again with what was typed (never the password) when there is a message. `set_up_open`: nobody has an
/// account yet.
pub fn page(typed: LogInForm, message: Option<String>, set_up_open: bool) -> Page {
    let next = if paths::is_local(&typed.next) { typed.next } else { String::new() };
    let view = move || {
        view! {
            <main class="login">
                <div class="login-box">
                    <div class="login-head">
                        <Icon name=IconName::Mark class="brand-mark" />
                        <h1>"Log in to Codika Dashboard"</h1>
                    </div>
                    <form class="form" method="post" action=paths::LOG_IN>
                        {refusal(message)}
                        <input type="hidden" name="next" value=next />
                        <TextField
                            name="email"
                            label="Email"
                            kind="email"
                            autocomplete="username"
                            value=typed.email
                            required=true
                            autofocus=true
                        />
                        <TextField
                            name="password"
                            label="Password"
                            kind="password"
                            autocomplete="current-password"
                            value=""
                            required=true
                        />
                        <button class="button primary block">"Log in"</button>
                    </form>
                    {set_up_open
                        .then(|| {
                            view! {
                                <p class="login-foot">
                                    "Nobody has an account here yet. To set up this dashboard, open the link that the server printed when it started."
                                </p>
                            }
                        })}
                </div>
            </main>
        }
        .into_any()
    };
    Page::new("Log in", view)
}

/// Why the form is shown again.
pub fn refusal(message: Option<String>) -> impl IntoView {
    message.map(|message| {
        view! {
            <div class="notice slim" data-tone="bad" role="alert">
                <Icon name=IconName::CircleAlert />
                <div class="notice-body">
                    <p>{message}</p>
                </div>
            </div>
        }
    })
}
