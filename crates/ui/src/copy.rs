use leptos::prelude::*;

use crate::icon::{Icon, IconName};

/// Copies the text beside it: that of the `.code` or `.copyable` it stands in.
///
/// Static markup, so that it also works in results that only the server draws; it needs
/// [`listen_for_copies`] and is invisible where no script runs.
#[component]
pub fn CopyButton(
    /// What is copied, for people who do not see the button: "Copy …".
    #[prop(into)]
    what: String,
) -> impl IntoView {
    view! {
        <button class="button quiet small icon-only copy" type="button" aria-label=format!("Copy {what}")>
            <Icon name=IconName::Copy class="icon small" />
        </button>
    }
}

/// Makes every copy button of the document work, also those that come later. Call it once.
#[cfg(feature = "hydrate")]
pub fn listen_for_copies() {
    use wasm_bindgen::{JsCast, closure::Closure};

    let listener = Closure::<dyn Fn(web_sys::MouseEvent)>::new(|event: web_sys::MouseEvent| {
        let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        if let Some(button) = target.and_then(|target| target.closest("button.copy").ok().flatten()) {
            copy_beside(&button);
        }
    });
    let _ = document().add_event_listener_with_callback("click", listener.as_ref().unchecked_ref());
    // Belongs to the document, which outlives everything else here.
    listener.forget();
}

#[cfg(feature = "hydrate")]
fn copy_beside(button: &web_sys::Element) {
    const SHOWN: std::time::Duration = std::time::Duration::from_millis(1500);

    let around = button.closest(".code, .copyable").ok().flatten();
    let source = around.and_then(|around| around.query_selector("pre, code").ok().flatten());
    let Some(text) = source.and_then(|source| source.text_content()) else { return };
    // The browser shows its own refusal; there is nothing to add to it.
    let _ = window().navigator().clipboard().write_text(&text);
    let _ = button.set_attribute("data-copied", "");
    let button = button.clone();
    set_timeout(
        move || {
            let _ = button.remove_attribute("data-copied");
        },
        SHOWN,
    );
}
