//! Who is logged in and which environments there are.

use leptos::prelude::*;

use crate::{
    error::AppError,
    features::accounts::{Session, current_session},
    wire::{self, Plain},
};

/// The session as it was when the document was loaded; logging in or out loads a new document.
#[derive(Clone, Copy)]
pub struct SessionState(Resource<Result<Option<Session>, AppError>, Plain>);

pub fn provide() {
    provide_context(SessionState(wire::resource(|| (), |()| current_session())));
}

pub fn use_session() -> SessionState {
    expect_context()
}

impl SessionState {
    /// Waits until it is known; none for guests.
    pub async fn ready(self) -> Option<Session> {
        self.0.await.ok().flatten()
    }

    /// None while it loads and for guests.
    pub fn get(self) -> Option<Session> {
        self.0.get().and_then(Result::ok).flatten()
    }
}
