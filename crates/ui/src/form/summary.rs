use leptos::prelude::*;
use schema::{FieldError, Form};

use super::control_id;
use crate::icon::{Icon, IconName};

/// All mistakes with links to their fields, for long forms; nothing while there are none.
#[component]
pub fn ErrorSummary(
    form: Form,
    #[prop(into)] errors: Signal<Vec<FieldError>>,
    /// As given to the form.
    #[prop(default = "f")]
    prefix: &'static str,
) -> impl IntoView {
    let fields: Vec<(String, String)> = form.fields().map(|f| (f.key.clone(), super::control::label(f))).collect();
    let entry = move |e: FieldError| match fields.iter().find(|(key, _)| e.concerns(key)) {
        Some((key, label)) => {
            let href = format!("#{}", control_id(prefix, key));
            view! { <li><a href=href>{format!("{label}: {}", e.message)}</a></li> }.into_any()
        }
        None => view! { <li>{e.message}</li> }.into_any(),
    };
    move || {
        let all = errors.get();
        (!all.is_empty()).then(|| {
            let title = match all.len() {
                1 => "1 field needs attention".to_owned(),
                n => format!("{n} fields need attention"),
            };
            view! {
                <div class="notice error-summary" data-tone="bad" role="alert" tabindex="-1">
                    <Icon name=IconName::CircleAlert />
                    <div class="notice-body">
                        <h2>{title}</h2>
                        <ul>{all.into_iter().map(entry.clone()).collect_view()}</ul>
                    </div>
                </div>
            }
        })
    }
}

/// Sentences that belong to no field.
pub fn notice(messages: Vec<String>) -> Option<impl IntoView> {
    (!messages.is_empty()).then(|| {
        let lines = messages.into_iter().map(|text| view! { <p>{text}</p> }).collect_view();
        view! {
            <div class="notice slim" data-tone="bad" role="alert">
                <Icon name=IconName::CircleAlert />
                <div class="notice-body">{lines}</div>
            </div>
        }
    })
}
