//! Drawn pages in the app: what the server drew, and every address without a page.

#[cfg(feature = "hydrate")]
mod part;
#[cfg(feature = "hydrate")]
mod submission;
#[cfg(feature = "hydrate")]
mod visit;

use leptos::prelude::*;
use leptos_meta::Title;
use serde::{Deserialize, Serialize};

use crate::{
    components::{
        error::{ErrorNotice, ErrorPage},
        heading,
        loading::Loading,
    },
    error::{AppError, Kind},
    wire,
};

/// What a document says about its page. The page itself is in it once, as HTML.
#[derive(Clone, Serialize, Deserialize)]
struct Handed {
    title: String,
    error: Option<AppError>,
}

/// Where the page stands, and what stands in its place or above it.
#[derive(Clone, Copy)]
struct Place {
    element: NodeRef<leptos::html::Div>,
    title: RwSignal<String>,
    /// In place of the page.
    error: RwSignal<Option<AppError>>,
    /// Above it: what was typed stays.
    notice: RwSignal<Option<AppError>>,
    loading: RwSignal<bool>,
}

/// Where the browser takes over a document, it leaves the page in it as it is.
#[component]
pub fn DrawnPage() -> impl IntoView {
    let handed = wire::handed_in(handed);
    let came_with_document = handed.is_some();
    let (title, error) = handed.map(|handed| (handed.title, handed.error)).unwrap_or_default();
    let place = Place {
        element: NodeRef::new(),
        title: RwSignal::new(title),
        error: RwSignal::new(error),
        notice: RwSignal::new(None),
        loading: RwSignal::new(!came_with_document),
    };
    #[cfg(feature = "hydrate")]
    let submit = visit::follow(place, came_with_document);
    #[cfg(not(feature = "hydrate"))]
    let submit = |_: web_sys::SubmitEvent| {};
    view! {
        <Title text=heading::title(move || place.title.try_get().unwrap_or_default()) />
        {move || place.error.get().map(|error| view! { <ErrorPage error /> })}
        {move || place.notice.get().map(|error| view! { <ErrorNotice error /> })}
        {move || place.loading.get().then(|| view! { <Loading /> })}
        <div node_ref=place.element on:submit=submit inner_html=html()></div>
    }
}

fn no_page() -> AppError {
    AppError::new(Kind::NotFound, "There is no page at this address.")
}

#[cfg(feature = "ssr")]
fn handed() -> Option<Handed> {
    use crate::pages::Drawn;

    Some(match use_context() {
        Some(Drawn(Ok(page))) => Handed { title: page.title, error: None },
        Some(Drawn(Err(error))) => Handed { title: String::new(), error: Some(error) },
        None => {
            crate::services::not_found();
            Handed { title: String::new(), error: Some(no_page()) }
        }
    })
}

#[cfg(not(feature = "ssr"))]
fn handed() -> Option<Handed> {
    None
}

#[cfg(feature = "ssr")]
fn html() -> String {
    use crate::pages::Drawn;

    match use_context() {
        Some(Drawn(Ok(page))) => page.html.to_string(),
        _ => String::new(),
    }
}

#[cfg(not(feature = "ssr"))]
fn html() -> String {
    String::new()
}
