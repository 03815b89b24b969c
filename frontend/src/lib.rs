//! The browser's entry point and nothing else.

#![recursion_limit = "256"]

use leptos::prelude::{document, hydrate_body};
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the document the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    // Without it a panic in the browser says only "unreachable". Release bundles have no panic messages.
    #[cfg(debug_assertions)]
    std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
    hydrate_body(app::App);
    if let Some(root) = document().document_element() {
        // Tells tests and user scripts that the page now answers by itself.
        let _ = root.set_attribute("data-hydrated", "");
    }
}
