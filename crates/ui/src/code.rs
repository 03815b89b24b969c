use leptos::prelude::*;
use schema::Clip;

use crate::copy::CopyButton;

/// JSON as text, with a button that copies it.
#[component]
pub fn JsonBlock(
    #[prop(into)] text: String,
    /// How it is called where several stand on one page.
    #[prop(default = "JSON")]
    label: &'static str,
) -> impl IntoView {
    view! { <CodeBlock text label /> }
}

/// A text in which every space counts.
#[component]
pub fn CodeBlock(
    #[prop(into)] text: String,
    #[prop(into)] label: String,
    /// Breaks long lines instead of scrolling them.
    #[prop(optional)]
    wrap: bool,
) -> impl IntoView {
    let class = if wrap { "code wrap" } else { "code" };
    view! {
        <div class=class>
            <div class="code-head">{label.clone()} <CopyButton what=label /></div>
            <pre tabindex="0">
                <code>{text}</code>
            </pre>
        </div>
    }
}

/// What a cut text says about its missing part.
#[component]
pub fn CutNote(clip: Clip) -> impl IntoView {
    clip.is_cut().then(|| {
        let note = format!("The first {} of {} characters are shown.", grouped(clip.shown), grouped(clip.total));
        view! { <p class="muted small">{note}</p> }
    })
}

/// 1234567 → "1,234,567".
pub fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (i, c) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(c);
    }
    out
}
