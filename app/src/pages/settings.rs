//! The settings: a list of sections at the left, one of them beside it.

pub mod about;
pub mod audit;
pub mod environments;
pub mod people;
pub mod person;
mod pieces;
pub mod profile;
pub mod tokens;

use engine::{
    Access,
    policy::{self, Act},
};
use leptos::prelude::*;

use crate::paths;

use super::Page;

struct Section {
    title: &'static str,
    path: &'static str,
    may_use: fn(&Access) -> bool,
}

/// In the order of the list.
const SECTIONS: &[Section] = &[
    Section { title: "Profile", path: paths::PROFILE, may_use: |_| true },
    Section { title: "Tokens", path: paths::TOKENS, may_use: |_| true },
    Section { title: "People", path: paths::PEOPLE, may_use: |who| policy::allows(who, Act::ManagePeople) },
    Section {
        title: "Environments",
        path: paths::ENVIRONMENTS,
        may_use: |who| policy::allows(who, Act::ManageEnvironments),
    },
    Section { title: "Audit", path: paths::AUDIT, may_use: |who| policy::allows(who, Act::ReadAudit) },
    Section { title: "About", path: paths::ABOUT, may_use: |_| true },
];

fn sections(who: &Access) -> impl Iterator<Item = &'static Section> {
    SECTIONS.iter().filter(move |section| (section.may_use)(who))
}

/// Where the settings of this person begin.
pub fn first(who: &Access) -> Option<&'static str> {
    sections(who).map(|section| section.path).next()
}

/// The section at `path`, with one card a subject.
fn page(who: &Access, path: &'static str, cards: impl FnOnce() -> AnyView) -> Page {
    let title = SECTIONS.iter().find(|section| section.path == path).map_or("Settings", |section| section.title);
    subpage(who, path, title.to_owned(), cards)
}

/// A page of the section at `path` that is about one thing of many.
fn subpage(who: &Access, path: &'static str, title: String, cards: impl FnOnce() -> AnyView) -> Page {
    let heading = title.clone();
    let links = sections(who).map(move |section| {
        let current = (section.path == path).then_some("page");
        view! {
            <a href=section.path aria-current=current>
                {section.title}
            </a>
        }
    });
    let view = move || {
        view! {
            <div class="page">
                <div class="settings">
                    <nav class="settings-nav" aria-label="Settings">
                        <p class="settings-title" aria-hidden="true">
                            "Settings"
                        </p>
                        {links.collect_view()}
                    </nav>
                    <div class="settings-body">
                        <h1 tabindex="-1">{heading}</h1>
                        {cards()}
                    </div>
                </div>
            </div>
        }
        .into_any()
    };
    Page::new(title, view)
}

/// One subject: its title, what it is about, and what can be set or read.
#[component]
fn Card(title: &'static str, #[prop(optional)] about: Option<&'static str>, children: Children) -> impl IntoView {
    view! {
        <section class="card">
            <div class="card-head">
                <h2>{title}</h2>
                {about.map(|about| view! { <p>{about}</p> })}
            </div>
            {children()}
        </section>
    }
}
