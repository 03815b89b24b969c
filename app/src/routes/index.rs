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
    match use_session().and_then(|session| session.home) {
        Some(home) => view! { <Redirect path=paths::home(&home) /> }.into_any(),
        None => {
            let error = AppError::new(
                Kind::NotFound,
                "No environment is set up. The operator sets DEV_PROCESS_INSTANCE_ID and DEV_CODIKA_API_KEY.",
            );
            view! { <ErrorPage error /> }.into_any()
        }
    }
}
