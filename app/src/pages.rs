//! Drawn pages: their views are compiled into the server alone, and cost the browser's bundle nothing.

pub mod add_workflow;
mod document;
pub mod invite;
pub mod log_in;
pub mod set_up;
pub mod settings;
mod text_field;
pub mod zone;

use std::sync::Arc;

use http::StatusCode;
use leptos::prelude::*;

pub use document::document;

use crate::error::AppError;

/// What a handler answers. Whether it travels as a document or as a part is not its business.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: StatusCode,
    pub title: String,
    pub html: Arc<str>,
}

/// The page that a document is made for, or why there is none; a context of the app while it is rendered.
#[derive(Clone, Debug)]
pub struct Drawn(pub Result<Page, AppError>);

impl Page {
    /// Draws the view. It is handed everything and reads no context.
    pub fn new(title: impl Into<String>, view: impl FnOnce() -> AnyView) -> Self {
        Self { status: StatusCode::OK, title: title.into(), html: draw(view).into() }
    }

    #[must_use]
    pub fn with_status(self, status: StatusCode) -> Self {
        Self { status, ..self }
    }
}

/// Under a root of its own: the owner that is current on this thread may be another request's, whose contexts are
/// another person's.
fn draw(view: impl FnOnce() -> AnyView) -> String {
    let before = Owner::current();
    let owner = Owner::new_root(None);
    let html = owner.with(|| view().to_html());
    owner.unset_with_forced_cleanup();
    if let Some(before) = before {
        before.set();
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Clone)]
    struct OfAnotherRequest;

    #[test]
    fn a_page_sees_no_context_of_whoever_was_on_the_thread() {
        let other = Owner::new_root(None);
        other.set();
        provide_context(OfAnotherRequest);
        let page = Page::new("t", || {
            let seen = use_context::<OfAnotherRequest>().is_some();
            view! { <p>{seen.to_string()}</p> }.into_any()
        });
        assert!(page.html.starts_with("<p>false"), "{}", page.html);
        assert!(use_context::<OfAnotherRequest>().is_some(), "whoever was there goes on");
        other.unset_with_forced_cleanup();
    }

    #[test]
    fn live_things_are_drawn_as_they_are() {
        let page = Page::new("t", || {
            let count = RwSignal::new(2);
            let twice = Memo::new(move |_| count.get() * 2);
            provide_context(twice);
            view! { <p title=move || twice.get()>{move || expect_context::<Memo<i32>>().get()} " <b>"</p> }.into_any()
        });
        assert!(page.html.starts_with("<p title=\"4\">4<!> &lt;b&gt;"), "{}", page.html);
    }
}
