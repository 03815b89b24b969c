use leptos::prelude::*;

use crate::{Assets, Theme, app::escaped, shell::head};

use super::{Page, draw};

/// A page in front of the app: no frame and no script.
pub fn document(page: Page, assets: &Assets, theme: Option<Theme>, nonce: &str) -> String {
    let title = escaped(&format!("{} · Codika Dashboard", page.title));
    let view = || {
        view! {
            <!DOCTYPE html>
            <html lang="en" data-theme=theme.map(Theme::as_str)>
                <head>
                    {head(assets, nonce)} <title inner_html=title></title>
                </head>
                <body inner_html=page.html.to_string()></body>
            </html>
        }
        .into_any()
    };
    draw(view)
}
