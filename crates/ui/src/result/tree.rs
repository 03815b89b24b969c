//! JSON whose parts can be folded away. Drawn on the server only; folding needs no script.

use leptos::prelude::*;
use serde_json::Value;

use crate::code::grouped;

/// Levels that are open at first.
const OPEN: usize = 2;

pub fn tree(value: &Value) -> AnyView {
    view! { <div class="json" dir="auto">{part(None, value, 0)}</div> }.into_any()
}

fn part(key: Option<&str>, value: &Value, level: usize) -> AnyView {
    let name = key.map(|key| view! { <span class="json-key">{key.to_owned()}</span> });
    let (size, parts) = match value {
        Value::Array(list) if !list.is_empty() => {
            let parts = list.iter().map(|entry| (None, entry)).collect::<Vec<_>>();
            (counted(list.len(), "entry", "entries"), parts)
        }
        Value::Object(members) if !members.is_empty() => {
            let parts = members.iter().map(|(key, entry)| (Some(key.as_str()), entry)).collect();
            (counted(members.len(), "member", "members"), parts)
        }
        flat => {
            let class = match flat {
                Value::String(_) => "json-str",
                Value::Number(_) => "json-num",
                _ => "json-word",
            };
            let colon = key.map(|_| ": ");
            return view! { {name} {colon} <span class=class>{flat.to_string()}</span> }.into_any();
        }
    };
    let inside = parts.into_iter().map(|(key, entry)| view! { <li>{part(key, entry, level + 1)}</li> }).collect_view();
    view! {
        <details open=level < OPEN>
            <summary>{name} <span class="json-size">{size}</span></summary>
            <ul>{inside}</ul>
        </details>
    }
    .into_any()
}

fn counted(n: usize, one: &str, many: &str) -> String {
    if n == 1 { format!("1 {one}") } else { format!("{} {many}", grouped(n)) }
}
