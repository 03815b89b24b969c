//! The HTML document around the app; rendered on the server only.

use std::sync::Arc;

use axum::http::{HeaderValue, header};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use crate::{
    App,
    services::{Services, extension},
};

/// Where the browser finds the bundle and the style sheet. The addresses change with the content,
/// so that browsers may keep what they have for ever.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assets {
    pub script: String,
    pub wasm: String,
    pub style: String,
    /// The style sheet itself, to be part of every document: the first page is seen one round trip earlier.
    pub sheet: Option<Arc<str>>,
}

impl Assets {
    /// Another one with every build of these files.
    pub fn build(&self) -> &str {
        self.script.split('/').nth(2).unwrap_or_default()
    }
}

/// The person's choice of light or dark, from a cookie; none follows the system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

pub fn shell() -> impl IntoView {
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    let services = use_context::<Services>();
    if let (Some(services), Some(response)) = (&services, use_context::<ResponseOptions>()) {
        if let Ok(policy) = HeaderValue::from_str(&(services.policy)(&nonce)) {
            response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
        }
        if let Some(preload) = preload(&services.assets) {
            response.insert_header(header::LINK, preload);
        }
    }
    // Before anything is read for the page.
    let cursor =
        services.as_ref().filter(|_| extension::<engine::Access>().is_some()).map(|services| (services.cursor)());
    let assets = services.map(|services| services.assets);
    let theme = extension::<Theme>().map(Theme::as_str);
    let start = assets.as_ref().map(|assets| {
        format!(
            "import('{}').then(m => m.default({{ module_or_path: '{}' }}).then(() => m.hydrate()))\
             .catch(error => console.warn('This page goes on without its script.', error))",
            assets.script, assets.wasm,
        )
    });
    let build = assets.as_ref().map(|assets| assets.build().to_owned());
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme data-cursor=cursor data-build=build>
            <head>
                {assets
                    .map(|assets| {
                        view! {
                            {head(&assets, &nonce)}
                            <link rel="modulepreload" href=assets.script.clone() nonce=nonce.clone() />
                        }
                    })} <script type="module" nonce=nonce>
                    {start}
                </script>
                <MetaTags />
            </head>
            <body>
                <App />
            </body>
        </html>
    }
}

/// What every document begins with: how it is read and how it looks.
pub fn head(assets: &Assets, nonce: &str) -> AnyView {
    let sheet = match &assets.sheet {
        Some(sheet) => view! { <style nonce=nonce.to_owned() inner_html=sheet.to_string()></style> }.into_any(),
        None => view! { <link rel="stylesheet" href=assets.style.clone() /> }.into_any(),
    };
    view! {
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <link rel="icon" href="/favicon.svg" type="image/svg+xml" id="favicon" />
        {sheet}
    }
    .into_any()
}

/// What takes longest to arrive is asked for first: before the document is read.
fn preload(assets: &Assets) -> Option<HeaderValue> {
    let link = format!("<{}>; rel=preload; as=fetch; type=\"application/wasm\"; crossorigin=anonymous", assets.wasm);
    HeaderValue::from_str(&link).ok()
}
