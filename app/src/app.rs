use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    components::frame::Frame,
    providers::{clock, live, session},
    routes::{
        drawn::DrawnPage, home::HomePage, index::IndexPage, run::RunPage, runs::RunsPage, workflow::WorkflowPage,
    },
};

/// The whole dashboard. Every route renders completely before it is sent, so that a reader
/// without JavaScript sees content. What only the server draws has one route, the last; an address of one segment
/// needs another one, before the environments.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    session::provide();
    clock::provide();
    live::provide();
    #[cfg(feature = "hydrate")]
    ui::listen_for_copies();
    view! {
        <Title formatter=|title: String| {
            let title = if cfg!(feature = "ssr") { escaped(&title) } else { title };
            if title.is_empty() { "Codika Dashboard".to_owned() } else { format!("{title} · Codika Dashboard") }
        } />
        <Router>
            <Routes fallback=|| ()>
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("/") view=IndexPage ssr=SsrMode::Async />
                    <Route path=path!("/runs") view=RunsPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/:id") view=RunPage ssr=SsrMode::Async />
                    <Route path=path!("/settings") view=DrawnPage ssr=SsrMode::Async />
                    <Route path=path!("/audit") view=DrawnPage ssr=SsrMode::Async />
                    <Route path=path!("/:env") view=HomePage ssr=SsrMode::Async />
                    <Route path=path!("/:env/workflows/:id") view=WorkflowPage ssr=SsrMode::Async />
                    <Route path=path!("/*drawn") view=DrawnPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// The view library writes titles into the document as they are.
pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
