use leptos::prelude::*;
use ui::{Icon, IconName, area_text};

/// One line of text, or several with `rows`, with its label and, in place of the help, what is wrong with it.
#[component]
pub fn TextField(
    /// Also the control's id.
    name: &'static str,
    label: &'static str,
    #[prop(into)] value: String,
    #[prop(optional)] help: Option<&'static str>,
    #[prop(default = None)] error: Option<String>,
    #[prop(default = "text")] kind: &'static str,
    #[prop(optional)] autocomplete: Option<&'static str>,
    #[prop(optional)] required: bool,
    /// Says so beside the label, in forms where not everything is.
    #[prop(optional)]
    marked: bool,
    #[prop(optional)] autofocus: bool,
    #[prop(optional)] mono: bool,
    #[prop(optional)] rows: Option<u32>,
) -> impl IntoView {
    let class = if mono { "input mono" } else { "input" };
    let is_email = kind == "email";
    let spellcheck = (mono || is_email).then_some("false");
    let invalid = error.is_some().then_some("true");
    let has_foot = help.is_some() || error.is_some();
    let foot = has_foot.then(|| format!("{name}-foot"));
    let control = match rows {
        Some(rows) => view! {
            <textarea
                class=class
                id=name
                name=name
                rows=rows
                spellcheck=spellcheck
                aria-describedby=foot.clone()
                aria-invalid=invalid
                inner_html=area_text(&value)
            ></textarea>
        }
        .into_any(),
        None => view! {
            <input
                class=class
                id=name
                name=name
                // Not "email": browsers would refuse to send addresses with accents in them.
                type=if is_email { "text" } else { kind }
                inputmode=is_email.then_some("email")
                autocapitalize=is_email.then_some("none")
                value=value
                required=required
                autofocus=autofocus
                autocomplete=autocomplete
                spellcheck=spellcheck
                aria-required=marked.then_some("true")
                aria-describedby=foot.clone()
                aria-invalid=invalid
            />
        }
        .into_any(),
    };
    view! {
        <div class="field">
            <label class="field-label" for=name>
                {label}
                {marked.then(|| view! { " " <span class="field-mark">"required"</span> })}
            </label>
            {control}
            {foot
                .map(|id| {
                    view! {
                        <div class="field-foot" id=id>
                            {match error {
                                Some(message) => {
                                    view! {
                                        <p class="field-error">
                                            <Icon name=IconName::CircleAlert />
                                            {message}
                                        </p>
                                    }
                                        .into_any()
                                }
                                None => view! { <p class="field-help">{help}</p> }.into_any(),
                            }}
                        </div>
                    }
                })}
        </div>
    }
}
