use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::{hooks::use_location, location::Location};
use ui::{Icon, IconName};

use crate::{
    components::heading::PageTitle,
    error::{AppError, Kind},
    paths,
};

/// A page that could not be shown, in place of its content.
#[component]
pub fn ErrorPage(error: AppError) -> impl IntoView {
    let (code, title) = match error.kind {
        Kind::LoggedOut => ("401", "You are logged out"),
        Kind::Forbidden => ("403", "No access"),
        Kind::NotFound => ("404", "Not found"),
        Kind::Invalid | Kind::Conflict => ("422", "This cannot be shown"),
        Kind::TooMany => ("429", "Too many requests"),
        Kind::Unavailable => ("503", "Not available at the moment"),
        Kind::Network => ("", "No connection"),
    };
    view! {
        <Title text=title />
        <div class="page narrow">
            <div class="errorpage">
                <p class="errorpage-code">{code}</p>
                <PageTitle>{title}</PageTitle>
                <p>{error.message}</p>
                <div class="row">
                    {(error.kind == Kind::LoggedOut)
                        .then(|| view! { <LogInAgain class="button primary" /> })}
                    {matches!(error.kind, Kind::Network | Kind::Unavailable)
                        .then(|| view! { <TryAgain /> })}
                    <a class="button" href="/">
                        "Go to Home"
                    </a>
                </div>
                {error
                    .request_id
                    .map(|id| {
                        view! {
                            <p class="small muted">
                                "Request id " <span class="copyable"><code>{id}</code></span>
                            </p>
                        }
                    })}
            </div>
        </div>
    }
}

/// Something that was asked for on this page did not work; what was typed stays.
#[component]
pub fn ErrorNotice(error: AppError) -> impl IntoView {
    let logged_out = error.kind == Kind::LoggedOut;
    view! {
        <div class="notice" data-tone="bad" role="alert" tabindex="-1">
            <Icon name=IconName::CircleAlert />
            <div class="notice-body">
                <h2>{if logged_out { "You are logged out" } else { "That did not work" }}</h2>
                <p>{error.message}</p>
                <div class="row">
                    {logged_out.then(|| view! { <LogInAgain class="button small" new_tab=true /> })}
                    {error
                        .run
                        .map(|run| {
                            view! {
                                <a class="button small" href=paths::run(&run)>
                                    "Open the run"
                                </a>
                            }
                        })}
                </div>
                {error
                    .request_id
                    .map(|id| view! { <p class="small muted">"Request id " <code>{id}</code></p> })}
            </div>
        </div>
    }
}

/// Loads the page anew.
#[component]
fn TryAgain() -> impl IntoView {
    let location = use_location();
    let href = move || here(&location);
    view! {
        <a class="button primary" href=href rel="external">
            "Try again"
        </a>
    }
}

fn here(location: &Location) -> String {
    let (path, search) = (location.pathname.get(), location.search.get());
    if search.is_empty() { path } else { format!("{path}?{}", search.trim_start_matches('?')) }
}

#[component]
fn LogInAgain(class: &'static str, #[prop(optional)] new_tab: bool) -> impl IntoView {
    let location = use_location();
    let href = move || paths::log_in_then(&here(&location));
    view! {
        // `rel=external`: log-in loads a new document, with a new session.
        <a class=class href=href rel="external" target=new_tab.then_some("_blank")>
            {if new_tab { "Log in again in a new tab" } else { "Log in again" }}
        </a>
    }
}
