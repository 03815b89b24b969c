use leptos::prelude::*;

use crate::{
    components::{error::ErrorPage, frame::Around},
    error::{AppError, Kind},
};

#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::services::not_found();
    view! { <Around page=|| view! { <ErrorPage error=missing() /> }.into_any() /> }
}

fn missing() -> AppError {
    AppError::new(Kind::NotFound, "There is no page at this address.")
}
