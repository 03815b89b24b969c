use leptos::prelude::*;
use model::RunStatus;

use crate::icon::{Icon, IconName};

/// A run's status: icon, word and colour together.
#[component]
pub fn StatusChip(
    #[prop(into)] status: Signal<RunStatus>,
    /// The words of this run, where they say more than the status.
    #[prop(optional, into)]
    word: Option<Signal<&'static str>>,
    /// As in the head of a run's page.
    #[prop(optional)]
    large: bool,
) -> impl IntoView {
    let class = if large { "chip large" } else { "chip" };
    let mark = move || match icon(status.get()) {
        Some(name) => view! { <Icon name /> }.into_any(),
        None => view! { <i class="pulse"></i> }.into_any(),
    };
    view! {
        <span class=class data-status=move || status.get().as_str()>
            {mark}
            {move || word.map_or_else(|| status.get().label(), |word| word.get())}
        </span>
    }
}

/// Nothing for what is under way: the moving dot stands there.
fn icon(status: RunStatus) -> Option<IconName> {
    Some(match status {
        RunStatus::Queued => IconName::Clock,
        RunStatus::Submitting | RunStatus::Pending => return None,
        RunStatus::Success => IconName::Check,
        RunStatus::Failed => IconName::X,
        RunStatus::Rejected => IconName::Ban,
        RunStatus::NotSent => IconName::CloudOff,
        RunStatus::Unconfirmed => IconName::CircleHelp,
        RunStatus::Stalled => IconName::Hourglass,
        RunStatus::Cancelled => IconName::CircleSlash,
    })
}
