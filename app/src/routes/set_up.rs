use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use ui::{Icon, IconName};

use crate::{features::accounts::SetUpFeedback, paths, wire};

/// Creates the first administrator; only whoever reads the server's console has the token.
#[component]
pub fn SetUpPage() -> impl IntoView {
    let feedback = wire::handed_in(use_context::<SetUpFeedback>);
    let token = use_query_map().with_untracked(|query| query.get("token")).unwrap_or_default();
    let message = feedback.as_ref().map(|feedback| feedback.message.clone());
    let SetUpFeedback { name, email, .. } = feedback.unwrap_or_default();
    let text =
        move |id: &'static str, label: &'static str, kind: &'static str, complete: &'static str, value: String| {
            view! {
                <div class="field">
                    <label class="field-label" for=id>
                        {label}
                    </label>
                    <input class="input" id=id name=id type=kind autocomplete=complete required value=value />
                </div>
            }
        };
    view! {
        <Title text="Set up" />
        <main class="login">
            <div class="login-box wide">
                <div class="login-head">
                    <Icon name=IconName::Mark class="brand-mark" />
                    <h1>"Create the administrator"</h1>
                    <p>"This is the first account, with all rights."</p>
                </div>
                <form class="form" method="post" action=paths::SET_UP>
                    {message
                        .map(|message| {
                            view! {
                                <div class="notice slim" data-tone="bad" role="alert">
                                    <Icon name=IconName::CircleAlert />
                                    <div class="notice-body">
                                        <p>{message}</p>
                                    </div>
                                </div>
                            }
                        })}
                    <input type="hidden" name="token" value=token />
                    {text("name", "Name", "text", "name", name)}
                    {text("email", "Email", "email", "username", email)}
                    {text("password", "Password", "password", "new-password", String::new())}
                    <p class="field-help">"At least 10 characters."</p>
                    <button class="button primary block">"Create administrator"</button>
                </form>
            </div>
        </main>
    }
}
