use leptos::prelude::*;
use schema::{Item, Section};

use super::{Context, items};

pub fn view(context: &Context, section: Section) -> AnyView {
    let Section { title, description, collapsible, default_open, items: inner } = section;
    if !collapsible {
        return view! {
            <section class="form-section">
                <div class="form-section-head">
                    {(!title.is_empty()).then(|| view! { <h2>{title}</h2> })}
                    {description.map(|text| view! { <p>{text}</p> })}
                </div>
                {items(context, inner)}
            </section>
        }
        .into_any();
    }
    let keys = keys(&inner);
    let count = match keys.len() {
        1 => "1 field".to_owned(),
        n => format!("{n} fields"),
    };
    let errors = context.errors;
    // Opens for a mistake inside; once it did, it is the reader who closes it.
    let open = Memo::new(move |before: Option<&bool>| {
        let wrong = errors.with(|all| all.iter().any(|e| keys.iter().any(|key| e.concerns(key))));
        wrong || before.copied().unwrap_or(default_open)
    });
    let title = if title.is_empty() { "More".to_owned() } else { title };
    view! {
        <details class="fold form-section" open=move || open.get()>
            <summary>{format!("{title} ")}<span class="muted">{count}</span></summary>
            <div class="fold-body">
                {description.map(|text| view! { <p class="field-help">{text}</p> })}
                {items(context, inner)}
            </div>
        </details>
    }
    .into_any()
}

fn keys(items: &[Item]) -> Vec<String> {
    items
        .iter()
        .flat_map(|item| match item {
            Item::Field(field) => vec![field.key.clone()],
            Item::Section(section) => keys(&section.items),
        })
        .collect()
}
