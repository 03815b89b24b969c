//! Search and jump: pages, the workflows of the current environment, recent runs.

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use model::Environment;
use ui::{Icon, IconName};
use web_sys::KeyboardEvent;

use crate::{
    components::composing::is_composing,
    features::workflows::{Home, get_home},
    paths,
};

/// Opens the palette from anywhere.
#[derive(Clone, Copy)]
pub struct PaletteHandle {
    dialog: NodeRef<leptos::html::Dialog>,
    opened: RwSignal<u32>,
}

impl PaletteHandle {
    pub fn new() -> Self {
        Self { dialog: NodeRef::new(), opened: RwSignal::new(0) }
    }

    pub fn open(self) {
        if let Some(dialog) = self.dialog.get_untracked()
            && !dialog.open()
        {
            let _ = dialog.show_modal();
            self.opened.update(|times| *times = times.wrapping_add(1));
        }
    }

    #[cfg(feature = "hydrate")]
    pub fn toggle(self) {
        match self.dialog.get_untracked() {
            Some(dialog) if dialog.open() => dialog.close(),
            _ => self.open(),
        }
    }

    fn close(self) {
        if let Some(dialog) = self.dialog.get_untracked() {
            dialog.close();
        }
    }
}

/// Somewhere to go.
#[derive(Clone, PartialEq)]
struct Place {
    group: &'static str,
    icon: IconName,
    name: String,
    note: String,
    href: String,
}

impl Place {
    fn new(group: &'static str, icon: IconName, name: impl Into<String>, note: String, href: String) -> Self {
        Self { group, icon, name: name.into(), note, href }
    }

    /// Every word of the search is somewhere in the name or the note.
    fn matches(&self, words: &[String]) -> bool {
        let text = lowercase(&format!("{} {}", self.name, self.note));
        words.iter().all(|word| text.contains(word.as_str()))
    }
}

const GROUPS: [&str; 3] = ["Pages", "Workflows", "Recent runs"];

/// By the browser, which has the tables for it.
#[cfg(feature = "hydrate")]
fn lowercase(text: &str) -> String {
    js_sys::JsString::from(text).to_lower_case().into()
}

#[cfg(not(feature = "hydrate"))]
fn lowercase(text: &str) -> String {
    text.to_lowercase()
}

fn pages(environments: &[Environment]) -> Vec<Place> {
    let homes = environments.iter().map(|env| {
        Place::new("Pages", IconName::House, format!("Home of {}", env.slug), String::new(), paths::home(&env.slug))
    });
    let runs = Place::new("Pages", IconName::History, "Runs", String::new(), paths::RUNS.to_owned());
    let settings = Place::new("Pages", IconName::Settings, "Settings", String::new(), paths::SETTINGS.to_owned());
    homes.chain([runs, settings]).collect()
}

fn places_of(home: &Home) -> Vec<Place> {
    let env = &home.catalog.environment.slug;
    let workflows = home.catalog.workflows.iter().map(|card| {
        Place::new("Workflows", IconName::Workflow, &card.name, String::new(), paths::workflow(env, &card.id))
    });
    let add = home
        .may_add
        .then(|| Place::new("Pages", IconName::Plus, "Add workflow", env.to_string(), paths::add_workflow(env)));
    let runs = home.recent.iter().map(|listed| {
        let run = &listed.run;
        let note = format!("{} {}", run.id.short(), run.label());
        Place::new("Recent runs", IconName::History, &run.workflow_name, note, paths::run(&run.id))
    });
    add.into_iter().chain(workflows).chain(runs).collect()
}

#[component]
pub fn Palette(
    handle: PaletteHandle,
    environments: Vec<Environment>,
    current: Memo<Option<Environment>>,
) -> impl IntoView {
    let query = RwSignal::new(String::new());
    let chosen = RwSignal::new(0usize);
    let home = RwSignal::new(None::<Home>);
    let input = NodeRef::<leptos::html::Input>::new();
    // What can be reached is asked for when somebody opens it, not on every page.
    Effect::new(move |_| {
        if handle.opened.get() == 0 {
            return;
        }
        query.set(String::new());
        if let Some(input) = input.get_untracked() {
            input.set_value("");
            let _ = input.focus();
        }
        if let Some(env) = current.get_untracked() {
            spawn_local(async move {
                if let Ok(found) = get_home(env.slug).await {
                    let _ = home.try_set(Some(found));
                }
            });
        }
    });
    let pages = StoredValue::new(pages(&environments));
    let places = Memo::new(move |_| {
        let words: Vec<String> = query.get().split_whitespace().map(lowercase).collect();
        let more = home.with(|home| home.as_ref().map(places_of).unwrap_or_default());
        let all: Vec<Place> = pages.get_value().into_iter().chain(more).filter(|place| place.matches(&words)).collect();
        let of = |group| all.iter().filter(move |place| place.group == group).cloned();
        GROUPS.into_iter().flat_map(of).collect::<Vec<_>>()
    });
    Effect::new(move |_| {
        places.track();
        chosen.set(0);
    });
    let navigate = use_navigate();
    let on_key = move |event: KeyboardEvent| {
        if is_composing(&event) {
            return;
        }
        let count = places.with(Vec::len);
        match event.key().as_str() {
            "ArrowDown" if count > 0 => chosen.update(|at| *at = (*at + 1) % count),
            "ArrowUp" if count > 0 => chosen.update(|at| *at = (*at + count - 1) % count),
            "Enter" => {
                if let Some(place) = places.with(|places| places.get(chosen.get_untracked()).cloned()) {
                    handle.close();
                    navigate(&place.href, NavigateOptions::default());
                }
            }
            _ => return,
        }
        event.prevent_default();
        show(chosen.get_untracked());
    };
    view! {
        <dialog class="dialog palette" node_ref=handle.dialog aria-label="Search or jump" closedby="any">
            <div class="palette-input">
                <Icon name=IconName::Search />
                <input
                    node_ref=input
                    type="text"
                    role="combobox"
                    aria-label="Search or jump"
                    aria-expanded="true"
                    aria-controls="places"
                    aria-autocomplete="list"
                    aria-activedescendant=move || {
                        places.with(|places| !places.is_empty()).then(|| format!("place-{}", chosen.get()))
                    }
                    autocomplete="off"
                    spellcheck="false"
                    placeholder="Page, workflow or run"
                    on:input=move |event| query.set(event_target_value(&event))
                    on:keydown=on_key
                />
            </div>
            <div class="palette-list" id="places" role="listbox" aria-label="Places">
                {move || places.with(|places| options(places, chosen, handle))}
            </div>
            <p class="palette-empty" role="status">
                {move || {
                    places
                        .with(Vec::is_empty)
                        .then(|| format!("Nothing here is called “{}”.", query.get().trim()))
                }}
            </p>
            <div class="palette-foot" aria-hidden="true">
                <span><kbd>"↑"</kbd><kbd>"↓"</kbd>"choose"</span>
                <span><kbd>"↵"</kbd>"open"</span>
                <span><kbd>"Esc"</kbd>"close"</span>
            </div>
        </dialog>
    }
    .into_any()
}

fn options(places: &[Place], chosen: RwSignal<usize>, handle: PaletteHandle) -> Vec<AnyView> {
    let mut group = "";
    let mut parts = Vec::new();
    for (i, place) in places.iter().cloned().enumerate() {
        if place.group != group {
            group = place.group;
            parts.push(view! { <p class="menu-title" aria-hidden="true">{group}</p> }.into_any());
        }
        let selected = move || if chosen.get() == i { "true" } else { "false" };
        parts.push(
            view! {
                <a
                    class="menu-item"
                    role="option"
                    id=format!("place-{i}")
                    tabindex="-1"
                    href=place.href
                    aria-selected=selected
                    on:click=move |_| handle.close()
                >
                    <Icon name=place.icon />
                    <span class="truncate">{place.name}</span>
                    <span class="push muted small nowrap">{place.note}</span>
                </a>
            }
            .into_any(),
        );
    }
    parts
}

/// Scrolls the list no further than needed.
fn show(place: usize) {
    if let Some(element) = document().get_element_by_id(&format!("place-{place}")) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// The keys, for `?`.
#[component]
pub fn KeyHelp() -> impl IntoView {
    let keys: [(&[&str], &str); 7] = [
        (&["Ctrl", "K"], "Search or jump (⌘ K on a Mac)"),
        (&["/"], "Search or jump"),
        (&["g", "h"], "Go to Home"),
        (&["g", "r"], "Go to Runs"),
        (&["Ctrl", "↵"], "Run the workflow whose form you are in"),
        (&["↑", "↓"], "From row to row in a table of runs"),
        (&["?"], "These shortcuts"),
    ];
    let row = |(keys, what): (&'static [&'static str], &'static str)| {
        view! {
            <div>
                <dt>{keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view()}</dt>
                <dd>{what}</dd>
            </div>
        }
    };
    view! {
        <dialog class="dialog" id="keys" aria-labelledby="keys-title" closedby="any">
            <div class="dialog-head">
                <h2 id="keys-title">"Keyboard shortcuts"</h2>
                <form method="dialog">
                    <button class="button quiet small icon-only" aria-label="Close">
                        <Icon name=IconName::X />
                    </button>
                </form>
            </div>
            <div class="dialog-body">
                <dl class="kv">{keys.into_iter().map(row).collect_view()}</dl>
            </div>
        </dialog>
    }
    .into_any()
}
