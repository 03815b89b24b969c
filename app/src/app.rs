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
        add_workflow::AddWorkflowPage, home::HomePage, index::IndexPage, log_in::LogInPage, not_found::NotFound,
        run::RunPage, runs::RunsPage, set_up::SetUpPage, workflow::WorkflowPage,
    },
};

/// The whole dashboard. Every route renders completely before it is sent, so that a reader
/// without JavaScript sees content.
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
            <Routes fallback=NotFound>
                <Route path=path!("/login") view=LogInPage ssr=SsrMode::Async />
                <Route path=path!("/setup") view=SetUpPage ssr=SsrMode::Async />
                <ParentRoute path=path!("") view=Frame ssr=SsrMode::Async>
                    <Route path=path!("/") view=IndexPage ssr=SsrMode::Async />
                    <Route path=path!("/runs") view=RunsPage ssr=SsrMode::Async />
                    <Route path=path!("/runs/:id") view=RunPage ssr=SsrMode::Async />
                    <Route path=path!("/:env") view=HomePage ssr=SsrMode::Async />
                    <Route path=path!("/:env/add-workflow") view=AddWorkflowPage ssr=SsrMode::Async />
                    <Route path=path!("/:env/workflows/:id") view=WorkflowPage ssr=SsrMode::Async />
                </ParentRoute>
            </Routes>
        </Router>
    }
}

/// `leptos_meta` writes titles into the document as they are.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
