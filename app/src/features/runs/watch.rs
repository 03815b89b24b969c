//! What is unusual about waiting for Codika.

use leptos::prelude::*;
use model::{Outage, WatchNote};
use ui::{Icon, IconName};

use crate::components::time;

/// Trouble with asking; the run itself goes on.
#[component]
pub fn Watch(note: WatchNote) -> impl IntoView {
    let words = match note {
        WatchNote::Registering => "Registering: Codika has accepted the run and does not list it yet.".into_any(),
        WatchNote::Word { word } => view! { "Codika reports the status “" <bdi>{word}</bdi> "”." }.into_any(),
        WatchNote::Unavailable { again_at } => view! {
            "Status temporarily unavailable. We ask again at "
            <time::ClockTime at=again_at />
            ". The run itself goes on."
        }
        .into_any(),
        WatchNote::Limited { again_at } => view! {
            "Codika asks for fewer questions. We ask again at "
            <time::ClockTime at=again_at />
            ". The run itself goes on."
        }
        .into_any(),
        WatchNote::Outage(outage) => view! {
            <OutageWords outage />
            " Runs go on there; their results come when it answers."
        }
        .into_any(),
    };
    view! { <Warning>{words}</Warning> }
}

/// For the top of a page: the whole environment is not answered.
#[component]
pub fn OutageNotice(outage: Outage) -> impl IntoView {
    view! {
        <Warning>
            <OutageWords outage />
            " Runs that are under way go on there; their results come when it answers."
        </Warning>
    }
}

#[component]
fn OutageWords(outage: Outage) -> impl IntoView {
    view! {
        "Codika is not answering since "
        <time::ClockTime at=outage.since />
        "; we ask again at "
        <time::ClockTime at=outage.again_at />
        "."
    }
}

#[component]
fn Warning(children: Children) -> impl IntoView {
    view! {
        <div class="notice slim" data-tone="warn">
            <Icon name=IconName::TriangleAlert />
            <div class="notice-body">
                <p>{children()}</p>
            </div>
        </div>
    }
}
