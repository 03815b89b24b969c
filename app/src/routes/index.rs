use leptos::prelude::*;
use leptos_router::components::Redirect;

use crate::{
    components::error::ErrorPage,
    error::{AppError, Kind},
    paths,
    providers::session::use_session,
};

/// The address without a page leads to where this person worked last.
#[component]
pub fn IndexPage() -> impl IntoView {
    let session = use_session();
    let sees_everything = session.as_ref().is_none_or(|session| session.person.role.sees_everything());
    match session.and_then(|session| session.home) {
        Some(home) => view! { <Redirect path=paths::home(&home) /> }.into_any(),
        None => {
            let words = if sees_everything {
                "No environment is set up. The operator sets DEV_PROCESS_INSTANCE_ID and DEV_CODIKA_API_KEY."
            } else {
                "Nothing has been granted to you yet. Ask an administrator of this dashboard."
            };
            let error = AppError::new(Kind::NotFound, words);
            view! { <ErrorPage error /> }.into_any()
        }
    }
}
