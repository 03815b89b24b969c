//! The platform's endpoints. Each answers from the state; faults and error spelling are not their business.

mod callbacks;
mod details;
mod instance;
mod lists;
mod manage;
mod skills;
mod status;
mod trigger;
mod upload;
mod verify;

use std::sync::Arc;

pub use trigger::started;

use axum::{body::Bytes, http::request::Parts};
use serde::de::DeserializeOwned;

use crate::{
    auth::{authenticate, open_instance, require_scope, require_unrestricted},
    call::Endpoint,
    ledger::Entry,
    reply::{Answer, Refusal},
    state::State,
    world::{Instance, Key},
};

/// A request whose path and method were understood.
pub struct Asked {
    pub endpoint: Endpoint,
    pub parts: Parts,
    pub body: Bytes,
    /// The ledger's entry of a trigger.
    pub entry: Option<Arc<Entry>>,
    /// The workflow it is about, where that can be known.
    pub workflow: Option<String>,
}

impl Asked {
    /// The key, wherever it was put.
    fn key(&self, state: &State, in_query: bool) -> Result<Key, Refusal> {
        authenticate(state, &self.parts.headers, &self.parts.uri, in_query)
    }

    /// The key and the instance it opens, for the endpoints that a restricted instance key may not use.
    fn key_and_instance(&self, state: &State, instance: &str, scope: &str) -> Result<(Key, Instance), Refusal> {
        let key = self.key(state, false)?;
        require_unrestricted(state, &key)?;
        require_scope(&key, scope)?;
        let instance = open_instance(state, &key, instance)?;
        Ok((key, instance))
    }

    fn json<T: DeserializeOwned>(&self) -> Result<T, Refusal> {
        serde_json::from_slice(&self.body).map_err(|error| Refusal::invalid(format!("Invalid request body: {error}")))
    }
}

/// Answers a request.
///
/// # Errors
/// When the platform would refuse it.
pub async fn answer(state: &State, asked: &Asked) -> Answer {
    match &asked.endpoint {
        Endpoint::Trigger { instance, workflow } => trigger::answer(state, asked, instance, workflow),
        Endpoint::Status { instance, execution } => status::answer(state, asked, instance, execution),
        Endpoint::Skills { instance } => skills::answer(state, asked, instance),
        Endpoint::Executions { instance } => lists::executions(state, asked, instance),
        Endpoint::Details { instance, execution } => details::answer(state, asked, instance, execution),
        Endpoint::Instance => instance::answer(state, asked),
        Endpoint::Instances => lists::instances(state, asked),
        Endpoint::Verify => verify::answer(state, asked),
        Endpoint::Activate => manage::switch(state, asked, true),
        Endpoint::Deactivate => manage::switch(state, asked, false),
        Endpoint::Projects => manage::projects(state, asked),
        Endpoint::Project => manage::project(state, asked),
        Endpoint::Metadata => manage::metadata(state, asked),
        Endpoint::CreateExecution => callbacks::create(state, asked),
        Endpoint::SubmitResult => callbacks::result(state, asked),
        Endpoint::SubmitError => callbacks::error(state, asked),
        Endpoint::Upload => upload::answer(state, asked).await,
        Endpoint::Embedding => callbacks::embedding(asked),
    }
}
