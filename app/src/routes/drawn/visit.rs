//! Drawn pages without a new document: what the server drew is asked for and put in place, and its forms are sent
//! the same way.

use std::rc::Rc;

use leptos::{prelude::*, task::spawn_local};
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_url},
    location::Url,
};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Element, HtmlElement, SubmitEvent};

use super::{
    Place,
    part::{Answer, ask},
    submission,
};
use crate::{components::heading, error::AppError};

/// What a page says about the form that was sent.
const SAID: &str = "[role='status'][tabindex]";
const MISTAKE: &str = "[aria-invalid='true']";
const REFUSED: &str = "[role='alert'][tabindex]";
const HEADING: &str = "h1";

type Navigate = dyn Fn(&str, NavigateOptions);

#[derive(Clone)]
struct Visits {
    place: Place,
    /// Path and query of what is shown or on its way.
    here: StoredValue<String>,
    /// Path and query of what is shown.
    shown: StoredValue<String>,
    /// Counts what was asked: only the newest answer counts.
    asked: StoredValue<u32>,
    sending: StoredValue<bool>,
    /// A form was sent, and the page that comes next answers it.
    sent: StoredValue<bool>,
    navigate: Rc<Navigate>,
}

/// Follows the address. Returns what is done with the page's forms.
pub fn follow(place: Place, came_with_document: bool) -> impl Fn(SubmitEvent) + 'static {
    let visits = Visits {
        place,
        here: StoredValue::new(String::new()),
        shown: StoredValue::new(String::new()),
        asked: StoredValue::new(0),
        sending: StoredValue::new(false),
        sent: StoredValue::new(false),
        navigate: Rc::new(use_navigate()),
    };
    // Of this route: it does not say where the browser goes when it leaves.
    let url = use_url();
    let follower = visits.clone();
    Effect::new(move |before: Option<(String, String)>| {
        // A page that goes may be told of its address once more.
        let Some(now) = url.try_with(|url| (address(url), url.hash().to_owned())) else {
            return before.unwrap_or_default();
        };
        follower.here.set_value(now.0.clone());
        // A jump within the page loads nothing; the very same address does.
        let jumps = before.as_ref().is_some_and(|before| before.0 == now.0 && before.1 != now.1);
        if before.is_none() && came_with_document {
            heading::shows(path(&now.0));
            follower.shown.set_value(now.0.clone());
        } else if !jumps {
            follower.clone().visit(now.0.clone());
        }
        now
    });
    move |event| visits.submit(&event)
}

fn address(url: &Url) -> String {
    let (path, search) = (url.path(), url.search());
    if search.is_empty() { path.to_owned() } else { format!("{path}?{search}") }
}

fn path(address: &str) -> &str {
    address.split('?').next().unwrap_or_default()
}

impl Visits {
    fn visit(self, address: String) {
        let number = self.next();
        spawn_local(async move {
            let answer = ask(&address, None).await;
            if self.is_old(number) {
                return;
            }
            match answer {
                Ok(Answer::Page { title, html }) => {
                    let other = heading::shows(path(&address));
                    let answers = self.sent.try_update_value(std::mem::take).unwrap_or_default();
                    self.show(title, &html, if other || answers { &[SAID, HEADING] } else { &[] });
                }
                Ok(Answer::Go { to, reload }) => self.go_to(&to, reload, true),
                Ok(Answer::Foreign) => self.leave(&address),
                // The heading of its own takes the focus.
                Err(error) => {
                    self.show(String::new(), "", &[]);
                    self.place.error.set(Some(error));
                }
            }
        });
    }

    fn submit(&self, event: &SubmitEvent) {
        let Some(form) = submission::read(event) else { return };
        event.prevent_default();
        let action = if form.action.is_empty() { self.here.get_value() } else { form.action };
        if !form.is_post {
            self.go_to(&format!("{}?{}", path(&action), form.typed), false, false);
            return;
        }
        if self.sending.get_value() {
            return;
        }
        self.sending.set_value(true);
        if let Some(button) = &form.button {
            let _ = button.set_attribute("aria-busy", "true");
        }
        let (visits, number) = (self.clone(), self.next());
        spawn_local(async move {
            let answer = ask(&action, Some(&form.typed)).await;
            let _ = visits.sending.try_set_value(false);
            if let Some(button) = &form.button {
                let _ = button.remove_attribute("aria-busy");
            }
            if !visits.is_old(number) {
                visits.answered(answer);
            }
        });
    }

    fn answered(&self, answer: Result<Answer, AppError>) {
        match answer {
            Ok(Answer::Page { title, html }) => self.show(title, &html, &[MISTAKE, REFUSED, SAID, HEADING]),
            Ok(Answer::Go { to, reload }) => {
                self.sent.set_value(true);
                self.go_to(&to, reload, false);
            }
            // It was done; what came is no page.
            Ok(Answer::Foreign) => load(&self.here.get_value()),
            Err(error) => {
                self.place.notice.set(Some(error));
                request_animation_frame(|| focus(document().query_selector("main [role='alert']").ok().flatten()));
            }
        }
    }

    fn go_to(&self, to: &str, reload: bool, replace: bool) {
        if reload {
            load(to);
        } else if self.here.with_value(|here| here == to) {
            // For the router nothing changes.
            self.clone().visit(to.to_owned());
        } else {
            (self.navigate)(to, NavigateOptions { replace, ..NavigateOptions::default() });
        }
    }

    /// The router has put the address into the bar, where a new document at the same address would count as this
    /// one, and the way back would lead to nothing.
    fn leave(&self, address: &str) {
        let shown = self.shown.get_value();
        if let (Ok(history), false) = (window().history(), shown.is_empty()) {
            let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&shown));
        }
        load(address);
    }

    /// The focus goes to the first of `wanted` that is there. Where it was in what goes, it stays on the control of
    /// the same id, or goes to the heading.
    fn show(&self, title: String, html: &str, wanted: &[&str]) {
        let place = self.place;
        let Some(element) = place.element.get_untracked() else { return };
        let focused = document().active_element().filter(|active| element.contains(Some(active)));
        place.error.set(None);
        place.notice.set(None);
        place.loading.set(false);
        place.title.set(title);
        self.shown.set_value(self.here.get_value());
        element.set_inner_html(html);
        let find = |what: &str| element.query_selector(what).ok().flatten();
        focus(wanted.iter().find_map(|what| find(what)).or_else(|| {
            let id = focused?.id();
            document().get_element_by_id(&id).filter(|_| !id.is_empty()).or_else(|| find(HEADING))
        }));
    }

    fn next(&self) -> u32 {
        self.asked.update_value(|asked| *asked = asked.wrapping_add(1));
        self.asked.get_value()
    }

    /// Something else was asked meanwhile, or the page is gone.
    fn is_old(&self, number: u32) -> bool {
        self.asked.try_get_value() != Some(number)
    }
}

fn focus(element: Option<Element>) {
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        let _ = element.focus();
    }
}

/// A new document.
fn load(address: &str) {
    let _ = window().location().assign(address);
}
