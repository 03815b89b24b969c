use js_sys::{Array, try_iter};
use leptos::prelude::document;
use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlElement, HtmlFormElement};

/// The names and values of a form's controls as they are now; files are left out.
pub fn read_form(form: &HtmlFormElement) -> Vec<(String, String)> {
    let Ok(data) = FormData::new_with_form(form) else {
        return Vec::new();
    };
    let Ok(Some(entries)) = try_iter(&data.entries()) else {
        return Vec::new();
    };
    entries
        .filter_map(|entry| {
            let pair: Array = entry.ok()?.dyn_into().ok()?;
            Some((pair.get(0).as_string()?, pair.get(1).as_string()?))
        })
        .collect()
}

/// Brings the first control with a mistake into view and puts the focus there. Call it once the
/// messages are on the page, for example from an effect.
pub fn focus_first_error(form: &HtmlFormElement) {
    let Ok(Some(control)) = form.query_selector("[aria-invalid='true']") else {
        return;
    };
    let mut around = control.parent_element();
    while let Some(element) = around {
        if element.tag_name() == "DETAILS" {
            let _ = element.set_attribute("open", "");
        }
        around = element.parent_element();
    }
    // A group of radios takes no focus itself.
    let target = match control.tag_name().as_str() {
        "FIELDSET" => control.query_selector("input").ok().flatten().unwrap_or(control),
        _ => control,
    };
    if let Ok(target) = target.dyn_into::<HtmlElement>()
        && document().contains(Some(&target))
    {
        let _ = target.focus();
    }
}
