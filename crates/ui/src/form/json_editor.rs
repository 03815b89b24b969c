use leptos::prelude::*;
use schema::{FieldError, JSON_FIELD};

use super::text::area_text;
use crate::icon::{Icon, IconName};

/// More than these would push the editor out of sight.
const MAX_MESSAGES: usize = 8;

/// The whole input as JSON, in place of the form.
#[component]
pub fn JsonEditor(
    /// What stands in it at first.
    #[prop(into)]
    text: String,
    #[prop(into)] errors: Signal<Vec<FieldError>>,
) -> impl IntoView {
    let invalid = move || errors.with(|all| (!all.is_empty()).then_some("true"));
    let foot = move || {
        let all = errors.get();
        if all.is_empty() {
            return view! { <p class="field-help">"One object in braces; its names are the fields of the workflow."</p> }
                .into_any();
        }
        let more = all.len().saturating_sub(MAX_MESSAGES);
        let lines = all.into_iter().take(MAX_MESSAGES).map(line).collect_view();
        view! {
            <div class="stack tight">
                {lines}
                {(more > 0).then(|| view! { <p class="field-error">{format!("And {more} more.")}</p> })}
            </div>
        }
        .into_any()
    };
    view! {
        <div class="field">
            <label class="field-label" for=JSON_FIELD>
                "Input as JSON"
            </label>
            <textarea
                class="input mono"
                id=JSON_FIELD
                name=JSON_FIELD
                rows="14"
                spellcheck="false"
                autocomplete="off"
                aria-describedby="in_json-foot"
                aria-invalid=invalid
                inner_html=area_text(&text)
            ></textarea>
            <div class="field-foot" id="in_json-foot">
                {foot}
            </div>
        </div>
    }
}

fn line(e: FieldError) -> impl IntoView {
    let text = if e.path.is_empty() { e.message } else { format!("{}: {}", e.path, e.message) };
    view! {
        <p class="field-error">
            <Icon name=IconName::CircleAlert />
            <span>{text}</span>
        </p>
    }
}
