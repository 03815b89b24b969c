//! One file per page.

pub mod drawn;
pub mod home;
pub mod index;
pub mod run;
pub mod runs;
pub mod workflow;

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::error::{AppError, Kind};

/// A parameter of the path as a parsed id. What is not one is simply not there.
fn param<T: std::str::FromStr + Send + Sync + Clone + PartialEq + 'static>(
    name: &'static str,
    missing: &'static str,
) -> Memo<Result<T, AppError>> {
    let params = use_params_map();
    Memo::new(move |_| {
        let text = params.with(|params| params.get(name)).unwrap_or_default();
        let parsed = text.parse().map_err(|_| AppError::new(Kind::NotFound, missing));
        #[cfg(feature = "ssr")]
        if parsed.is_err() {
            crate::services::not_found();
        }
        parsed
    })
}
