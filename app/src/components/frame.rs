//! The bar, the rail and the place where pages appear.

use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};
use model::{EnvSlug, Environment};
use ui::{Icon, IconName};

use crate::{
    components::{
        environment::EnvState,
        palette::{KeyHelp, Palette, PaletteHandle},
    },
    features::accounts::Session,
    paths,
    providers::{clock::use_clock, live::use_live, session::use_session},
};

/// Around every page of a person who is logged in; guests are sent to the log-in before it renders.
#[component]
pub fn Frame() -> impl IntoView {
    view! { <Around page=|| view! { <Outlet /> }.into_any() /> }
}

/// The frame around something that is no route.
#[component]
pub fn Around(page: fn() -> AnyView) -> impl IntoView {
    match use_session() {
        Some(session) => view! { <Framed session page /> }.into_any(),
        None => view! { <main id="main">{page()}</main> }.into_any(),
    }
}

#[component]
fn Framed(session: Session, page: fn() -> AnyView) -> impl IntoView {
    use_clock().start(session.now);
    let current = current_environment(session.environments.clone(), session.home.clone());
    let palette = PaletteHandle::new();
    #[cfg(feature = "hydrate")]
    crate::components::keyboard::listen(palette, move || {
        current.get_untracked().map_or_else(|| "/".to_owned(), |env| paths::home(&env.slug))
    });
    #[cfg(feature = "hydrate")]
    note_steps_forward();
    let environments = session.environments.clone();
    view! {
        <div class="frame" data-env=move || current.get().map(|env| env.kind.as_str())>
            <a class="skip" href="#main">
                "Skip to content"
            </a>
            <Chrome session current palette />
            <main class="main" id="main" tabindex="-1">
                {page()}
            </main>
        </div>
        <Palette handle=palette environments current />
        <KeyHelp />
    }
}

/// The router (0.8.17) forgets where the browser is when it goes forward, and then takes some links for where it is
/// already: their page comes, their address does not. Going to where the browser is reminds it.
#[cfg(feature = "hydrate")]
fn note_steps_forward() {
    use leptos_router::{NavigateOptions, hooks::use_navigate};

    let navigate = use_navigate();
    let listener = window_event_listener(leptos::ev::popstate, move |_| {
        let here = window().location();
        let here = [here.pathname(), here.search(), here.hash()].map(Result::unwrap_or_default).concat();
        navigate(&here, NavigateOptions { replace: true, scroll: false, ..NavigateOptions::default() });
    });
    on_cleanup(move || listener.remove());
}

/// The environment of the address, else the last one that was, else the person's.
fn current_environment(environments: Vec<Environment>, home: Option<EnvSlug>) -> Memo<Option<Environment>> {
    let path = use_location().pathname;
    Memo::new(move |before: Option<&Option<Environment>>| {
        let path = path.get();
        let first = path.trim_start_matches('/').split('/').next().unwrap_or_default();
        let named = environments.iter().find(|env| env.slug.as_str() == first).cloned();
        named
            .or_else(|| before.cloned().flatten())
            .or_else(|| environments.iter().find(|env| Some(&env.slug) == home.as_ref()).cloned())
    })
}

#[component]
fn Chrome(session: Session, current: Memo<Option<Environment>>, palette: PaletteHandle) -> impl IntoView {
    let path = use_location().pathname;
    let home = move || current.get().map_or_else(|| "/".to_owned(), |env| paths::home(&env.slug));
    let at_runs = move || path.with(|path| path.starts_with(paths::RUNS));
    // "page" for the page itself, "true" for those below it.
    let at_settings = move || path.with(|path| path.starts_with(paths::SETTINGS) || path == paths::AUDIT);
    let home_is = move || (!at_runs() && !at_settings()).then(|| if path.get() == home() { "page" } else { "true" });
    let runs_is = move || at_runs().then(|| if path.with(|path| path == paths::RUNS) { "page" } else { "true" });
    view! {
        <header class="topbar">
            <a class="brand" href=home aria-label="Codika Dashboard, home">
                <Icon name=IconName::Mark class="brand-mark" />
                <span class="brand-name">"Codika Dashboard"</span>
            </a>
            <button
                class="jump"
                type="button"
                aria-keyshortcuts="Control+K Meta+K"
                on:click=move |_| palette.open()
            >
                <Icon name=IconName::Search />
                <span class="jump-label">"Search or jump…"</span>
                <kbd aria-hidden="true">"Ctrl K"</kbd>
            </button>
            <div class="topbar-end">
                <LiveIndicator />
                {session
                    .upstream_label
                    .map(|label| {
                        view! {
                            <span class="tag" data-tone="warn" title="Runs go to a stand-in for Codika on this machine">
                                {label}
                            </span>
                        }
                    })}
                {(session.environments.len() > 1)
                    .then(|| view! { <EnvSwitch environments=session.environments current /> })}
                <button
                    class="avatar"
                    popovertarget="account-menu"
                    aria-label=format!("{}, account of {}", session.initials, session.person.name)
                >
                    {session.initials.clone()}
                </button>
                <AccountMenu name=session.person.name email=session.person.email theme=session.theme />
            </div>
        </header>
        <nav class="rail" aria-label="Main">
            <a class="rail-link" href=home aria-current=home_is>
                <Icon name=IconName::House />
                <span class="rail-text">"Home"</span>
            </a>
            <a class="rail-link" href=paths::RUNS aria-current=runs_is>
                <Icon name=IconName::History />
                <span class="rail-text">"Runs"</span>
                <RunningCount />
            </a>
            <a class="rail-link" href=paths::SETTINGS aria-current=move || at_settings().then_some("true")>
                <Icon name=IconName::Settings />
                <span class="rail-text">"Settings"</span>
            </a>
        </nav>
    }
    .into_any()
}

/// How many runs are under way.
#[component]
fn RunningCount() -> impl IntoView {
    let live = use_live();
    view! {
        {move || match live.moving() {
            0 => ().into_any(),
            moving => {
                view! {
                    <span class="rail-count">
                        <span class="sr-only">", "</span>
                        {moving}
                        <span class="sr-only">" running"</span>
                    </span>
                }
                    .into_any()
            }
        }}
    }
}

#[component]
fn LiveIndicator() -> impl IntoView {
    let live = use_live();
    view! {
        <span class="live" data-state=move || live.state().as_str() role="status">
            <span class="live-text">{move || live.state().label()}</span>
        </span>
    }
}

#[component]
fn EnvSwitch(environments: Vec<Environment>, current: Memo<Option<Environment>>) -> impl IntoView {
    let slug = move || current.get().map(|env| env.slug.to_string()).unwrap_or_default();
    view! {
        <button
            class="envswitch"
            popovertarget="env-menu"
            aria-label=move || format!("Environment: {}", slug())
        >
            {slug}
            <Icon name=IconName::ChevronDown class="icon small" />
        </button>
        <div class="menu" id="env-menu" popover="auto">
            <p class="menu-title">"Environment"</p>
            {environments
                .into_iter()
                .map(|env| {
                    let chosen = {
                        let slug = env.slug.clone();
                        move || current.get().is_some_and(|current| current.slug == slug)
                    };
                    view! {
                        <a class="menu-item" href=paths::home(&env.slug)>
                            {env.slug.to_string()}
                            <EnvState environment=env.clone() />
                            <Show when=chosen>
                                <Icon name=IconName::Check class="icon menu-check" />
                            </Show>
                        </a>
                    }
                })
                .collect_view()}
        </div>
    }
}

#[component]
fn AccountMenu(name: String, email: String, theme: String) -> impl IntoView {
    let themes = [("system", "System"), ("light", "Light"), ("dark", "Dark")].map(|(value, label)| {
        view! {
            <button name="theme" value=value aria-pressed=if theme == value { "true" } else { "false" }>
                {label}
            </button>
        }
    });
    view! {
        <div class="menu" id="account-menu" popover="auto">
            <div class="menu-head">
                <strong>{name}</strong>
                <span class="muted small">{email}</span>
            </div>
            <form method="post" action=paths::PREFERENCES>
                <div class="segmented" role="group" aria-label="Appearance">
                    {themes.into_iter().collect_view()}
                </div>
            </form>
            <hr class="menu-sep" />
            <button class="menu-item needs-script" type="button" command="show-modal" commandfor="keys">
                <Icon name=IconName::Info />
                "Keyboard shortcuts"
                <kbd>"?"</kbd>
            </button>
            <form method="post" action=paths::LOG_OUT>
                <button class="menu-item">
                    <Icon name=IconName::LogOut />
                    "Log out"
                </button>
            </form>
        </div>
    }
}
