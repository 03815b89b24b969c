use leptos::{prelude::*, text_prop::TextProp};

/// The title of a document that changes with its page. The server writes it last, outside of what the page was drawn
/// with, where a signal may be gone or another request's: there it is plain text. A browser may ask while a page goes,
/// so `text` reads signals with `try_get`.
pub fn title(text: impl Fn() -> String + Send + Sync + 'static) -> TextProp {
    if cfg!(feature = "ssr") { untrack(text).into() } else { text.into() }
}

/// The title of a page. After a change of page the focus goes here, so that readers of the screen
/// hear where they are and the next Tab starts at the content.
#[component]
pub fn PageTitle(children: Children) -> impl IntoView {
    let element = NodeRef::<leptos::html::H1>::new();
    #[cfg(feature = "hydrate")]
    focus_after_navigation(element);
    view! {
        <h1 tabindex="-1" node_ref=element>
            {children()}
        </h1>
    }
}

#[cfg(feature = "hydrate")]
fn focus_after_navigation(element: NodeRef<leptos::html::H1>) {
    use leptos_router::hooks::use_location;

    let here = use_location().pathname.get_untracked();
    Effect::new(move |_| {
        if shows(&here) {
            // A page that had to be loaded is put into the document after its effects ran.
            request_animation_frame(move || {
                if let Some(element) = element.try_get_untracked().flatten() {
                    let _ = element.focus();
                }
            });
        }
    });
}

/// Notes that the page of this path is shown now. Whether the focus has to move: another page was shown before.
#[cfg(feature = "hydrate")]
pub fn shows(path: &str) -> bool {
    use std::cell::RefCell;

    thread_local! {
        /// The page that was shown last; none until the first one, where the browser puts the focus.
        static SHOWN: RefCell<Option<String>> = const { RefCell::new(None) };
    }

    SHOWN.replace(Some(path.to_owned())).is_some_and(|before| before != path)
}
