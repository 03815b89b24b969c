use std::time::Instant;

use http::{
    HeaderName, HeaderValue,
    header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE},
};
use reqwest::{Method, RequestBuilder};
use serde::Serialize;

use super::Client;
use crate::{
    Key, NotSentReason, PathStyle, id,
    path::Endpoint,
    transport::{self, Answer, Lost},
};

/// A call that can be sent as soon as the path style is known.
pub(super) struct Call {
    endpoint: Endpoint,
    key: (HeaderName, HeaderValue),
    /// Encoded segments after the first.
    path: Vec<String>,
    query: Vec<(&'static str, String)>,
    body: Option<Vec<u8>>,
}

impl Call {
    /// A `GET`, unless a body is added.
    pub fn new(endpoint: Endpoint, key: Option<&Key>, ids: &[&str]) -> Result<Self, Lost> {
        let Some(key) = key else {
            return Err(Lost::unsendable(NotSentReason::NoKey, "no key is configured for this call"));
        };
        let path = ids.iter().map(|id| id::encoded(id)).collect::<Result<_, _>>();
        let path = path.map_err(|error| Lost::unsendable(NotSentReason::Unsendable, error.to_string()))?;
        Ok(Self { endpoint, key: key.header(), path, query: Vec::new(), body: None })
    }

    pub fn query(mut self, name: &'static str, value: Option<impl ToString>) -> Self {
        self.query.extend(value.map(|value| (name, value.to_string())));
        self
    }

    /// Makes it a `POST` of JSON, or of nothing but with the headers of JSON.
    pub fn post(mut self, body: Vec<u8>) -> Self {
        self.body = Some(body);
        self
    }

    pub fn post_json(self, body: &impl Serialize) -> Result<Self, Lost> {
        let body = serde_json::to_vec(body);
        let body = body.map_err(|error| Lost::unsendable(NotSentReason::Unsendable, error.to_string()))?;
        Ok(self.post(body))
    }

    pub fn body_len(&self) -> usize {
        self.body.as_ref().map_or(0, Vec::len)
    }
}

impl Client {
    /// Sends with the pooled client.
    pub(super) async fn read(&self, call: Call) -> Result<Answer, Lost> {
        let style = self.decided_style().await;
        let endpoint = call.endpoint;
        let request = self.spelled(&self.inner.read_http, call, style);
        self.exchange(endpoint, request, self.config().caps.response).await
    }

    pub(super) fn spelled(&self, http: &reqwest::Client, call: Call, style: PathStyle) -> RequestBuilder {
        let first = call.endpoint.segment(style);
        let mut url = self.config().base_url.join([first].into_iter().chain(call.path.iter().map(String::as_str)));
        if !call.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&call.query);
        }
        let method = if call.body.is_some() { Method::POST } else { Method::GET };
        let (name, value) = call.key;
        let request = http.request(method, url).header(ACCEPT, "application/json").header(name, value);
        match call.body {
            // The HTTP client would leave the length of nothing out, which some servers refuse.
            Some(body) if body.is_empty() => request.header(CONTENT_TYPE, "application/json").header(CONTENT_LENGTH, 0),
            Some(body) => request.header(CONTENT_TYPE, "application/json").body(body),
            None => request,
        }
    }

    pub(super) async fn exchange(
        &self,
        endpoint: Endpoint,
        request: RequestBuilder,
        cap: usize,
    ) -> Result<Answer, Lost> {
        let started = Instant::now();
        let outcome = transport::exchange(request, cap, self.config().base_url.is_https()).await;
        let elapsed_ms = started.elapsed().as_millis() as u64;
        match &outcome {
            Ok(answer) => tracing::debug!(?endpoint, status = answer.status.as_u16(), elapsed_ms, "answered"),
            Err(lost) => {
                tracing::debug!(?endpoint, failure = ?lost.failure, detail = lost.detail, elapsed_ms, "no answer")
            }
        }
        outcome
    }
}
