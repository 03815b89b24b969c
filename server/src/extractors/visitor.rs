//! Who asks, and what a page for them needs.

use std::convert::Infallible;

use app::{
    Theme,
    error::AppError,
    services::{RequestId, app_error},
};
use axum::{
    body::Body,
    extract::{FromRequestParts, Request},
    http::{HeaderValue, StatusCode, Uri, header, request::Parts},
};
use engine::{Access, EngineError, LogIn};

use crate::middleware::client::ClientAddress;

pub struct Visitor {
    /// None for guests.
    pub who: Option<Access>,
    /// Where they ask from, for the limit on failed log-ins.
    pub address: String,
    user_agent: String,
    id: Option<RequestId>,
    pub theme: Option<Theme>,
}

impl<S: Sync> FromRequestParts<S> for Visitor {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let known = &parts.extensions;
        Ok(Self {
            who: known.get().cloned(),
            address: known.get::<ClientAddress>().map(|client| client.0.to_string()).unwrap_or_default(),
            user_agent: text(parts.headers.get(header::USER_AGENT)),
            id: known.get().cloned(),
            theme: known.get().copied(),
        })
    }
}

fn text(value: Option<&HeaderValue>) -> String {
    value.and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

impl Visitor {
    /// A log-in from where they are.
    pub fn logs_in(&self) -> LogIn<'_> {
        LogIn { address: &self.address, user_agent: &self.user_agent, ..LogIn::default() }
    }

    /// Words and status of a refusal, with the id under which the log has it.
    pub fn refused(&self, error: EngineError) -> (StatusCode, AppError) {
        let (status, mut refused) = app_error(error);
        if status.is_server_error() {
            refused.request_id = self.id.clone().map(|id| id.0);
        }
        (status, refused)
    }

    /// A request of the same person for the page at `uri`.
    pub fn asks_for(self, uri: Uri) -> Request {
        let mut request = Request::new(Body::empty());
        *request.uri_mut() = uri;
        let known = request.extensions_mut();
        if let Some(who) = self.who {
            known.insert(who);
        }
        if let Some(id) = self.id {
            known.insert(id);
        }
        if let Some(theme) = self.theme {
            known.insert(theme);
        }
        request
    }
}
