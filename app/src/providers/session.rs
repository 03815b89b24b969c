//! Who is logged in and which environments there are.

use leptos::prelude::*;

use crate::{features::accounts::Session, wire};

#[derive(Clone)]
struct Known(Option<Session>);

/// As it is when the document is made: the server knows it before it draws. Logging in or out loads a
/// new document.
pub fn provide() {
    provide_context(Known(wire::handed_in(of_this_request)));
}

/// None for guests.
pub fn use_session() -> Option<Session> {
    expect_context::<Known>().0
}

#[cfg(feature = "ssr")]
fn of_this_request() -> Option<Session> {
    crate::services::extension()
}

#[cfg(not(feature = "ssr"))]
fn of_this_request() -> Option<Session> {
    None
}
