use leptos::prelude::*;

/// A moment as a workflow sent it (ISO 8601 with a zone). The browser then puts it into the reader's
/// own time zone.
#[component]
pub fn Timestamp(#[prop(into)] iso: String) -> impl IntoView {
    let text = RwSignal::new(plain(&iso));
    #[cfg(feature = "hydrate")]
    {
        let iso = iso.clone();
        Effect::new(move |_| {
            if let Some(local) = local(&iso) {
                text.set(local);
            }
        });
    }
    let exact = plain(&iso);
    view! {
        <time datetime=iso title=exact>
            {text}
        </time>
    }
}

/// "2026-03-04T14:30:01.000Z" → "2026-03-04 14:30:01 UTC".
fn plain(iso: &str) -> String {
    let (day, rest) = iso.split_at_checked(10).unwrap_or((iso, ""));
    let time = rest.get(1..).unwrap_or_default();
    let end = time.find(['Z', 'z', '+', '-']).unwrap_or(time.len());
    let (clock, zone) = time.split_at(end);
    let clock = clock.split('.').next().unwrap_or_default();
    let zone = if matches!(zone, "Z" | "z" | "") { "UTC" } else { zone };
    format!("{day} {clock} {zone}")
}

#[cfg(feature = "hydrate")]
fn local(iso: &str) -> Option<String> {
    let date = js_sys::Date::new(&iso.into());
    if date.get_time().is_nan() {
        return None;
    }
    Some(String::from(date.to_locale_string("default", &wasm_bindgen::JsValue::UNDEFINED)))
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn times_read_without_their_punctuation() {
        assert_eq!(plain("2026-03-04T14:30:01.000Z"), "2026-03-04 14:30:01 UTC");
        assert_eq!(plain("2026-03-04 14:30+02:00"), "2026-03-04 14:30 +02:00");
        assert_eq!(plain("odd"), "odd  UTC");
    }
}
