use leptos::prelude::*;

use crate::{
    components::error::ErrorPage,
    error::{AppError, Kind},
};

#[component]
pub fn NotFound() -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::services::not_found();
    view! { <ErrorPage error=AppError::new(Kind::NotFound, "There is no page at this address.") /> }
}
