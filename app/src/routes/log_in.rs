use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{Icon, IconName};

use crate::{features::accounts::LogInFeedback, paths, wire};

/// A plain form: works before and without wasm.
#[component]
pub fn LogInPage() -> impl IntoView {
    let feedback = wire::handed_in(use_context::<LogInFeedback>);
    let set_up_open = wire::handed_in(set_up_open).unwrap_or_default();
    let query = use_query_map();
    let next = query.with_untracked(|query| query.get("next")).filter(|next| paths::is_local(next));
    let (message, email) = feedback.map(|feedback| (Some(feedback.message), feedback.email)).unwrap_or_default();
    let invalid = message.is_some().then_some("true");
    view! {
        <Title text="Log in" />
        <main class="login">
            <div class="login-box">
                <div class="login-head">
                    <Icon name=IconName::Mark class="brand-mark" />
                    <h1>"Log in to Codika Dashboard"</h1>
                </div>
                <form class="form" method="post" action=paths::LOG_IN>
                    {message
                        .map(|message| {
                            view! {
                                <div class="notice slim" data-tone="bad" role="alert" id="log-in-error">
                                    <Icon name=IconName::CircleAlert />
                                    <div class="notice-body">
                                        <p>{message}</p>
                                    </div>
                                </div>
                            }
                        })}
                    <input type="hidden" name="next" value=next.unwrap_or_default() />
                    <div class="field">
                        <label class="field-label" for="email">
                            "Email"
                        </label>
                        <input
                            class="input"
                            id="email"
                            name="email"
                            // Not "email": browsers would refuse to send addresses with accents in them.
                            type="text"
                            inputmode="email"
                            autocapitalize="none"
                            spellcheck="false"
                            autocomplete="username"
                            required
                            value=email
                            aria-invalid=invalid
                        />
                    </div>
                    <div class="field">
                        <label class="field-label" for="password">
                            "Password"
                        </label>
                        <input
                            class="input"
                            id="password"
                            name="password"
                            type="password"
                            autocomplete="current-password"
                            required
                            aria-invalid=invalid
                        />
                    </div>
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
}

/// While there is no account at all.
#[cfg(feature = "ssr")]
fn set_up_open() -> Option<bool> {
    crate::services::services().ok().map(|services| services.engine.set_up_token().is_some())
}

#[cfg(not(feature = "ssr"))]
fn set_up_open() -> Option<bool> {
    None
}
