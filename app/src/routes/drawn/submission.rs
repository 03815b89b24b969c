//! A form as a browser would send it.

use wasm_bindgen::JsCast;
use web_sys::{FormData, HtmlFormElement, SubmitEvent, UrlSearchParams};

pub struct Submission {
    /// Empty for the address that is shown.
    pub action: String,
    pub is_post: bool,
    /// Controls and button, urlencoded.
    pub typed: String,
    pub button: Option<web_sys::HtmlElement>,
}

/// None: the browser sends it by itself, because it leads elsewhere or is answered with a file (`data-plain`).
pub fn read(event: &SubmitEvent) -> Option<Submission> {
    let form = event.target()?.dyn_into::<HtmlFormElement>().ok()?;
    let button = event.submitter();
    // Not the element's properties: a control of that name would stand in their place.
    let said = |of_button: &str, of_form: &str| {
        let said = button.as_ref().and_then(|button| button.get_attribute(of_button));
        said.or_else(|| form.get_attribute(of_form)).unwrap_or_default()
    };
    let method = said("formmethod", "method").to_ascii_lowercase();
    let encoding = said("formenctype", "enctype");
    if event.default_prevented()
        || method == "dialog"
        || !said("formtarget", "target").is_empty()
        || !["", "application/x-www-form-urlencoded"].contains(&encoding.as_str())
        || form.has_attribute("data-plain")
    {
        return None;
    }
    let data = FormData::new_with_form(&form).ok()?;
    if let Some(button) = &button
        && let Some(name) = button.get_attribute("name")
    {
        data.append_with_str(&name, &button.get_attribute("value").unwrap_or_default()).ok()?;
    }
    let typed = UrlSearchParams::new_with_str_sequence_sequence(&data).ok()?.to_string().into();
    Some(Submission { action: said("formaction", "action"), is_post: method == "post", typed, button })
}
